// Signs with @aws-sdk/cloudfront-signer what stdin asks for as one JSON document.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package is installed under target/, not beside this file.
const require = createRequire(process.argv[2] + "/");
const { getSignedCookies, getSignedUrl } = require("@aws-sdk/cloudfront-signer");

const iso = (seconds) => (seconds == null ? undefined : new Date(seconds * 1000).toISOString());
// With a pattern for a resource the policy is the caller's affair.
const policy = (c) =>
  JSON.stringify({
    Statement: [
      {
        Resource: c.resource,
        Condition: {
          DateLessThan: { "AWS:EpochTime": c.expires },
          ...(c.notBefore == null ? {} : { DateGreaterThan: { "AWS:EpochTime": c.notBefore } }),
          ...(c.ip == null ? {} : { IpAddress: { "AWS:SourceIp": c.ip.includes("/") ? c.ip : `${c.ip}/32` } }),
        },
      },
    ],
  });
const terms = (c) =>
  c.resource == null
    ? { dateLessThan: iso(c.expires), dateGreaterThan: iso(c.notBefore), ipAddress: c.ip ?? undefined }
    : { policy: policy(c) };
const arguments_ = (c) => ({
  url: c.url,
  keyPairId: c.keyPairId,
  privateKey: readFileSync(c.privateKey, "utf8"),
  algorithm: c.hash,
  ...terms(c),
});
const { task, cases } = JSON.parse(readFileSync(0, "utf8"));
const sign = task === "cookies" ? getSignedCookies : getSignedUrl;
process.stdout.write(JSON.stringify(cases.map((c) => sign(arguments_(c)))));

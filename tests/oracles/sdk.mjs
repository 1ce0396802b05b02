// Signs with @aws-sdk/cloudfront-signer what stdin asks for as one JSON document.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package is installed under target/, not beside this file.
const require = createRequire(process.argv[2] + "/");
const { getSignedCookies, getSignedUrl } = require("@aws-sdk/cloudfront-signer");

const iso = (seconds) => (seconds == null ? undefined : new Date(seconds * 1000).toISOString());
const arguments_ = (c) => ({
  url: c.url,
  keyPairId: c.keyPairId,
  privateKey: readFileSync(c.privateKey, "utf8"),
  dateLessThan: iso(c.expires),
  dateGreaterThan: iso(c.notBefore),
  ipAddress: c.ip ?? undefined,
  algorithm: c.hash,
});
const { task, cases } = JSON.parse(readFileSync(0, "utf8"));
const sign = task === "cookies" ? getSignedCookies : getSignedUrl;
process.stdout.write(JSON.stringify(cases.map((c) => sign(arguments_(c)))));

// What CloudFront's five codes come from, and what to do, in a sentence.

const BY_REASON = {
  "malformed-url": "The URL holds what must be percent-encoded.",
  "duplicate-parameter": "A signing parameter is in the query twice. Something has signed a URL that was signed already.",
  "no-key-pair-id": "The request carries no signature. A relative URI of a playlist does not inherit the query, and cookies may not have been sent.",
  "key-pair-id-not-an-id": "Key-Pair-Id must be CloudFront’s id of the public key, not the key itself.",
  "unknown-key": "No key that this gateway trusts has this id. Look at the trusted key group of the behaviour and at public-keys.",
  "no-signature": "The signature is missing.",
  "signature-not-decodable": "The signature was damaged on its way, often by a tool that decodes or encodes URLs.",
  "no-expires-or-policy": "There is a key but no policy: part of the query or a cookie got lost.",
  "policy-not-decodable": "The policy was damaged on its way, often by a tool that decodes or encodes URLs.",
  "signature-mismatch": "Policy and signature do not belong together: another key, another hash, or a URL that was changed after it was signed.",
  "not-yet-valid": "It is too early. Compare the clock of whoever signed it.",
  expired: "It is too late: the signature has run out. A player has to renew it in time.",
  "ip-mismatch": "The viewer comes from another address than the one that it was signed for.",
  "resource-mismatch": "It was signed for another URL than this one.",
};

const BY_CODE = {
  MissingKey: "The request carries no key-pair id that is one.",
  InvalidKey: "The key is not trusted.",
  MalformedSignature: "The signature cannot be read.",
  MalformedPolicy: "The policy cannot be read, or says what CloudFront does not take.",
  AccessDenied: "The signature does not allow this request.",
};

/** What a denial means for whoever has to mend it. */
export const ofDenial = (code, reason) => BY_REASON[reason] ?? BY_CODE[code] ?? "";

/** What nobody can be asked. */
export const NO_URL = {
  word: "This is not a URL of a request",
  about: "Paste the whole URL and nothing else: no command, no path alone.",
};

/** What CloudFront is never asked. */
export const LINK = {
  word: "This is a link to the gateway, not to CloudFront: ask it, its answer says why",
  about: "A link ends with its session, too, which only the gateway knows. The checks below are of its signature alone.",
};

/** What each check asks. */
export const CHECKS = {
  request: "Request",
  "key-pair-id": "Key-pair id",
  key: "Trusted key",
  "signature-decodable": "Signature is readable",
  hash: "Hash",
  policy: "Policy",
  signature: "Signature",
  "not-before": "Start",
  expiry: "End",
  ip: "Address",
  resource: "URL",
};

/** Seconds since 1970-01-01T00:00:00Z, a whole number. Never milliseconds: they are refused. */
export type EpochSeconds = number;

/** Hash under a signature. CloudFront assumes SHA-1 unless `Hash-Algorithm` says otherwise; `sha256` adds it. */
export type Hash = "sha1" | "sha256";

/** What a signature allows. */
export interface Terms {
  /** First second in which it no longer holds. */
  expiresAt: EpochSeconds;
  /** Last second in which it does not hold yet. Makes the policy a custom one. */
  notBefore?: EpochSeconds | null;
  /** IPv4 address or CIDR range that may use it. Makes the policy a custom one. */
  ipAddress?: string | null;
  /** Resource pattern to sign instead of the URL, which must match it. */
  resource?: string | null;
  /** Accept a wildcard in the domain of the resource. Default: false. */
  allowWildcardDomain?: boolean;
  /** Default: `sha256`. */
  hash?: Hash;
  /** The clock by which what has expired is refused. Default: the machine's; `null` signs the past on purpose. */
  now?: EpochSeconds | null;
}

/** Attributes of the cookies. */
export interface CookieAttributes {
  /** `Domain`, without which the cookies go only to the host that sets them. */
  domain?: string;
  /** `Path` prefix the cookies are sent under. */
  path?: string;
  /** Sent over https only. Default: true. */
  secure?: boolean;
  /** Hidden from scripts. Default: true. */
  httpOnly?: boolean;
  sameSite?: "Strict" | "Lax" | "None";
}

/** One `Set-Cookie`. */
export interface SignedCookie {
  /** Name, for example `CloudFront-Policy`. */
  name: string;
  /** Value in CloudFront's alphabet. */
  value: string;
  /** The complete header value with its attributes. */
  header: string;
}

/** A value that breaks a rule, named so that a person can mend it. Holds no secret. */
export class InvalidFieldError extends Error {
  constructor(field: string, rule: string);
  readonly name: "InvalidFieldError";
  /** The field as the contract names it, for example `url`, `expires-at` or `pem`. */
  readonly field: string;
  /** The rule that was broken, as a sentence without a final period. */
  readonly rule: string;
}

/** A private key, parsed and checked once. Every method throws {@link InvalidFieldError} for what it refuses. */
export class Signer {
  /** Takes CloudFront's id of the public key and a PKCS#1, PKCS#8 or SEC1 PEM of an RSA-2048 or P-256 key. */
  constructor(keyPairId: string, pem: string);
  readonly algorithm: "rsa-2048" | "ecdsa-p256";
  /** Signs one URL, with a canned policy where the terms allow it. The URL is judged, never changed. */
  signUrl(url: string, terms: Terms): string;
  /** Signs many URLs with one signature. Needs a `resource` in the terms that every URL matches. */
  signUrls(urls: Iterable<string>, terms: Terms): string[];
  /** Makes the cookies that allow a URL, or the resource of the terms. */
  signCookies(url: string, terms: Terms, attributes?: CookieAttributes): SignedCookie[];
  /** Takes the key out of the component's memory. Also there as `Symbol.dispose`, for `using`, where that exists. */
  dispose(): void;
}

/** A public key the behaviour trusts. */
export interface TrustedKey {
  /** CloudFront's public-key id. */
  keyPairId: string;
  /** SubjectPublicKeyInfo PEM of an RSA-2048 or P-256 key. */
  publicKey: string;
}

/** A request as it came in. Nothing is decoded or normalised. */
export interface EdgeRequest {
  /** `scheme://host/path?query`, the path and query as on the wire. */
  url: string;
  /** Values of the `Cookie` headers, in order. Default: none. */
  cookies?: Iterable<string>;
  /** Peer address in text. Without it, nothing that is bound to an address is allowed. */
  clientIp?: string | null;
  /** The edge's clock. Default: the machine's. */
  now?: EpochSeconds;
}

/** The code CloudFront answers with, always with status 403. */
export type DenialCode = "MissingKey" | "InvalidKey" | "MalformedSignature" | "MalformedPolicy" | "AccessDenied";

/** Allow, or deny with CloudFront's code, a stable finer reason such as `expired`, and a sentence for people. */
export type Verdict = { allowed: true } | { allowed: false; code: DenialCode; reason: string; detail: string };

/** One step of the verification, for people. */
export interface Check {
  /** Short stable name, for example `signature`. */
  name: string;
  /** Whether it held; `null` if it was not reached or does not apply. */
  passed: boolean | null;
  /** What was seen, without any signature. */
  detail: string;
}

/** The verdict with everything that led to it. */
export interface Report {
  verdict: Verdict;
  /** `null` when the request is unsigned. */
  carrier: string | null;
  /** The policy that was verified, as JSON text. */
  policy: string | null;
  /** When the signature stops to hold. */
  expiresAt: EpochSeconds | null;
  /** Every check in the order it was made. */
  checks: Check[];
}

/** A set of trusted keys, parsed and checked once. */
export class Verifier {
  /** `strict` denies what CloudFront's documents leave open. Throws {@link InvalidFieldError} for a bad key or id. */
  constructor(keys: Iterable<TrustedKey>, options?: { strict?: boolean });
  /** Allows or denies. */
  verify(request: EdgeRequest): Verdict;
  /** The same, with every check spelled out. */
  explain(request: EdgeRequest): Report;
  dispose(): void;
}

/**
 * Whether the path has a dot segment, plain or encoded. A signature for `/a/*` covers `/a/../b`, as CloudFront compares
 * bytes, and an origin that resolves paths would serve `/b`: refuse such requests in front of it.
 */
export function hasDotSegments(url: string): boolean;

/**
 * The URL to verify, out of a request as it came in: `http` or `https`, the `Host` header, and the target with its query.
 * `null` unless the host is a name or address with or without a port, and the target begins with exactly one slash:
 * refuse such requests, as their URL would not be the one that is served.
 */
export function requestUrl(scheme: string, host: string | null | undefined, target: string): string | null;

/** Removes the signing parameters of a URL, so that an origin and a cache key never see them. */
export function strip(url: string): string;

// Public keys as CloudFront takes them.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A key whose private half was thrown away when it was made. With it templates can be looked at before there is one. */
export const SAMPLE_KEY = readFileSync(resolve(import.meta.dirname, '../keys/sample.public.pem'), 'utf8');

/** Whether the text is one PEM public key of a kind that CloudFront accepts, and nothing else. */
export function isPublicKey(pem: string): boolean {
  // Node would also derive a public key from a private one, which must not come near a template.
  if (!/^-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----\s*$/.test(pem)) return false;
  try {
    const key = createPublicKey(pem);
    const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
    return (key.asymmetricKeyType === 'rsa' && modulusLength === 2048)
      || (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1');
  } catch {
    return false;
  }
}

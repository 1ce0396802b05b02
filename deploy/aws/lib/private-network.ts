// Networks that a VPC may have here.

/** First address and length of the networks that are nobody's on the internet (RFC 1918). */
const PRIVATE = [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]] as const;

/** Whether the text is a private IPv4 network of /16 to /22, by its first address. */
export function isPrivateNetwork(text: string): boolean {
  const [, address, bits] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d\d)$/.exec(text) ?? [];
  const length = Number(bits);
  if (address === undefined || length < 16 || length > 22) return false;
  const octets = address.split('.');
  if (octets.some((octet) => Number(octet) > 255 || String(Number(octet)) !== octet)) return false;
  return number(address) % 2 ** (32 - length) === 0
    && PRIVATE.some(([first, bits]) => Math.floor(number(address) / 2 ** (32 - bits)) === Math.floor(number(first) / 2 ** (32 - bits)));
}

function number(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

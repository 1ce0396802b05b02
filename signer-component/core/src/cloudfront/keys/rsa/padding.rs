//! What is signed for a message: EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).

use crate::cloudfront::keys::{Hash, private::digest};

/// Bytes of the modulus.
const LENGTH: usize = 256;

/// Names of the hash functions in front of their digests, from note 1 of that section.
const SHA1: &[u8] =
    &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
const SHA256: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// The digest of the message behind its name and padding, as long as the modulus.
pub(super) fn padded(message: &[u8], hash: Hash) -> Vec<u8> {
    let name = match hash {
        Hash::Sha1 => SHA1,
        Hash::Sha256 => SHA256,
    };
    let digest = digest(message, hash);
    let padding = LENGTH - 3 - name.len() - digest.len();
    [&[0, 1], vec![0xff; padding].as_slice(), &[0], name, &digest].concat()
}

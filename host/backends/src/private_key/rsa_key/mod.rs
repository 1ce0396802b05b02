//! RSA signatures by AWS-LC, for both hashes: the one place where code here calls C.
//!
//! `aws-lc-rs` signs with SHA-256 and longer hashes only, and CloudFront's default is SHA-1. The function that it calls
//! in the end, [`RSA_sign`], signs both, so this calls the same library without the crate in between. `RSA_sign` blinds
//! the private operation, and checks every result with the public exponent before it hands it out, so that a fault in
//! the arithmetic gives an error and not a signature that tells the key (`rsa_default_private_transform` in AWS-LC's
//! `rsa_impl.c`).
#![expect(unsafe_code, reason = "AWS-LC's SHA-1 signatures have no safe interface")]

use std::{ffi::c_uint, ptr::NonNull};

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_sys::{
    NID_sha1, NID_sha256, RSA, RSA_bits, RSA_free, RSA_private_key_from_bytes, RSA_sign,
};

use crate::ports::Hash;

#[cfg(test)]
mod tests;

/// The only modulus CloudFront accepts.
pub(super) const BITS: u32 = 2048;

/// As long as the modulus.
const SIGNATURE_BYTES: usize = BITS as usize / 8;

/// A private key with a modulus of [`BITS`] bits, in AWS-LC's memory, which AWS-LC wipes when it is given back.
pub(super) struct RsaKey(NonNull<RSA>);

// SAFETY: nothing in AWS-LC ties an `RSA` to the thread that made it: its memory is from the heap and its reference
// count is atomic.
unsafe impl Send for RsaKey {}

// SAFETY: of the functions that are called with a shared `RsaKey`, `RSA_bits` only reads, and `RSA_sign` is among those
// that `openssl/rsa.h` declares "non-mutating for thread-safety purposes": what it caches is behind a lock of the key's.
unsafe impl Sync for RsaKey {}

/// Why a key was refused.
pub(super) enum Refused {
    /// It is not a PKCS#1 private key, or its numbers do not belong together.
    Unreadable,
    /// It is one, of another length than [`BITS`].
    Length,
}

impl RsaKey {
    /// Reads a PKCS#1 `RSAPrivateKey` and checks that its numbers belong together.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Refused> {
        // SAFETY: the pointer and the length are those of one slice, which the function only reads and does not keep.
        let key = unsafe { RSA_private_key_from_bytes(der.as_ptr(), der.len()) };
        let key = Self(NonNull::new(key).ok_or(Refused::Unreadable)?);
        // SAFETY: the pointer is that of a key that was just made, and the function only reads it.
        let bits = unsafe { RSA_bits(key.0.as_ptr()) };
        if bits == BITS { Ok(key) } else { Err(Refused::Length) }
    }

    /// Signs with PKCS#1 v1.5. `None` means that the library refused, which no key that was read gives cause for.
    pub(super) fn sign(&self, message: &[u8], hash: Hash) -> Option<Vec<u8>> {
        let (algorithm, identifier) = match hash {
            Hash::Sha1 => (&SHA1_FOR_LEGACY_USE_ONLY, NID_sha1),
            Hash::Sha256 => (&SHA256, NID_sha256),
        };
        let digest = digest::digest(algorithm, message);
        let mut signature = vec![0; SIGNATURE_BYTES];
        let mut written: c_uint = 0;
        // SAFETY: the digest is as long as is said. The function writes as many bytes as the modulus has, which are
        // those of `signature`, for `from_pkcs1` refused every other modulus, and their number to `written`. The key is
        // alive, for `self` owns it, and that the function takes it as mutable is for its own locked caches.
        let signed = unsafe {
            RSA_sign(
                identifier,
                digest.as_ref().as_ptr(),
                digest.as_ref().len(),
                signature.as_mut_ptr(),
                &raw mut written,
                self.0.as_ptr(),
            )
        };
        let complete = usize::try_from(written) == Ok(SIGNATURE_BYTES);
        (signed == 1 && complete).then_some(signature)
    }
}

impl Drop for RsaKey {
    fn drop(&mut self) {
        // SAFETY: the key came from the library, nobody else has the pointer, and nobody can use it after this.
        unsafe { RSA_free(self.0.as_ptr()) }
    }
}

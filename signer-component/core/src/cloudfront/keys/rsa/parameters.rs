//! What a key file says beside primes and exponents.

use rsa::{
    BoxedUint, PrivateKey,
    pkcs1::{RsaPrivateKeyRef, UintRef, der::Decode as _},
    traits::PrivateKeyParts as _,
};
use zeroize::Zeroizing;

use super::{integer, montgomery::Prime};

/// Whether `exponent1`, `exponent2` and `coefficient` of a PKCS#1 file (RFC 8017, appendix A.1.2) are those of its key.
///
/// The crate `rsa` computes them anew and does not look. But in a file where they are wrong, something else may be, and
/// other programs sign with them. Zero stands for what was left out by programs that know no more than `d`.
pub(in super::super) fn agree(file: &[u8], key: &PrivateKey) -> bool {
    let Ok(file) = RsaPrivateKeyRef::from_der(file) else { return false };
    let same = |said: UintRef<'_>, is: Option<&BoxedUint>| {
        let said = said.as_bytes();
        let fits = said.len() <= size_of::<Prime>();
        let said: Zeroizing<Prime> = Zeroizing::new(integer::from_bytes(said));
        let is =
            is.map(|is| Zeroizing::new(integer::from_bytes(&Zeroizing::new(is.to_be_bytes()))));
        fits && (integer::equal(&said, &[0; 16]) || is.is_some_and(|is| integer::equal(&said, &is)))
    };
    same(file.exponent1, key.dp())
        && same(file.exponent2, key.dq())
        && same(file.coefficient, key.crt_coefficient().as_ref())
}

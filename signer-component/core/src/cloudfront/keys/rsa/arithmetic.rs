//! The arithmetic under a signature, for fuzz targets and checks. Numbers are little-endian arrays of 64-bit words.

use super::montgomery::{InColumns, InLanes, Primes};

/// A number to the power of each exponent, modulo the modulus beside it, in both ways to multiply. Moduli are odd and
/// their highest bit is set; they need not be primes.
pub fn powers(
    number: &[u64; 32],
    exponents: [&[u64; 16]; 2],
    moduli: [&[u64; 16]; 2],
) -> [Option<[[u64; 16]; 2]>; 2] {
    [in_columns(number, exponents, moduli), in_lanes(number, exponents, moduli)]
}

/// The same as the wide build and native code compute it.
pub fn in_columns(
    number: &[u64; 32],
    exponents: [&[u64; 16]; 2],
    moduli: [&[u64; 16]; 2],
) -> Option<[[u64; 16]; 2]> {
    InColumns::new(moduli).power(number, exponents)
}

/// The same as the portable build computes it.
pub fn in_lanes(
    number: &[u64; 32],
    exponents: [&[u64; 16]; 2],
    moduli: [&[u64; 16]; 2],
) -> Option<[[u64; 16]; 2]> {
    InLanes::new(moduli).power(number, exponents)
}

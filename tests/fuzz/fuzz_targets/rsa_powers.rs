//! The arithmetic under RSA signatures, in both ways to multiply, given any numbers.
//!
//! Both give the power that `crypto-bigint` gives.

#![no_main]

use crypto_bigint::{
    Odd, U1024, U2048,
    modular::{FixedMontyForm, FixedMontyParams},
};
use libfuzzer_sys::fuzz_target;
use tollgate_core::cloudfront::keys::arithmetic::powers;

fn oracle(number: &[u64; 32], exponent: &[u64; 16], modulus: &[u64; 16]) -> [u64; 16] {
    let modulus = Odd::new(U1024::from_words(*modulus)).expect("an odd number");
    let base = U2048::from_words(*number).rem(modulus.as_nz_ref());
    let params = FixedMontyParams::new_vartime(modulus);
    FixedMontyForm::new(&base, &params).pow(&U1024::from_words(*exponent)).retrieve().to_words()
}

fuzz_target!(|input: ([u64; 32], [[u64; 16]; 2], [[u64; 16]; 2])| {
    let (number, exponents, mut moduli) = input;
    for modulus in &mut moduli {
        modulus[0] |= 1;
        modulus[15] |= 1 << 63;
    }
    let expected = [0, 1].map(|lane| oracle(&number, &exponents[lane], &moduli[lane]));
    let found = powers(&number, exponents.each_ref(), moduli.each_ref());
    assert_eq!(found, [Some(expected); 2]);
});

//! Our RSA against the crates `rsa` and `crypto-bigint`, for as long as one likes.
//!
//! usage: cargo run --release -p tollgate-core --features arithmetic --example rsa-differential -- MODULI PRIMES
//!
//! MODULI pairs of random odd moduli, which need not be primes, to random powers: both ways to multiply against
//! `crypto-bigint`. Then all keys that PRIMES random probable primes make in pairs (700 make 244,650), each with one random
//! message: the signature against that of the crate `rsa`.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    reason = "a command that reports, or stops at a difference"
)]
#![expect(clippy::unwrap_used, reason = "a failure here is a finding")]

use std::time::{SystemTime, UNIX_EPOCH};

use crypto_bigint::{
    Odd, U1024, U2048,
    modular::{FixedMontyForm, FixedMontyParams},
};
use rsa::{
    BoxedUint, PrivateKey,
    pkcs1::EncodeRsaPrivateKey as _,
    pkcs1v15,
    pkcs8::LineEnding,
    signature::{SignatureEncoding as _, Signer as _},
};
use sha1::Sha1;
use tollgate_core::cloudfront::{Hash, SigningKey, keys::arithmetic::powers};

/// Marsaglia's xorshift. What is random here need not be secret.
struct Numbers(u64);

impl Numbers {
    fn next<const N: usize>(&mut self) -> [u64; N] {
        std::array::from_fn(|_| {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        })
    }

    fn odd(&mut self) -> [u64; 16] {
        let mut odd = self.next();
        odd[0] |= 1;
        // The two highest bits, so that a product of two has 2048.
        odd[15] |= 3 << 62;
        odd
    }

    /// A number that 2, raised to one less, does not tell from a prime.
    fn prime(&mut self) -> [u64; 16] {
        let two = std::array::from_fn(|i| if i == 0 { 2 } else { 0 });
        let small: Vec<u64> =
            (3..2000_u64).filter(|n| (2..*n).all(|divisor| !n.is_multiple_of(divisor))).collect();
        let mut candidate = || loop {
            let number = self.odd();
            let divided = |by: &u64| {
                number.iter().rev().fold(0, |rest, word| {
                    ((u128::from(rest) << 64 | u128::from(*word)) % u128::from(*by)) as u64
                }) == 0
            };
            if !small.iter().any(divided) {
                return number;
            }
        };
        loop {
            let pair = [candidate(), candidate()];
            let before = pair.map(|mut number| {
                number[0] -= 1;
                number
            });
            let [columns, _] = powers(&two, before.each_ref(), pair.each_ref());
            for (number, power) in pair.iter().zip(columns.unwrap()) {
                if power[0] == 1 && power[1..].iter().all(|word| *word == 0) {
                    return *number;
                }
            }
        }
    }
}

fn oracle(number: &[u64; 32], exponent: &[u64; 16], modulus: &[u64; 16]) -> [u64; 16] {
    let modulus = Odd::new(U1024::from_words(*modulus)).unwrap();
    let base = U2048::from_words(*number).rem(modulus.as_nz_ref());
    let params = FixedMontyParams::new_vartime(modulus);
    FixedMontyForm::new(&base, &params).pow(&U1024::from_words(*exponent)).retrieve().to_words()
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>().unwrap());
    let (moduli, primes) = (arguments.next().unwrap_or(1000), arguments.next().unwrap_or(10));
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut random = Numbers(seed);

    for done in 1..=moduli {
        let (p, q, dp, dq) = (random.odd(), random.odd(), random.next(), random.next());
        let number = random.next();
        let expected = Some([oracle(&number, &dp, &p), oracle(&number, &dq, &q)]);
        if powers(&number, [&dp, &dq], [&p, &q]) != [expected; 2] {
            panic!("{number:x?} to {dp:x?}, {dq:x?} modulo {p:x?}, {q:x?}");
        }
        if done % 10_000 == 0 || done == moduli {
            println!("{done} pairs of moduli, both ways as crypto-bigint");
        }
    }

    let pool: Vec<BoxedUint> = (0..primes).map(|_| BoxedUint::from_words(random.prime())).collect();
    let mut keys = 0;
    for (i, p) in pool.iter().enumerate() {
        for q in pool.iter().take(i) {
            let exponent = BoxedUint::from(65_537_u64);
            let Ok(key) = PrivateKey::from_p_q(p.clone(), q.clone(), exponent) else { continue };
            let ours = SigningKey::from_pem(&key.to_pkcs1_pem(LineEnding::LF).unwrap()).unwrap();
            let [message] = random.next();
            let message = message.to_le_bytes();
            let theirs = pkcs1v15::SigningKey::<Sha1>::new(key).sign(&message).to_vec();
            if ours.sign(&message, Hash::Sha1).ok() != Some(theirs) {
                panic!("{message:x?} with the primes {p:?} and {q:?}");
            }
            keys += 1;
            if keys % 1000 == 0 {
                println!("{keys} keys, signatures as the crate rsa");
            }
        }
    }
    println!("{keys} keys of {primes} probable primes, signatures as the crate rsa");
}

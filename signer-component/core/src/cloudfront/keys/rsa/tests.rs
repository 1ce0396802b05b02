//! The arithmetic against `crypto-bigint`, signatures against the crate `rsa`, in both ways to multiply.

use crypto_bigint::{
    Odd, U1024, U2048,
    modular::{FixedMontyForm, FixedMontyParams},
};
use rsa::{
    BoxedUint, PrivateKey,
    pkcs1::{
        EncodeRsaPrivateKey as _, RsaPrivateKeyRef, UintRef, der::Decode as _, der::Encode as _,
    },
    pkcs1v15,
    pkcs8::DecodePrivateKey as _,
    signature::{SignatureEncoding as _, Signer as _},
    traits::{PrivateKeyParts as _, PublicKeyParts as _},
};
use sha1::Sha1;
use sha2::Sha256;

use super::{
    RsaPrivate, agree,
    crt::{Crt, Parts},
    integer, key_parts,
    montgomery::{InColumns, InLanes, Number, Prime, Primes},
};
use crate::cloudfront::Hash;

const KEYS: [&str; 2] = [
    include_str!("../../../../testdata/rsa-2048.pkcs8.pem"),
    include_str!("../../../../testdata/other-rsa-2048.pkcs8.pem"),
];

fn keys() -> [PrivateKey; 2] {
    KEYS.map(|pem| PrivateKey::from_pkcs8_pem(pem).unwrap())
}

/// Numbers that look random and are the same in every run (Marsaglia's xorshift).
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

    /// An odd number whose highest bit is set.
    fn modulus(&mut self) -> Prime {
        let mut modulus = self.next();
        modulus[0] |= 1;
        modulus[15] |= 1 << 63;
        modulus
    }
}

fn oracle(number: &Number, exponent: &Prime, modulus: &Prime) -> Prime {
    let odd = Odd::new(U1024::from_words(*modulus)).unwrap();
    let params = FixedMontyParams::new_vartime(odd);
    let base = U2048::from_words(*number).rem(odd.as_nz_ref());
    FixedMontyForm::new(&base, &params).pow(&U1024::from_words(*exponent)).retrieve().to_words()
}

/// Numbers where carries and digits are at their ends.
fn extremes(p: &Prime) -> Vec<Number> {
    let multiple = integer::multiply_add(p, &[u64::MAX; 16], &[0; 16]);
    let mut one = [0; 32];
    one[0] = 1;
    let mut itself = [0; 32];
    itself[..16].copy_from_slice(p);
    let mut before = itself;
    before[0] -= 1;
    vec![[0; 32], one, [u64::MAX; 32], multiple, itself, before]
}

fn check_powers<P: Primes>() {
    let mut random = Numbers(1);
    let mut lowest = [0; 16];
    (lowest[0], lowest[15]) = (1, 1 << 63);
    let mut pairs = vec![(lowest, [u64::MAX; 16]), ([u64::MAX; 16], lowest)];
    pairs.extend((0..3).map(|_| (random.modulus(), random.modulus())));
    for (p, q) in pairs {
        let primes = P::new([&p, &q]);
        let mut numbers = extremes(&p);
        numbers.push(random.next());
        for number in numbers {
            let mut sparse = [0; 16];
            sparse[7] = 1;
            let exponents = [random.next(), [0; 16], sparse, [u64::MAX; 16]];
            for (dp, dq) in exponents.iter().zip(exponents.iter().rev()) {
                let found = primes.power(&number, [dp, dq]).unwrap();
                assert_eq!(found, [oracle(&number, dp, &p), oracle(&number, dq, &q)]);
            }
        }
    }
}

#[test]
fn powers_are_those_of_crypto_bigint() {
    check_powers::<InColumns>();
    check_powers::<InLanes>();
}

fn private_oracle(key: &PrivateKey, number: &Number) -> Number {
    let odd = |value: &BoxedUint| integer::from_bytes::<32>(&value.to_be_bytes());
    let modulus = Odd::new(U2048::from_words(odd(key.n()))).unwrap();
    let params = FixedMontyParams::new_vartime(modulus);
    let base = FixedMontyForm::new(&U2048::from_words(*number), &params);
    base.pow(&U2048::from_words(odd(key.d()))).retrieve().to_words()
}

fn check_representatives<P: Primes>(key: &PrivateKey) {
    let parts = key_parts(key).unwrap();
    let crt = Crt::<P>::new(parts.clone());
    let [p, q] = &parts.primes;
    let mut one = [0; 32];
    one[0] = 1;
    let (last, _) = integer::subtract(&parts.modulus, &one);
    let seven = std::array::from_fn(|i| if i == 0 { 7 } else { 0 });
    let multiple = |prime| integer::multiply_add(prime, &seven, &[0; 16]);
    for number in [[0; 32], one, last, multiple(p), multiple(q)] {
        assert_eq!(crt.private_power(&number), Some(private_oracle(key, &number)));
    }
    assert_eq!(crt.private_power(&parts.modulus), None, "not below the modulus");
    assert_eq!(crt.private_power(&[u64::MAX; 32]), None);
}

#[test]
fn every_number_below_the_modulus_has_its_power() {
    for key in keys() {
        check_representatives::<InColumns>(&key);
        check_representatives::<InLanes>(&key);
    }
}

/// The same primes the other way round, where `q` is the larger or the smaller one, and other public exponents.
#[test]
fn keys_of_other_shapes_sign_what_the_crate_signs() {
    let mut signed = 0;
    for key in keys() {
        let [p, q] = key.primes() else { panic!("two primes") };
        let (p, q) = (p.as_ref().clone(), q.as_ref().clone());
        for (p, q) in [(p.clone(), q.clone()), (q, p)] {
            for exponent in [3_u64, 5, 7, 17, 257, 65_537, 4_294_967_311, 8_589_934_583] {
                let exponent = BoxedUint::from(exponent);
                // Not every exponent has an inverse.
                let Ok(key) = PrivateKey::from_p_q(p.clone(), q.clone(), exponent) else {
                    continue;
                };
                let ours = RsaPrivate::new(&key).unwrap();
                let sha1 = pkcs1v15::SigningKey::<Sha1>::new(key.clone()).sign(b"m").to_vec();
                assert_eq!(ours.sign(b"m", Hash::Sha1), Some(sha1));
                let sha256 = pkcs1v15::SigningKey::<Sha256>::new(key).sign(b"m").to_vec();
                assert_eq!(ours.sign(b"m", Hash::Sha256), Some(sha256));
                signed += 1;
            }
        }
    }
    assert!(signed >= 8, "{signed} keys");
}

fn check_faults<P: Primes>() {
    let [key, _] = keys();
    let parts = key_parts(&key).unwrap();
    let number = integer::from_bytes(&super::padding::padded(b"message", Hash::Sha1));
    assert!(Crt::<P>::new(parts.clone()).private_power(&number).is_some());
    // Bit 0 of a prime would make it even, which no key has; the highest bit is what both ways to multiply rely on.
    for bit in [1, 63, 64, 511, 1000, 1022] {
        let flip = |number: &mut Prime| number[bit / 64] ^= 1 << (bit % 64);
        let faults: [&dyn Fn(&mut Parts); 5] = [
            &|parts| flip(&mut parts.primes[0]),
            &|parts| flip(&mut parts.primes[1]),
            &|parts| flip(&mut parts.exponents[0]),
            &|parts| flip(&mut parts.exponents[1]),
            &|parts| flip(&mut parts.coefficient),
        ];
        for (which, fault) in faults.iter().enumerate() {
            let mut parts = parts.clone();
            fault(&mut parts);
            let power = Crt::<P>::new(parts).private_power(&number);
            assert_eq!(power, None, "bit {bit} of part {which}");
        }
    }
}

#[test]
fn one_flipped_bit_and_nothing_is_signed() {
    check_faults::<InColumns>();
    check_faults::<InLanes>();
}

#[test]
fn a_file_with_other_crt_parameters_is_refused() {
    let [key, other] = keys();
    let (right, wrong) = (key.to_pkcs1_der().unwrap(), other.to_pkcs1_der().unwrap());
    assert!(agree(right.as_bytes(), &key));
    assert!(!agree(b"no key", &key));
    let (file, wrong) = (
        RsaPrivateKeyRef::from_der(right.as_bytes()).unwrap(),
        RsaPrivateKeyRef::from_der(wrong.as_bytes()).unwrap(),
    );
    let nothing = UintRef::new(&[0]).unwrap();
    for which in 0..3 {
        for (put, agrees) in [
            ([wrong.exponent1, wrong.exponent2, wrong.coefficient][which], false),
            // As long as the modulus.
            (file.modulus, false),
            // Left out.
            (nothing, true),
        ] {
            let mut file = file.clone();
            *[&mut file.exponent1, &mut file.exponent2, &mut file.coefficient][which] = put;
            assert_eq!(agree(&file.to_der().unwrap(), &key), agrees, "parameter {which}");
        }
    }
}

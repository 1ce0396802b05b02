//! RSA signatures with our own private exponentiation, because that is what the sandbox spends its time on.
//!
//! The crate `rsa` parses and checks keys, verifies signatures, and is the oracle of the tests. For one signature it takes
//! four times as long (see `docs/performance.md`).
//!
//! **Constant time.** What is secret decides neither a branch nor an address: exponents are read in windows of fixed
//! size, tables are read whole, and sums are reduced without comparison. Only multiplications, additions, shifts and logic
//! of fixed-size integers touch secrets, whose time does not depend on their operands on any processor that Wasmtime or
//! Spin compile for.
//!
//! **No blinding.** Blinding hides from whoever measures time that operands follow from the message; here time follows
//! from nothing. Against measured power, radiation or clock it would help, but it needs randomness: `signer.wasm` imports
//! none, and blinding with what a message decides is the same every time the message is signed, so that measurements may be
//! averaged. Who may be measured that closely should hold the key elsewhere and give Tollgate a handle.
//!
//! **Faults.** A signature that is wrong modulo one prime betrays the key. So every signature is verified before it
//! leaves, with the public key alone (see [`crt`]).

#[cfg(feature = "arithmetic")]
pub mod arithmetic;
mod crt;
mod integer;
mod montgomery;
mod padding;
mod parameters;

use rsa::{
    BoxedUint, PrivateKey, PublicKey,
    traits::{PrivateKeyParts as _, PublicKeyParts as _},
};
use zeroize::Zeroizing;

pub(super) use self::parameters::agree;
use self::{
    crt::{Crt, Parts},
    montgomery::Best,
};
use super::Hash;

/// A private key with a modulus of 2048 bits, checked and ready to sign. It is wiped when it is dropped.
pub(super) struct RsaPrivate {
    crt: Crt<Best>,
    public: PublicKey,
}

impl RsaPrivate {
    /// The key in the form that signs fastest, or nothing if it has not two primes of 1024 bits. A modulus of 2048 bits
    /// whose primes fill no more than half of it each, which the crate `rsa` demands, has no others.
    pub(super) fn new(key: &PrivateKey) -> Option<Self> {
        Some(Self { crt: Crt::new(key_parts(key)?), public: key.as_public_key().clone() })
    }

    /// Its public half.
    pub(super) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs with PKCS#1 v1.5; nothing, if the key is damaged.
    pub(super) fn sign(&self, message: &[u8], hash: Hash) -> Option<Vec<u8>> {
        let padded = padding::padded(message, hash);
        let signature = self.crt.private_power(&integer::from_bytes(&padded))?;
        Some(integer::to_bytes(&signature))
    }
}

fn key_parts(key: &PrivateKey) -> Option<Parts> {
    let [p, q] = key.primes() else { return None };
    let prime = |number: &BoxedUint| {
        (number.bit_width() <= 1024)
            .then(|| integer::from_bytes::<16>(&Zeroizing::new(number.to_be_bytes())))
    };
    let [public_exponent] = (key.e().bit_width() <= 64)
        .then(|| integer::from_bytes(&key.e().to_be_bytes()))
        .filter(|[exponent]| *exponent > 0)?;
    let parts = Parts {
        primes: [prime(p)?, prime(q)?],
        exponents: [prime(key.dp()?)?, prime(key.dq()?)?],
        coefficient: prime(&key.crt_coefficient()?)?,
        modulus: integer::from_bytes(&key.n().to_be_bytes()),
        public_exponent,
    };
    // Both ways to multiply rely on it.
    parts.primes.iter().all(|prime| prime[15] >> 63 == 1).then_some(parts)
}

#[cfg(test)]
mod tests;

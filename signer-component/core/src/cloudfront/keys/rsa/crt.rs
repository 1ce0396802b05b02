//! The private power, by the Chinese remainder theorem, and its check.

use core::hint::black_box;

use super::{
    integer,
    montgomery::{Number, Prime, Primes},
};

/// The numbers of a key with two primes (RFC 8017, section 3.2, the second representation).
#[derive(Clone)]
pub(super) struct Parts {
    /// `p` and `q`.
    pub(super) primes: [Prime; 2],
    /// `d` modulo `p - 1` and modulo `q - 1`.
    pub(super) exponents: [Prime; 2],
    /// `1/q` modulo `p`.
    pub(super) coefficient: Prime,
    /// `n`.
    pub(super) modulus: Number,
    /// `e`.
    pub(super) public_exponent: u64,
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.primes = [[0; 16]; 2];
        self.exponents = [[0; 16]; 2];
        self.coefficient = [0; 16];
        black_box(self);
    }
}

/// A key with two odd primes of 1024 bits, ready to compute.
pub(super) struct Crt<P: Primes> {
    parts: Parts,
    primes: P,
}

impl<P: Primes> Crt<P> {
    /// Whether the parts fit each other is found out by every power.
    pub(super) fn new(parts: Parts) -> Self {
        let [p, q] = &parts.primes;
        Self { primes: P::new([p, q]), parts }
    }

    /// The one number below `n` whose public power is `number`, if `number` is below `n` and nothing went wrong.
    pub(super) fn private_power(&self, number: &Number) -> Option<Number> {
        let Parts { primes: [p, q], exponents: [dp, dq], coefficient, modulus, public_exponent } =
            &self.parts;
        let (_, below) = integer::subtract(number, modulus);
        if below == 0 {
            return None;
        }
        let [of_p, of_q] = self.primes.power(number, [dp, dq])?;
        // Garner: what is missing modulo `p`, in multiples of `q`, which has as many bits as `p` and is below `2p`.
        let missing = integer::subtract_modulo(&of_p, &integer::reduced(&of_q, p), p);
        let factor = self.primes.multiply_first(&missing, coefficient)?;
        let power = integer::multiply_add(&factor, q, &of_q);
        self.opens(&power, *public_exponent, number).then_some(power)
    }

    /// Whether the public power of `signature` is `number`.
    ///
    /// One wrong residue would give a factor of `n` away (Boneh, DeMillo and Lipton, "On the Importance of Checking
    /// Cryptographic Protocols for Faults", EUROCRYPT 1997), so nothing leaves that is not the signature. To be equal
    /// modulo both primes is to be equal modulo `n`, and costs a quarter. Nothing is believed of the primes but that `n`
    /// is their product, and whatever is derived from them is derived anew, so that a fault in what the power was
    /// computed with is not shared by its check.
    fn opens(&self, signature: &Number, exponent: u64, number: &Number) -> bool {
        let [p, q] = &self.parts.primes;
        let product = integer::multiply_add(p, q, &[0; 16]);
        let mut fresh = P::new([p, q]);
        let opens = integer::equal(&product, &self.parts.modulus)
            && fresh.opens(signature, exponent, number);
        fresh.wipe();
        opens
    }
}

impl<P: Primes> Drop for Crt<P> {
    fn drop(&mut self) {
        self.primes.wipe();
    }
}

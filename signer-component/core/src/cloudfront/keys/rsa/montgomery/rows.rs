//! Montgomery multiplication by rows: two digits of one operand with every digit of the other.
//!
//! Operand scanning in the words of Koç, Acar and Kaliski ("Analyzing and Comparing Montgomery Multiplication
//! Algorithms", IEEE Micro 16(3), 1996), integrated as their FIOS: one pass adds `x[i]·b` and `q[i]·m`. Two rows at once
//! halve the traffic of the sums, and carries wait until the end because a digit is shorter than half of what a sum
//! holds (Gueron and Krasnov, "Software Implementation of Modular Exponentiation, Using Advanced Vector
//! Instructions Architectures", WAIFI 2012). Two moduli, one in each lane, share every instruction.

#![expect(clippy::indexing_slicing, reason = "indices run over sizes that the types fix")]

use core::{array, cell::Cell, hint::black_box};

use super::{
    ENTRIES, Machine, Number, Prime, Primes, enter, is_equal,
    lanes::{self, Pair, Sum, WIDTH},
    leave, power, product, public_power, same,
};
use crate::cloudfront::keys::rsa::integer;

/// Pairs of digits of a number.
const PAIRS: usize = 19;

/// A modulus of each lane, and what multiplication needs to know of it.
pub(super) struct Modulus {
    digits: [Pair; PAIRS],
    /// `R²`, which brings a number into Montgomery's form.
    square: [Pair; PAIRS],
    /// `-1/m` modulo the radix.
    inverse: Pair,
}

impl Modulus {
    /// `R` is two to this power. It is so large that nothing need be subtracted in between (Walter, "Montgomery
    /// exponentiation needs no final subtractions", Electronics Letters 35(21), 1999), and that the highest digit of
    /// modulus and operand is zero, so that two rows do not reach beyond it.
    const BITS: u32 = WIDTH * 2 * PAIRS as u32;

    /// For odd numbers whose highest bit is set.
    pub(super) fn new(moduli: [&Prime; 2]) -> Self {
        const { assert!(Self::BITS >= 1024 + WIDTH + 2) };
        let inverse = moduli.map(|m| integer::negated_inverse(m[0]) & ((1 << WIDTH) - 1));
        let two = moduli.map(|modulus| integer::power_of_two(Self::BITS + 1, modulus));
        let mut modulus = Self {
            digits: split(moduli.map(|modulus| &modulus[..]), 0),
            square: split(two.each_ref().map(|two| &two[..]), 0),
            inverse: lanes::pair(inverse, inverse),
        };
        let machine = Rows::new(&modulus);
        machine.set(&modulus.square);
        public_power(&machine, Self::BITS.into());
        let square = machine.get();
        drop(machine);
        modulus.square = square;
        modulus
    }

    pub(super) fn wipe(&mut self) {
        let nothing = lanes::pair([0; 2], [0; 2]);
        self.digits = [nothing; PAIRS];
        self.square = [nothing; PAIRS];
        self.inverse = nothing;
        black_box(self);
    }
}

/// The digits of a number for each lane, from bit `start` on.
fn split(words: [&[u64]; 2], start: u32) -> [Pair; PAIRS] {
    array::from_fn(|i| {
        let at = start + WIDTH * 2 * i as u32;
        lanes::pair(
            words.map(|words| integer::digit(words, at, WIDTH)),
            words.map(|words| integer::digit(words, at + WIDTH, WIDTH)),
        )
    })
}

/// The registers of a computation. What is in them is wiped when they go.
///
/// They are cells because each row writes sums while it reads digits: a compiler that may not assume anything about the
/// two reads digits where they are used, in place of holding eighty vectors in its own memory.
pub(super) struct Rows<'m> {
    modulus: &'m Modulus,
    accumulator: [Cell<Pair>; PAIRS],
    /// Digit `k` of the operand above digit `k - 1`, for every `k`; and the same of the modulus.
    factors: [[Cell<Pair>; 2]; PAIRS],
    moduli: [[Cell<Pair>; 2]; PAIRS],
    sums: [[Cell<Sum>; 2]; PAIRS],
}

/// Every digit with the one below it: what two rows meet in one column.
fn neighbours(pairs: &[Pair; PAIRS]) -> [[Pair; 2]; PAIRS] {
    let nothing = lanes::pair([0; 2], [0; 2]);
    array::from_fn(|i| {
        let below = if i == 0 { nothing } else { pairs[i - 1] };
        [lanes::cross(pairs[i], below), lanes::swap(pairs[i])]
    })
}

impl<'m> Rows<'m> {
    pub(super) fn new(modulus: &'m Modulus) -> Self {
        let nothing = lanes::pair([0; 2], [0; 2]);
        Self {
            modulus,
            accumulator: array::from_fn(|_| Cell::new(nothing)),
            factors: array::from_fn(|_| array::from_fn(|_| Cell::new(nothing))),
            moduli: neighbours(&modulus.digits).map(|pair| pair.map(Cell::new)),
            sums: array::from_fn(|_| array::from_fn(|_| Cell::new(lanes::zero()))),
        }
    }

    /// The number of a lane. Only after [`super::leave`] it is below the modulus, or the modulus itself.
    pub(super) fn words(&self, lane: usize) -> Prime {
        let digits = self.accumulator.iter().flat_map(|pair| lanes::digits(pair.get(), lane));
        integer::from_digits(digits, WIDTH)
    }

    /// The accumulator times the operand, over `R`.
    #[inline(never)]
    fn multiply_rows(&self) {
        let Self { modulus, accumulator, factors, moduli, sums, .. } = self;
        for sum in sums.iter().flatten() {
            sum.set(lanes::zero());
        }
        let inverse = modulus.inverse;
        for x in accumulator {
            let x = x.get();
            // The lowest two columns become zero by what is added of the modulus; that decides how much.
            let [b0, b1] = factors[0].each_ref().map(Cell::get);
            let [m0, m1] = moduli[0].each_ref().map(Cell::get);
            let [s0, s1] = sums[0].each_ref().map(Cell::get);
            let sum = lanes::add_low(s0, x, b0);
            let q0 = lanes::quotient(sum, inverse);
            let q = lanes::join(q0, lanes::zero());
            let carry = lanes::shift(lanes::add_low(sum, q, m0));
            let sum = lanes::add_high(lanes::add_low(lanes::add(s1, carry), x, b1), x, b1);
            let sum = lanes::add_low(sum, q, m1);
            let q1 = lanes::quotient(sum, inverse);
            let q = lanes::join(q0, q1);
            let carry = lanes::shift(lanes::add_high(sum, q, m1));
            for i in 1..PAIRS {
                for half in 0..2 {
                    let (b, m) = (factors[i][half].get(), moduli[i][half].get());
                    let sum = lanes::add_low(sums[i][half].get(), x, b);
                    let sum = lanes::add_high(sum, x, b);
                    let sum = lanes::add_low(sum, q, m);
                    sums[i - 1][half].set(lanes::add_high(sum, q, m));
                }
            }
            sums[PAIRS - 1][0].set(lanes::zero());
            sums[PAIRS - 1][1].set(lanes::zero());
            sums[0][0].set(lanes::add(sums[0][0].get(), carry));
        }
        let mut carry = lanes::zero();
        for (pair, sums) in accumulator.iter().zip(sums) {
            let [low, high] = sums.each_ref().map(|sum| {
                let sum = lanes::add(sum.get(), carry);
                carry = lanes::shift(sum);
                sum
            });
            pair.set(lanes::join(low, high));
        }
    }
}

impl Machine for Rows<'_> {
    const BITS: u32 = Modulus::BITS;
    type Element = [Pair; PAIRS];

    fn split(words: [&[u64]; 2], start: u32) -> Self::Element {
        split(words, start)
    }

    fn square_of_r(&self) -> Self::Element {
        self.modulus.square
    }

    fn set(&self, element: &Self::Element) {
        for (cell, pair) in self.accumulator.iter().zip(element) {
            cell.set(*pair);
        }
    }

    fn get(&self) -> Self::Element {
        self.accumulator.each_ref().map(Cell::get)
    }

    fn add(&self, element: &Self::Element) {
        let one = lanes::pair([1; 2], [0; 2]);
        let mut carry = lanes::zero();
        for (cell, pair) in self.accumulator.iter().zip(element) {
            let low = lanes::add_low(lanes::add_low(carry, cell.get(), one), *pair, one);
            let one = lanes::swap(one);
            let high =
                lanes::add_high(lanes::add_high(lanes::shift(low), cell.get(), one), *pair, one);
            carry = lanes::shift(high);
            cell.set(lanes::join(low, high));
        }
    }

    fn operand(&self, element: &Self::Element) {
        for (cells, pairs) in self.factors.iter().zip(neighbours(element)) {
            for (cell, pair) in cells.iter().zip(pairs) {
                cell.set(pair);
            }
        }
    }

    fn multiply(&self) {
        self.multiply_rows();
    }

    fn square(&self) {
        self.operand(&self.get());
        self.multiply_rows();
    }

    fn select(table: &[Self::Element; ENTRIES], index: [u64; 2]) -> Self::Element {
        let mut kept = [lanes::pair([0; 2], [0; 2]); PAIRS];
        for (entry, at) in table.iter().zip(0..) {
            let mask = lanes::mask(index.map(|index| is_equal(index, at)));
            for (kept, pair) in kept.iter_mut().zip(entry) {
                *kept = lanes::keep(*kept, *pair, mask);
            }
        }
        kept
    }

    fn intact(&self) -> bool {
        true
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        let nothing = lanes::pair([0; 2], [0; 2]);
        for cell in self.accumulator.iter().chain(self.factors.iter().chain(&self.moduli).flatten())
        {
            cell.set(nothing);
        }
        for cell in self.sums.iter().flatten() {
            cell.set(lanes::zero());
        }
        black_box(self);
    }
}

/// In 28-bit digits, side by side.
pub(in super::super) struct InLanes(Modulus, [Prime; 2]);

impl InLanes {
    /// What a computation leaves in the accumulator of each lane, if it went right.
    fn compute(&self, run: impl Fn(&Rows<'_>)) -> Option<[Prime; 2]> {
        let machine = Rows::new(&self.0);
        run(&machine);
        leave(&machine);
        let [p, q] = &self.1;
        machine.intact().then(|| {
            [integer::reduced(&machine.words(0), p), integer::reduced(&machine.words(1), q)]
        })
    }
}

impl Primes for InLanes {
    fn new(primes: [&Prime; 2]) -> Self {
        Self(Modulus::new(primes), primes.map(|prime| *prime))
    }

    fn power(&self, number: &Number, exponents: [&Prime; 2]) -> Option<[Prime; 2]> {
        self.compute(|machine| {
            enter(machine, number);
            power(machine, exponents.map(|exponent| &exponent[..]));
        })
    }

    fn multiply_first(&self, a: &Prime, b: &Prime) -> Option<Prime> {
        let [product, _] = self.compute(|machine| product(machine, a, b))?;
        Some(product)
    }

    fn opens(&self, signature: &Number, exponent: u64, number: &Number) -> bool {
        let opened = self.compute(|machine| {
            enter(machine, signature);
            public_power(machine, exponent);
        });
        let expected = self.compute(|machine| enter(machine, number));
        same(opened, expected)
    }

    fn wipe(&mut self) {
        self.0.wipe();
        self.1 = [[0; 16]; 2];
        black_box(self);
    }
}

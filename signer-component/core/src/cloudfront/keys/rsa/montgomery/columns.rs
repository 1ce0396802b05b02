//! Montgomery multiplication by columns, for one modulus of 1024 bits in 61-bit digits.
//!
//! Product scanning (the FIPS method of Koç, Acar and Kaliski, see [`super::rows`]): one sum at a time runs over all
//! products of its column. A digit of 61 bits leaves room for all 34 of them in 128 bits, so that a product costs one
//! multiplication and two additions and no carry is handled in between. Squares add each mixed product once, doubled.
//!
//! Every loop is unrolled and each sum is tested, for two reasons. The sums stay below `2^127`, whatever the operands
//! are: 34 products of `2^122`, and a carry. A sum beyond that is a fault of the machine, and the result is withheld; as
//! the test has the same outcome for all operands, its branch tells nothing about them. And Cranelift puts off arithmetic
//! until its result is needed: without the test all products of a column would wait in memory for their addition.
//! That made the difference between 240 and 182 ns for a square (wasmtime 48, AMD EPYC "Genoa").

#![expect(clippy::indexing_slicing, reason = "indices are constants below the sizes of arrays")]

use core::{array, cell::Cell, hint::black_box};

use super::{
    ENTRIES, Machine, Number, Prime, Primes, enter, is_equal, leave, power, product, public_power,
    same,
};
use crate::cloudfront::keys::rsa::integer;

/// Digits of a number.
const DIGITS: usize = 17;
/// Bits of a digit.
const WIDTH: u32 = 61;
const MASK: u64 = (1 << WIDTH) - 1;

type Element = [u64; DIGITS];
type Cells = [Cell<u64>; DIGITS];

/// A modulus, and what multiplication needs to know of it.
pub(super) struct Modulus {
    words: Prime,
    digits: Element,
    /// `R²`, which brings a number into Montgomery's form.
    square: Element,
    /// `-1/m` modulo the radix.
    inverse: u64,
}

impl Modulus {
    /// For an odd number whose highest bit is set.
    pub(super) fn new(modulus: &Prime) -> Self {
        let mut this = Self {
            words: *modulus,
            digits: split(modulus, 0),
            square: split(&integer::power_of_two(Columns::BITS + 1, modulus), 0),
            inverse: integer::negated_inverse(modulus[0]) & MASK,
        };
        let machine = Columns::new(&this);
        machine.set(&this.square);
        public_power(&machine, Columns::BITS.into());
        let square = machine.get();
        drop(machine);
        this.square = square;
        this
    }

    pub(super) fn wipe(&mut self) {
        *self = Self { words: [0; 16], digits: [0; 17], square: [0; 17], inverse: 0 };
        black_box(self);
    }
}

fn split(words: &[u64], start: u32) -> Element {
    array::from_fn(|i| integer::digit(words, start + WIDTH * i as u32, WIDTH))
}

/// The registers of a computation. What is in them is wiped when they go.
///
/// They are cells, read by one reference and written by another, because a compiler that may not assume that the two
/// are different reads digits where they are used, in place of holding all of them in memory of its own.
pub(super) struct Columns<'m> {
    modulus: &'m Modulus,
    accumulator: Cells,
    operand: Cells,
    digits: Cells,
    quotient: Cells,
    inverse: u64,
    intact: Cell<bool>,
}

impl<'m> Columns<'m> {
    pub(super) fn new(modulus: &'m Modulus) -> Self {
        let zero = || array::from_fn(|_| Cell::new(0));
        Self {
            modulus,
            accumulator: zero(),
            operand: zero(),
            digits: modulus.digits.map(Cell::new),
            quotient: zero(),
            inverse: modulus.inverse,
            intact: Cell::new(true),
        }
    }

    /// The accumulator, after [`super::leave`].
    pub(super) fn residue(&self) -> Prime {
        let digits = self.accumulator.iter().map(Cell::get);
        integer::reduced(&integer::from_digits(digits, WIDTH), &self.modulus.words)
    }
}

/// Runs a macro for every digit but the highest.
macro_rules! for_each_but_last {
    ($run:ident) => {
        $run!(0);
        $run!(1);
        $run!(2);
        $run!(3);
        $run!(4);
        $run!(5);
        $run!(6);
        $run!(7);
        $run!(8);
        $run!(9);
        $run!(10);
        $run!(11);
        $run!(12);
        $run!(13);
        $run!(14);
        $run!(15);
    };
}

/// `sum + a·b`, or nothing if that is more than a sum can become.
#[inline(always)]
fn add_product(sum: u128, a: &Cell<u64>, b: &Cell<u64>) -> Option<u128> {
    let sum = sum.wrapping_add(u128::from(a.get()) * u128::from(b.get()));
    if (sum >> 64) as i64 >= 0 { Some(sum) } else { None }
}

/// Adds all `a[i]·b[COLUMN - i]` for `i` from `FROM` until `TO`.
#[inline(always)]
fn add_column<const COLUMN: usize, const FROM: usize, const TO: usize>(
    mut sum: u128,
    a: &Cells,
    b: &Cells,
) -> Option<u128> {
    let mut i = FROM;
    while i < TO {
        sum = add_product(sum, &a[i], &b[COLUMN - i])?;
        i += 1;
    }
    Some(sum)
}

/// The same for `a²`, given `a` and its double: the lower half of each pair of mixed products, and the square between.
#[inline(always)]
fn add_square_column<const COLUMN: usize, const FROM: usize, const TO: usize>(
    a: &Cells,
    double: &Cells,
) -> Option<u128> {
    let sum = add_column::<COLUMN, FROM, TO>(0, double, a)?;
    if COLUMN.is_multiple_of(2) {
        add_product(sum, &a[COLUMN / 2], &a[COLUMN / 2])
    } else {
        Some(sum)
    }
}

/// `sum` over the radix, for a sum whose lowest digit is zero.
///
/// That digit makes a rotation a shift, and so saves the double-width shift, for which processors by AMD take six steps.
#[inline(always)]
fn shift_cleared(sum: u128) -> u128 {
    let (low, high) = (sum as u64, (sum >> 64) as u64);
    let rest = (high << (64 - WIDTH)).wrapping_add(low.rotate_left(64 - WIDTH));
    u128::from(high >> WIDTH) << 64 | u128::from(rest)
}

/// The reduction: each column that `$low` and `$high` sum up, with the products of quotient and modulus.
///
/// The lower columns find the digits of the quotient, the upper ones write the result over the accumulator, of which
/// they need no digit any more.
macro_rules! reduce {
    ($from:ident, $to:ident, $low:ident, $high:ident) => {
        let Columns { digits, quotient, inverse, .. } = $from;
        let mut carry = 0;
        macro_rules! low {
            ($k:literal) => {
                let Some(sum) = $low!($k) else { return $to.intact.set(false) };
                let Some(sum) = add_column::<$k, 0, $k>(sum, quotient, digits) else {
                    return $to.intact.set(false);
                };
                let sum = sum + carry;
                let digit = (sum as u64).wrapping_mul(*inverse) & MASK;
                $to.quotient[$k].set(digit);
                carry = shift_cleared(sum + u128::from(digit) * u128::from(digits[0].get()));
            };
        }
        macro_rules! high {
            ($k:literal) => {
                let Some(sum) = $high!($k) else { return $to.intact.set(false) };
                let sum = add_column::<{ $k + DIGITS }, { $k + 1 }, DIGITS>(sum, quotient, digits);
                let Some(sum) = sum else { return $to.intact.set(false) };
                let sum = sum + carry;
                $to.accumulator[$k].set(sum as u64 & MASK);
                carry = sum >> WIDTH;
            };
        }
        for_each_but_last!(low);
        low!(16);
        for_each_but_last!(high);
        $to.accumulator[16].set(carry as u64);
    };
}

/// The accumulator times the operand, over `R`. Both references are to the same registers.
#[inline(never)]
fn multiply(from: &Columns<'_>, to: &Columns<'_>) {
    let Columns { accumulator: a, operand: b, .. } = from;
    macro_rules! lower {
        ($k:literal) => {
            add_column::<$k, 0, { $k + 1 }>(0, a, b)
        };
    }
    macro_rules! upper {
        ($k:literal) => {
            add_column::<{ $k + DIGITS }, { $k + 1 }, DIGITS>(0, a, b)
        };
    }
    reduce!(from, to, lower, upper);
}

/// The accumulator squared, over `R`. Both references are to the same registers.
#[inline(never)]
fn square(from: &Columns<'_>, to: &Columns<'_>) {
    let Columns { accumulator: a, operand: double, .. } = from;
    for (double, a) in to.operand.iter().zip(a) {
        double.set(a.get() << 1);
    }
    macro_rules! lower {
        ($k:literal) => {
            add_square_column::<$k, 0, { usize::div_ceil($k, 2) }>(a, double)
        };
    }
    macro_rules! upper {
        ($k:literal) => {
            add_square_column::<{ $k + DIGITS }, { $k + 1 }, { usize::div_ceil($k + DIGITS, 2) }>(
                a, double,
            )
        };
    }
    reduce!(from, to, lower, upper);
}

impl Machine for Columns<'_> {
    const BITS: u32 = WIDTH * DIGITS as u32;
    type Element = Element;

    fn split([words, _]: [&[u64]; 2], start: u32) -> Element {
        split(words, start)
    }

    fn square_of_r(&self) -> Element {
        self.modulus.square
    }

    fn set(&self, element: &Element) {
        for (cell, digit) in self.accumulator.iter().zip(element) {
            cell.set(*digit);
        }
    }

    fn get(&self) -> Element {
        self.accumulator.each_ref().map(Cell::get)
    }

    fn add(&self, element: &Element) {
        let mut carry = 0;
        for (cell, digit) in self.accumulator.iter().zip(element) {
            let sum = cell.get() + digit + carry;
            cell.set(sum & MASK);
            carry = sum >> WIDTH;
        }
    }

    fn operand(&self, element: &Element) {
        for (cell, digit) in self.operand.iter().zip(element) {
            cell.set(*digit);
        }
    }

    fn multiply(&self) {
        multiply(self, self);
    }

    fn square(&self) {
        square(self, self);
    }

    fn select(table: &[Element; ENTRIES], [index, _]: [u64; 2]) -> Element {
        let mut kept = [0; DIGITS];
        // Four at once, so that what is kept is touched less often.
        for (entries, at) in table.as_chunks().0.iter().zip((0..).step_by(4)) {
            let [a, b, c, d] =
                [at, at + 1, at + 2, at + 3].map(|at| is_equal(index, at).wrapping_neg());
            let [p, q, r, s]: &[Element; 4] = entries;
            for i in 0..DIGITS {
                kept[i] |= (p[i] & a) | (q[i] & b) | (r[i] & c) | (s[i] & d);
            }
        }
        kept
    }

    fn intact(&self) -> bool {
        self.intact.get()
    }
}

impl Drop for Columns<'_> {
    fn drop(&mut self) {
        let Self { accumulator, operand, digits, quotient, .. } = self;
        for cell in [accumulator, operand, digits, quotient].into_iter().flatten() {
            cell.set(0);
        }
        self.inverse = 0;
        black_box(self);
    }
}

/// In 61-bit digits, one after the other.
pub(in super::super) struct InColumns([Modulus; 2]);

impl InColumns {
    /// What a computation leaves in the accumulator for each prime, if it went right.
    fn compute(&self, run: impl Fn(&Columns<'_>, usize)) -> Option<[Prime; 2]> {
        let compute = |modulus, which| {
            let machine = Columns::new(modulus);
            run(&machine, which);
            leave(&machine);
            machine.intact().then(|| machine.residue())
        };
        let [p, q] = &self.0;
        Some([compute(p, 0)?, compute(q, 1)?])
    }
}

impl Primes for InColumns {
    fn new(primes: [&Prime; 2]) -> Self {
        Self(primes.map(Modulus::new))
    }

    fn power(&self, number: &Number, [dp, dq]: [&Prime; 2]) -> Option<[Prime; 2]> {
        self.compute(|machine, which| {
            enter(machine, number);
            power(machine, [if which == 0 { dp } else { dq }; 2]);
        })
    }

    fn multiply_first(&self, a: &Prime, b: &Prime) -> Option<Prime> {
        let [p, _] = &self.0;
        let machine = Columns::new(p);
        product(&machine, a, b);
        leave(&machine);
        machine.intact().then(|| machine.residue())
    }

    fn opens(&self, signature: &Number, exponent: u64, number: &Number) -> bool {
        let opened = self.compute(|machine, _| {
            enter(machine, signature);
            public_power(machine, exponent);
        });
        let expected = self.compute(|machine, _| enter(machine, number));
        same(opened, expected)
    }

    fn wipe(&mut self) {
        self.0.iter_mut().for_each(Modulus::wipe);
    }
}

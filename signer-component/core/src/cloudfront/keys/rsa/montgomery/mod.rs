//! Powers modulo odd numbers, in Montgomery's form and in constant time.
//!
//! Montgomery ("Modular Multiplication Without Trial Division", Mathematics of Computation 44, 1985) keeps `a·R` in
//! place of `a`, for `R` a power of the radix beyond the modulus `m`. To divide a product by `R`, such a multiple of `m` is
//! added that its lower half becomes zero; each of its digits `q` is found from one digit of the sum, by `-1/m`.
//!
//! There are two ways to multiply: [`columns`], in 61-bit digits summed in 128 bits, wherever a 64-bit multiplication gives
//! its upper half, and [`rows`] in 28-bit digits, where it does not: in portable WebAssembly, there for both primes at
//! once. Both are compiled, and tested against each other, on every native target.

#[cfg(any(not(target_family = "wasm"), wide_arithmetic))]
mod columns;
#[cfg(any(test, feature = "arithmetic", all(target_family = "wasm", not(wide_arithmetic))))]
mod lanes;
#[cfg(any(test, feature = "arithmetic", all(target_family = "wasm", not(wide_arithmetic))))]
mod rows;

use core::hint::black_box;

use zeroize::optimization_barrier;

use super::integer;

/// Bits of the exponent that one multiplication is for. With 5 the table of powers is paid back best: 4 would cost
/// 51 more multiplications by its entries for 16 fewer to make it, 6 saves 2 and reads twice as much.
const WINDOW: u32 = 5;
/// Bits of an exponent.
const EXPONENT: u32 = 1024;
const ENTRIES: usize = 1 << WINDOW;

/// What computes products modulo the modulus of each lane. All numbers are in Montgomery's form.
trait Machine {
    /// `R` is two to this power.
    const BITS: u32;
    /// A number for each lane, in digits.
    type Element: Copy;

    /// The lowest digits of the number of each lane, from bit `start` on.
    fn split(words: [&[u64]; 2], start: u32) -> Self::Element;
    /// `R²`.
    fn square_of_r(&self) -> Self::Element;
    /// Puts a number into the accumulator.
    fn set(&self, element: &Self::Element);
    /// What is in the accumulator.
    fn get(&self) -> Self::Element;
    /// Adds to the accumulator. The sum need not be reduced.
    fn add(&self, element: &Self::Element);
    /// Sets the other operand of multiplications.
    fn operand(&self, element: &Self::Element);
    /// The accumulator becomes its product with the operand, over `R`.
    fn multiply(&self);
    /// The accumulator becomes its square, over `R`. The operand is lost.
    fn square(&self);
    /// The entry at `index`, which may be another for each lane.
    fn select(table: &[Self::Element; ENTRIES], index: [u64; 2]) -> Self::Element;
    /// Whether every sum stayed within its bounds.
    fn intact(&self) -> bool;
}

/// 1 if both are equal, 0 if not.
fn is_equal(a: u64, b: u64) -> u64 {
    // The barrier keeps the compiler from seeing that one entry is all that the others leave.
    black_box((a ^ b).wrapping_sub(1) >> 63)
}

/// Brings a number of twice the size of the moduli into Montgomery's form.
fn enter<M: Machine>(machine: &M, number: &[u64]) {
    // As `low + high·R`, each part below `R`; a product with `R²`, over `R`, is one with `R`.
    machine.operand(&machine.square_of_r());
    machine.set(&M::split([number; 2], 0));
    machine.multiply();
    let low = machine.get();
    machine.set(&M::split([number; 2], M::BITS));
    machine.multiply();
    machine.multiply();
    machine.add(&low);
}

/// Takes the accumulator out of Montgomery's form. It is then no more than the modulus.
fn leave<M: Machine>(machine: &M) {
    machine.operand(&M::split([&[1]; 2], 0));
    machine.multiply();
}

/// Raises the accumulator to the exponent of each lane.
fn power<M: Machine>(machine: &M, exponents: [&[u64]; 2]) {
    let base = machine.get();
    machine.operand(&base);
    let mut table = [base; ENTRIES];
    // Montgomery's form of one.
    machine.set(&machine.square_of_r());
    leave(machine);
    let mut entries = table.iter_mut();
    if let Some(entry) = entries.next() {
        *entry = machine.get();
    }
    machine.set(&base);
    machine.operand(&base);
    for entry in entries {
        *entry = machine.get();
        machine.multiply();
    }
    let mut start = (EXPONENT - 1) / WINDOW * WINDOW;
    let entry = |start| {
        let index = exponents.map(|exponent| integer::digit(exponent, start, WINDOW));
        M::select(&table, index)
    };
    machine.set(&entry(start));
    while start > 0 {
        start -= WINDOW;
        for _ in 0..WINDOW {
            machine.square();
        }
        machine.operand(&entry(start));
        machine.multiply();
    }
    table = [M::split([&[]; 2], 0); ENTRIES];
    optimization_barrier(&table);
}

/// Raises the accumulator to a public exponent, whose bits are branched on.
fn public_power<M: Machine>(machine: &M, exponent: u64) {
    let base = machine.get();
    for bit in (0..exponent.ilog2()).rev() {
        machine.square();
        if exponent >> bit & 1 == 1 {
            machine.operand(&base);
            machine.multiply();
        }
    }
}

/// Two primes of 1024 bits, modulo which one signature needs one power each.
pub(super) trait Primes: Sized {
    /// For odd numbers whose highest bit is set.
    fn new(primes: [&Prime; 2]) -> Self;
    /// A number to the power of each exponent, modulo each prime; or nothing, if the computation went wrong.
    fn power(&self, number: &Number, exponents: [&Prime; 2]) -> Option<[Prime; 2]>;
    /// `a·b` modulo the first prime, for `b` below it; or nothing, if the computation went wrong.
    fn multiply_first(&self, a: &Prime, b: &Prime) -> Option<Prime>;
    /// Whether `signature` to the power of `exponent`, which is public and not zero, is `number`, modulo both primes.
    fn opens(&self, signature: &Number, exponent: u64, number: &Number) -> bool;
    /// Overwrites what is secret.
    fn wipe(&mut self);
}

/// A number of the size of a prime.
pub(super) type Prime = [u64; 16];
/// A number of the size of the modulus.
pub(super) type Number = [u64; 32];

/// Leaves `a·b` in the accumulator, in Montgomery's form.
fn product<M: Machine>(machine: &M, a: &Prime, b: &Prime) {
    let square = machine.square_of_r();
    machine.operand(&square);
    machine.set(&M::split([a; 2], 0));
    machine.multiply();
    machine.operand(&M::split([b; 2], 0));
    machine.multiply();
    machine.operand(&square);
    machine.multiply();
}

/// Whether both computations went right and came to the same.
fn same(a: Option<[Prime; 2]>, b: Option<[Prime; 2]>) -> bool {
    let (Some([a, b]), Some([c, d])) = (a, b) else { return false };
    integer::equal(&a, &c) && integer::equal(&b, &d)
}

#[cfg(any(test, feature = "arithmetic"))]
pub(super) use self::{columns::InColumns, rows::InLanes};

/// What measures best where one instruction multiplies to 128 bits.
#[cfg(any(not(target_family = "wasm"), wide_arithmetic))]
pub(super) use columns::InColumns as Best;
/// What measures best in portable WebAssembly.
#[cfg(all(target_family = "wasm", not(wide_arithmetic)))]
pub(super) use rows::InLanes as Best;

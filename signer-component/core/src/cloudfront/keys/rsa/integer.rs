//! Non-negative integers of a fixed size: little-endian arrays of 64-bit words.
//!
//! Nothing here branches or indexes on a value, only on sizes.

#![expect(clippy::indexing_slicing, reason = "indices run over sizes that the types fix")]

/// The number in big-endian bytes. What does not fit is not looked at; callers know the length.
pub(super) fn from_bytes<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let mut words = [0; N];
    for (word, chunk) in words.iter_mut().zip(bytes.rchunks(8)) {
        *word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    words
}

/// The number as big-endian bytes.
pub(super) fn to_bytes(words: &[u64]) -> Vec<u8> {
    words.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

/// `a + b`, and whether it is too large by one bit.
fn add<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut sum = [0; N];
    let mut carry = 0;
    for i in 0..N {
        let wide = u128::from(a[i]) + u128::from(b[i]) + u128::from(carry);
        sum[i] = wide as u64;
        carry = (wide >> 64) as u64;
    }
    (sum, carry)
}

/// `a - b`, and 1 if that is below zero.
pub(super) fn subtract<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut difference = [0; N];
    let mut borrow = 0;
    for i in 0..N {
        let wide = u128::from(a[i]).wrapping_sub(u128::from(b[i])).wrapping_sub(u128::from(borrow));
        difference[i] = wide as u64;
        borrow = (wide >> 64) as u64 & 1;
    }
    (difference, borrow)
}

/// `a` if `choice` is 1, `b` if it is 0.
fn select<const N: usize>(choice: u64, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
    let mask = choice.wrapping_neg();
    core::array::from_fn(|i| b[i] ^ (mask & (a[i] ^ b[i])))
}

/// `a` modulo `modulus`, for `a` below twice the modulus; `carry` is the bit above `a`.
fn reduce_once<const N: usize>(a: &[u64; N], carry: u64, modulus: &[u64; N]) -> [u64; N] {
    let (difference, borrow) = subtract(a, modulus);
    // Below the modulus only if the subtraction borrows what no carry lends.
    select(borrow & !carry & 1, a, &difference)
}

/// `a` modulo `modulus`, for `a` below twice the modulus.
pub(super) fn reduced<const N: usize>(a: &[u64; N], modulus: &[u64; N]) -> [u64; N] {
    reduce_once(a, 0, modulus)
}

/// `a - b` modulo `modulus`, for both below it.
pub(super) fn subtract_modulo<const N: usize>(
    a: &[u64; N],
    b: &[u64; N],
    modulus: &[u64; N],
) -> [u64; N] {
    let (difference, borrow) = subtract(a, b);
    let (raised, _) = add(&difference, modulus);
    select(borrow, &raised, &difference)
}

/// `2^exponent` modulo an odd modulus that fills its words, by doubling.
pub(super) fn power_of_two<const N: usize>(exponent: u32, modulus: &[u64; N]) -> [u64; N] {
    let mut power = [0; N];
    // The highest power below the modulus, whose highest bit is set.
    power[N - 1] = 1 << 63;
    for _ in 64 * N as u32 - 1..exponent {
        let (doubled, carry) = add(&power, &power);
        power = reduce_once(&doubled, carry, modulus);
    }
    power
}

/// `a * b + c`, of twice the size.
pub(super) fn multiply_add<const N: usize, const M: usize>(
    a: &[u64; N],
    b: &[u64; N],
    c: &[u64; N],
) -> [u64; M] {
    const { assert!(M == 2 * N) };
    let mut product = [0; M];
    product[..N].copy_from_slice(c);
    for i in 0..N {
        let mut carry = 0;
        for j in 0..N {
            let wide = u128::from(a[i]) * u128::from(b[j])
                + u128::from(product[i + j])
                + u128::from(carry);
            product[i + j] = wide as u64;
            carry = (wide >> 64) as u64;
        }
        product[i + N] = carry;
    }
    product
}

/// Whether both are equal, in a time that does not tell where they differ.
pub(super) fn equal<const N: usize>(a: &[u64; N], b: &[u64; N]) -> bool {
    let difference = a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b));
    core::hint::black_box(difference) == 0
}

/// The digit of `width` bits, fewer than 64, that begins at bit `start`. Beyond the end there are zeros.
pub(super) fn digit(words: &[u64], start: u32, width: u32) -> u64 {
    let at = (start / 64) as usize;
    let word = |at| words.get(at).copied().unwrap_or(0);
    let pair = u128::from(word(at)) | u128::from(word(at + 1)) << 64;
    (pair >> (start % 64)) as u64 & ((1 << width) - 1)
}

/// The number whose digits of `width` bits are given, lowest first, as far as it fits.
pub(super) fn from_digits<const N: usize>(
    digits: impl IntoIterator<Item = u64>,
    width: u32,
) -> [u64; N] {
    let mut words = [0; N];
    for (start, digit) in (0..).step_by(width as usize).zip(digits) {
        let wide = u128::from(digit) << (start % 64);
        for (word, part) in
            words.iter_mut().skip(start / 64).zip([wide as u64, (wide >> 64) as u64])
        {
            *word |= part;
        }
    }
    words
}

/// `-1 / odd` modulo `2^64`, by Newton's iteration, which doubles the number of right bits.
pub(super) fn negated_inverse(odd: u64) -> u64 {
    let mut inverse = 1_u64;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

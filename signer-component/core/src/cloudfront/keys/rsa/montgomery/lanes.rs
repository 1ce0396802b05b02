//! Two numbers side by side in 28-bit digits, each in a lane of 64 bits.
//!
//! 76 products of 56 bits each, and a carry, stay below `2^63`.

/// Bits of a digit.
pub(super) const WIDTH: u32 = 28;
const MASK: u64 = (1 << WIDTH) - 1;

#[cfg(not(target_family = "wasm"))]
pub(super) use scalar::*;
#[cfg(target_family = "wasm")]
pub(super) use simd::*;

#[cfg(target_family = "wasm")]
mod simd {
    //! The lanes are those of WebAssembly's 128-bit vectors.

    use core::arch::wasm32::{
        i32x4_shuffle, i64x2_add, u32x4, u32x4_extract_lane, u32x4_splat, u64x2,
        u64x2_extmul_high_u32x4, u64x2_extmul_low_u32x4, u64x2_shr, u64x2_splat, v128, v128_and,
        v128_or,
    };

    use super::{MASK, WIDTH};

    pub(in super::super) type Pair = v128;
    pub(in super::super) type Sum = v128;

    #[inline(always)]
    pub(in super::super) fn pair([a, b]: [u64; 2], [c, d]: [u64; 2]) -> v128 {
        u32x4(a as u32, b as u32, c as u32, d as u32)
    }
    #[inline(always)]
    pub(in super::super) fn digits(pair: v128, lane: usize) -> [u64; 2] {
        if lane == 0 {
            [u32x4_extract_lane::<0>(pair).into(), u32x4_extract_lane::<2>(pair).into()]
        } else {
            [u32x4_extract_lane::<1>(pair).into(), u32x4_extract_lane::<3>(pair).into()]
        }
    }
    #[inline(always)]
    pub(in super::super) fn mask([a, b]: [u64; 2]) -> v128 {
        let [a, b] = [(a as u32).wrapping_neg(), (b as u32).wrapping_neg()];
        u32x4(a, b, a, b)
    }
    #[inline(always)]
    pub(in super::super) fn keep(kept: v128, entry: v128, mask: v128) -> v128 {
        v128_or(kept, v128_and(entry, mask))
    }
    #[inline(always)]
    pub(in super::super) fn cross(low: v128, high: v128) -> v128 {
        i32x4_shuffle::<0, 1, 6, 7>(low, high)
    }
    #[inline(always)]
    pub(in super::super) fn swap(pair: v128) -> v128 {
        i32x4_shuffle::<2, 3, 0, 1>(pair, pair)
    }
    #[inline(always)]
    pub(in super::super) fn join(low: v128, high: v128) -> v128 {
        v128_and(i32x4_shuffle::<0, 2, 4, 6>(low, high), u32x4_splat(MASK as u32))
    }
    #[inline(always)]
    pub(in super::super) fn zero() -> v128 {
        u64x2_splat(0)
    }
    #[inline(always)]
    pub(in super::super) fn add(a: v128, b: v128) -> v128 {
        i64x2_add(a, b)
    }
    #[inline(always)]
    pub(in super::super) fn add_low(sum: v128, a: v128, b: v128) -> v128 {
        i64x2_add(sum, u64x2_extmul_low_u32x4(a, b))
    }
    #[inline(always)]
    pub(in super::super) fn add_high(sum: v128, a: v128, b: v128) -> v128 {
        i64x2_add(sum, u64x2_extmul_high_u32x4(a, b))
    }
    #[inline(always)]
    pub(in super::super) fn shift(sum: v128) -> v128 {
        u64x2_shr(sum, WIDTH)
    }
    #[inline(always)]
    pub(in super::super) fn quotient(sum: v128, factor: v128) -> v128 {
        let low = i32x4_shuffle::<0, 2, 0, 2>(sum, sum);
        v128_and(u64x2_extmul_low_u32x4(low, factor), u64x2(MASK, MASK))
    }
}

#[cfg(not(target_family = "wasm"))]
mod scalar {
    //! The same lanes without vectors, so that tests of the arithmetic need no WebAssembly.

    use super::{MASK, WIDTH};

    fn product(a: u32, b: u32) -> u64 {
        u64::from(a) * u64::from(b)
    }

    pub(in super::super) type Pair = [u32; 4];
    pub(in super::super) type Sum = [u64; 2];

    pub(in super::super) fn pair([a, b]: [u64; 2], [c, d]: [u64; 2]) -> [u32; 4] {
        [a as u32, b as u32, c as u32, d as u32]
    }
    pub(in super::super) fn digits([a, b, c, d]: [u32; 4], lane: usize) -> [u64; 2] {
        if lane == 0 { [a.into(), c.into()] } else { [b.into(), d.into()] }
    }
    pub(in super::super) fn mask([a, b]: [u64; 2]) -> [u32; 4] {
        let [a, b] = [(a as u32).wrapping_neg(), (b as u32).wrapping_neg()];
        [a, b, a, b]
    }
    pub(in super::super) fn keep(
        [k0, k1, k2, k3]: [u32; 4],
        [e0, e1, e2, e3]: [u32; 4],
        m: [u32; 4],
    ) -> [u32; 4] {
        let [m0, m1, m2, m3] = m;
        [k0 | (e0 & m0), k1 | (e1 & m1), k2 | (e2 & m2), k3 | (e3 & m3)]
    }
    pub(in super::super) fn cross([a, b, _, _]: [u32; 4], [_, _, c, d]: [u32; 4]) -> [u32; 4] {
        [a, b, c, d]
    }
    pub(in super::super) fn swap([a, b, c, d]: [u32; 4]) -> [u32; 4] {
        [c, d, a, b]
    }
    pub(in super::super) fn join([a, b]: [u64; 2], [c, d]: [u64; 2]) -> [u32; 4] {
        [a, b, c, d].map(|sum| (sum & MASK) as u32)
    }
    pub(in super::super) fn zero() -> [u64; 2] {
        [0; 2]
    }
    pub(in super::super) fn add([a, b]: [u64; 2], [c, d]: [u64; 2]) -> [u64; 2] {
        [a + c, b + d]
    }
    pub(in super::super) fn add_low(
        [s, t]: [u64; 2],
        [a, b, _, _]: [u32; 4],
        [c, d, _, _]: [u32; 4],
    ) -> [u64; 2] {
        [s + product(a, c), t + product(b, d)]
    }
    pub(in super::super) fn add_high(
        [s, t]: [u64; 2],
        [_, _, a, b]: [u32; 4],
        [_, _, c, d]: [u32; 4],
    ) -> [u64; 2] {
        [s + product(a, c), t + product(b, d)]
    }
    pub(in super::super) fn shift([a, b]: [u64; 2]) -> [u64; 2] {
        [a >> WIDTH, b >> WIDTH]
    }
    pub(in super::super) fn quotient([s, t]: [u64; 2], [a, b, _, _]: [u32; 4]) -> [u64; 2] {
        [product(s as u32, a) & MASK, product(t as u32, b) & MASK]
    }
}

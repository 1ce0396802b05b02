//! Whether the time of a private power depends on message or exponent, in the way of `dudect`.
//!
//! usage: cargo run --release -p tollgate-core --features arithmetic --example rsa-constant-time -- [MEASUREMENTS]
//!
//! Reparaz, Balasch and Verbauwhede ("Dude, is my code constant time?", DATE 2017): one class of inputs is fixed, the other
//! random, which one is next is random too, and Welch's t-test compares their times, with the slowest cut off at several
//! heights because what interrupts a measurement is not what is looked for. Beyond 4.5 there may be a leak, beyond 10
//! there is one. As a control, the same is done with an exponentiation that does branch on its exponent.

#![expect(clippy::print_stdout, reason = "a command that reports")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is a finding")]

use std::{hint::black_box, time::Instant};

use crypto_bigint::{
    Odd, U1024,
    modular::{FixedMontyForm, FixedMontyParams},
};
use tollgate_core::cloudfront::keys::arithmetic::{in_columns, in_lanes};

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
}

/// Welch's t of the times of both classes.
fn welch(times: &[Vec<f64>; 2]) -> f64 {
    let [(mean_a, error_a), (mean_b, error_b)] = times.each_ref().map(|times| {
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (mean_a - mean_b) / (error_a + error_b).sqrt()
}

/// The largest |t| over several heights at which slow measurements are cut off.
fn measure(
    name: &str,
    count: usize,
    random: &mut Numbers,
    mut input: impl FnMut(&mut Numbers, bool) -> ([u64; 32], [u64; 16]),
    mut run: impl FnMut(&[u64; 32], &[u64; 16]),
) {
    let mut measured = Vec::with_capacity(count);
    for _ in 0..count {
        let [coin] = random.next();
        let class = (coin >> 63) as usize;
        // Both classes draw a number, so that what happens before a measurement is the same.
        let (number, exponent) = input(random, class == 0);
        let start = Instant::now();
        run(black_box(&number), black_box(&exponent));
        measured.push((class, start.elapsed().as_nanos() as f64));
    }
    let mut sorted: Vec<f64> = measured.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let worst = [0.5, 0.7, 0.9, 0.99, 1.0]
        .map(|part| {
            let height = sorted[((count - 1) as f64 * part) as usize];
            let mut classes = [vec![], vec![]];
            for (class, time) in measured.iter().filter(|(_, time)| *time <= height) {
                classes[*class].push(*time);
            }
            welch(&classes).abs()
        })
        .into_iter()
        .fold(0.0, f64::max);
    println!("{name:48} max |t| {worst:6.2} of {count} measurements");
}

fn main() {
    let count = std::env::args().nth(1).map_or(20_000, |count| count.parse().unwrap());
    let mut random = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut moduli: [[u64; 16]; 2] = [random.next(), random.next()];
    for modulus in &mut moduli {
        modulus[0] |= 1;
        modulus[15] |= 1 << 63;
    }
    let moduli = moduli.each_ref();
    let fixed_exponent: [u64; 16] = random.next();
    let sparse = std::array::from_fn(|i| if i == 15 { 1 << 63 } else { 0 });
    let message = |random: &mut Numbers, fixed: bool| {
        let drawn = random.next();
        (if fixed { [0; 32] } else { drawn }, fixed_exponent)
    };
    let exponent = |random: &mut Numbers, fixed: bool| {
        let (number, drawn) = (random.next(), random.next());
        (number, if fixed { sparse } else { drawn })
    };
    let columns = |number: &_, exponent: &_| {
        black_box(in_columns(number, [exponent; 2], moduli));
    };
    let lanes = |number: &_, exponent: &_| {
        black_box(in_lanes(number, [exponent; 2], moduli));
    };
    measure("columns, message zero or random", count, &mut random, message, columns);
    measure("columns, exponent of one bit or random", count, &mut random, exponent, columns);
    measure("lanes, message zero or random", count, &mut random, message, lanes);
    measure("lanes, exponent of one bit or random", count, &mut random, exponent, lanes);

    let params = FixedMontyParams::new_vartime(Odd::new(U1024::from_words(*moduli[0])).unwrap());
    measure(
        "control: branches on its exponent",
        count / 10,
        &mut random,
        exponent,
        |number, exponent| {
            let base = U1024::from_words(std::array::from_fn(|i| number[i]));
            let base = FixedMontyForm::new(&base, &params);
            let mut power = base;
            for bit in (0..1023).rev() {
                power = power.square();
                if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
                    power *= base;
                }
            }
            black_box(power);
        },
    );
}

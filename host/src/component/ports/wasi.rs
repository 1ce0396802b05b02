//! The two things of WASI the gate may touch: a wall clock and randomness.

use std::time::{SystemTime, UNIX_EPOCH};

use super::State;
use crate::component::bindings::gate::wasi::{
    clocks::wall_clock::{self, Datetime},
    random::random,
};

/// More than anything the gate asks for at once; a component that asks for more is broken.
const MOST_RANDOM_BYTES: u64 = 4096;

impl wall_clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<Datetime> {
        // A clock before 1970 would make every signature look valid for decades: no answer is better.
        let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
        Ok(Datetime { seconds: since.as_secs(), nanoseconds: since.subsec_nanos() })
    }

    fn resolution(&mut self) -> wasmtime::Result<Datetime> {
        Ok(Datetime { seconds: 0, nanoseconds: 1 })
    }
}

impl random::Host for State {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        if length > MOST_RANDOM_BYTES {
            return Err(wasmtime::Error::msg("too many random bytes asked for at once"));
        }
        let mut bytes = vec![0; usize::try_from(length)?];
        crate::random::fill(&mut bytes).map_err(|_| wasmtime::Error::msg("no randomness"))?;
        Ok(bytes)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        let mut bytes = [0; 8];
        crate::random::fill(&mut bytes).map_err(|_| wasmtime::Error::msg("no randomness"))?;
        Ok(u64::from_ne_bytes(bytes))
    }
}

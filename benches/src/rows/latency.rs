//! How long a viewer waits while half of what the peer can do is asked of either server.

use anyhow::{Context as _, Result};

use super::{Measure, Pace, both, grants::Warm};
use crate::{
    figure::Sample,
    stage::{Load, Server, Stage},
};

/// Viewers. Each pauses, asks, and pauses again; with so many the arrivals are as good as random.
const CONNECTIONS: u32 = 128;

/// At the peer's rate, more than a thousand answers, of which the slowest hundredth counts.
const LEAST_SECONDS: u32 = 4;

/// The same requests as in [`Warm`], with pauses.
pub(super) struct Latency {
    warm: Warm,
    /// Half of the peer's peak, in requests a second.
    rate: f64,
    seconds: u32,
}

impl Latency {
    pub(super) fn prepare(stage: &Stage, pace: Pace) -> Result<Self> {
        let warm = Warm::set(stage, "latency", pace)?;
        let peak = stage.send(&warm.peer, warm.load(pace.seconds)).context("the peer")?.rate;
        Ok(Self { warm, rate: peak / 2.0, seconds: pace.seconds.max(LEAST_SECONDS) })
    }
}

impl Measure for Latency {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        let load = Load {
            connections: CONNECTIONS,
            pause: f64::from(CONNECTIONS) / self.rate * 1e3,
            ..self.warm.load(self.seconds)
        };
        let (mut our_rate, mut their_rate) = (0.0, 0.0);
        let p99 = |server: &Server, name: &'static str, rate: &mut f64| {
            let answered = stage.send(server, load).context(name)?;
            *rate = answered.rate;
            Ok(answered.p99)
        };
        let mut sample = both(
            swapped,
            || p99(&self.warm.gateway, "the gateway", &mut our_rate),
            || p99(&self.warm.peer, "the peer", &mut their_rate),
        )?;
        sample.beside.push(("asked of ours", our_rate, "1/s"));
        sample.beside.push(("asked of the peer", their_rate, "1/s"));
        Ok(sample)
    }
}

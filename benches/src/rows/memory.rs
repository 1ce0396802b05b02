//! Memory while many requests wait for what is looked up for them.

use std::{thread, time::Duration};

use anyhow::{Context as _, Result, anyhow};

use super::{Measure, Pace, both, grants::USERS};
use crate::{
    figure::{Sample, Spread},
    stage::{Grants, Kind, Load, Server, Size, SlowOrigin, Stage, proportional_memory},
};

/// Requests in flight: each connection always has one.
const IN_FLIGHT: u32 = 1000;

/// How long the peer's lookups take, as long as those of [`SlowOrigin`].
const LOOKUP: Duration = SlowOrigin::DELAY;

/// How often memory is looked at.
const PAUSE: Duration = Duration::from_millis(100);

/// Every user asks for another episode, so that no two share a lookup.
pub(super) struct Memory {
    grants: Grants,
    seconds: u32,
    /// What the gateway asks whether a playlist exists. The peer waits by itself.
    _origin: SlowOrigin,
}

impl Memory {
    pub(super) fn prepare(stage: &Stage, pace: Pace) -> Result<Self> {
        let origin = SlowOrigin::start()?;
        let size = Size { users: USERS, episodes: USERS, leases: 0 };
        let kind = Kind { bound: false, held: true };
        let grants = Grants::set(stage, "memory", (size, kind), (USERS, USERS))?;
        let grants = grants.with_objects(&format!(
            "type = \"http\"\nurl = \"http://{}\"\nfound-for = 0\nmissing-for = 0",
            origin.address
        ));
        Ok(Self { grants, seconds: pace.seconds.max(3), _origin: origin })
    }

    /// The middle of what the server and its children occupy, in MiB, once the load has been on for a second.
    fn occupied(&self, stage: &Stage, server: &Server) -> Result<f64> {
        let load = Load {
            requests: self.grants.requests(),
            threads: 2,
            connections: IN_FLIGHT,
            seconds: self.seconds + 1,
            pause: 0.0,
        };
        let seen = thread::scope(|scope| {
            let sending = scope.spawn(|| stage.send(server, load));
            thread::sleep(Duration::from_secs(1));
            let mut seen = Vec::new();
            while !sending.is_finished() {
                seen.push(proportional_memory(server.pid())?);
                thread::sleep(PAUSE);
            }
            // What was seen last may be of a server that has nothing left to do.
            seen.truncate(seen.len().saturating_sub(2));
            sending.join().map_err(|_| anyhow!("the load broke off"))??;
            Ok::<_, anyhow::Error>(seen)
        })?;
        let middle = Spread::of(seen.into_iter().map(|bytes| bytes as f64 / f64::from(1 << 20)));
        middle.map(|spread| spread.median).context("nothing was seen")
    }
}

impl Measure for Memory {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        // Servers of their own for each round: memory remembers every load there was before.
        let ours = || {
            let server = self.grants.gateway(stage)?;
            self.occupied(stage, &server).context("the gateway")
        };
        let theirs = || {
            let wait = u32::try_from(LOOKUP.as_millis())?;
            let server = self.grants.peer(stage, wait)?;
            self.occupied(stage, &server).context("the peer")
        };
        both(swapped, ours, theirs)
    }
}

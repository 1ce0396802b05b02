//! From the start of a process to its first grant.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{Measure, both, grants::USERS};
use crate::{
    figure::{Sample, Spread},
    stage::{Grants, Kind, Server, Size, Stage},
};

/// Starts in one round, of which the middle counts.
const STARTS: usize = 3;

/// How often a server that starts is asked. Short against either start, and long enough not to be in its way.
const PAUSE: Duration = Duration::from_millis(1);

/// No start takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Both servers with the same users, one after the other.
pub(super) struct Start {
    grants: Grants,
}

impl Start {
    pub(super) fn prepare(stage: &Stage) -> Result<Self> {
        let size = Size { users: USERS, episodes: 1, leases: 0 };
        let kind = Kind { bound: false, held: true };
        let grants = Grants::set(stage, "start", (size, kind), (USERS, 1))?;
        // The first start compiles the component and keeps the code, and the first of node fills the page cache.
        drop(grants.gateway(stage)?);
        drop(grants.peer(stage, 0)?);
        Ok(Self { grants })
    }

    fn middle(&self, start: impl Fn() -> Result<Server>) -> Result<f64> {
        let mut all = Vec::with_capacity(STARTS);
        for _ in 0..STARTS {
            let begun = Instant::now();
            let server = start()?;
            while !server.grants(self.grants.first()) {
                if begun.elapsed() > PATIENCE {
                    bail!("no grant within {PATIENCE:?}");
                }
                std::thread::sleep(PAUSE);
            }
            all.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        Spread::of(all).map(|spread| spread.median).ok_or_else(|| anyhow::anyhow!("no start"))
    }
}

impl Measure for Start {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        let ours = || self.middle(|| Ok(self.grants.spawn_gateway(stage, false)?.0));
        let theirs = || self.middle(|| Ok(self.grants.spawn_peer(stage, 0, false)?.0));
        both(swapped, ours, theirs)
    }
}

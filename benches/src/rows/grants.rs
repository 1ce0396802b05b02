//! Grants per second.

use anyhow::{Context as _, Result};

use super::{Measure, Pace, both};
use crate::{
    figure::Sample,
    stage::{Grants, Kind, Load, Server, Size, Stage},
};

/// Users who ask, each with a token of their own.
pub(super) const USERS: usize = 1000;

/// Enough to keep both cores of either server busy, and few against what one worker takes at once.
pub(super) const CONNECTIONS: u32 = 64;

/// Everybody asks for the same episode in the same window.
pub(super) struct Warm {
    grants: Grants,
    pub(super) gateway: Server,
    pub(super) peer: Server,
    seconds: u32,
}

impl Warm {
    pub(super) fn set(stage: &Stage, name: &str, pace: Pace) -> Result<Self> {
        let size = Size { users: USERS, episodes: 1, leases: 0 };
        let kind = Kind { bound: false, held: true };
        let grants = Grants::set(stage, name, (size, kind), (USERS, 1))?;
        let gateway = grants.gateway(stage)?;
        let peer = grants.peer(stage, 0)?;
        let row = Self { grants, gateway, peer, seconds: pace.seconds };
        for server in [&row.gateway, &row.peer] {
            stage.send(server, row.load(pace.warm_up))?;
        }
        Ok(row)
    }

    pub(super) fn load(&self, seconds: u32) -> Load<'_> {
        let requests = self.grants.requests();
        Load { requests, threads: 2, connections: CONNECTIONS, seconds, pause: 0.0 }
    }
}

impl Measure for Warm {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        let rate = |server: &Server, name: &'static str| {
            let answered = stage.send(server, self.load(self.seconds)).context(name)?;
            Ok(answered.rate)
        };
        both(swapped, || rate(&self.gateway, "the gateway"), || rate(&self.peer, "the peer"))
    }
}

/// Every signature is for the address of one viewer, so none is good for another request.
pub(super) struct Unique {
    grants: Grants,
    held: Server,
    revealed: Server,
    peer: Server,
    seconds: u32,
}

impl Unique {
    pub(super) fn prepare(stage: &Stage, pace: Pace) -> Result<Self> {
        let size = Size { users: USERS, episodes: 1, leases: 0 };
        let set =
            |name, held| Grants::set(stage, name, (size, Kind { bound: true, held }), (USERS, 1));
        let (grants, inside) = (set("held", true)?, set("revealed", false)?);
        let (held, revealed) = (grants.gateway(stage)?, inside.gateway(stage)?);
        let peer = grants.peer(stage, 0)?;
        let row = Self { grants, held, revealed, peer, seconds: pace.seconds };
        for server in [&row.held, &row.revealed, &row.peer] {
            stage.send(server, row.load(pace.warm_up))?;
        }
        Ok(row)
    }

    fn load(&self, seconds: u32) -> Load<'_> {
        let requests = self.grants.requests();
        Load { requests, threads: 2, connections: CONNECTIONS, seconds, pause: 0.0 }
    }
}

impl Measure for Unique {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        let rate = |server: &Server, name: &'static str| {
            let answered = stage.send(server, self.load(self.seconds)).context(name)?;
            Ok(answered.rate)
        };
        let ours = || rate(&self.held, "the gateway with a held key");
        let mut sample = both(swapped, ours, || rate(&self.peer, "the peer"))?;
        let inside = rate(&self.revealed, "the gateway that signs in its component")?;
        sample.beside.push(("signed in gate.wasm", inside, "1/s"));
        Ok(sample)
    }
}

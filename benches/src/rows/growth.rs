//! What a grant costs when the store has grown.

use anyhow::{Context as _, Result};

use super::{
    Measure, Pace, both,
    grants::{CONNECTIONS, USERS},
};
use crate::{
    figure::Sample,
    stage::{Grants, Kind, Load, Server, Size, Stage},
};

/// The smaller store.
const SIZE: Size = Size { users: 5_000, episodes: 200, leases: 2 };

/// How many times as much is in the larger one.
const TIMES: usize = 10;

/// Episodes that are asked for, of either store. The load is the same, what it is looked for in is not.
const EPISODES: usize = 100;

/// Two gateways, each with a store of its own.
pub(super) struct Growth {
    small: (Grants, Server),
    large: (Grants, Server),
    seconds: u32,
}

impl Growth {
    pub(super) fn prepare(stage: &Stage, pace: Pace) -> Result<Self> {
        let kind = Kind { bound: false, held: true };
        let set = |name: &str, times: usize| -> Result<(Grants, Server)> {
            let size = Size {
                users: SIZE.users * times,
                episodes: SIZE.episodes * times,
                // As many for each user, so that there are ten times as many of them as well.
                leases: SIZE.leases,
            };
            let grants = Grants::set(stage, name, (size, kind), (USERS, EPISODES))?;
            let server = grants.gateway(stage)?;
            stage.send(&server, load(&grants, pace.warm_up))?;
            Ok((grants, server))
        };
        Ok(Self { small: set("small", 1)?, large: set("large", TIMES)?, seconds: pace.seconds })
    }
}

fn load(grants: &Grants, seconds: u32) -> Load<'_> {
    Load { requests: grants.requests(), threads: 2, connections: CONNECTIONS, seconds, pause: 0.0 }
}

impl Measure for Growth {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        let each = |(grants, server): &(Grants, Server), name: &'static str| {
            let answered = stage.send(server, load(grants, self.seconds)).context(name)?;
            Ok(1e6 / answered.rate)
        };
        both(
            swapped,
            || each(&self.large, "the gateway with the larger store"),
            || each(&self.small, "the gateway with the smaller store"),
        )
    }
}

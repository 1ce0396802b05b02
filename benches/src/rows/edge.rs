//! Segments per second.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{Measure, Pace, both};
use crate::{
    figure::Sample,
    stage::{Load, Segments, Server, Stage},
};

/// Players that fetch at once, on connections they keep.
const CONNECTIONS: u32 = 64;

/// The same bytes from both, each with its own kind of signature.
pub(super) struct Edge {
    edge: (Server, PathBuf),
    nginx: (Server, PathBuf),
    seconds: u32,
}

impl Edge {
    pub(super) fn prepare(stage: &Stage, pace: Pace) -> Result<Self> {
        let segments = Segments::set(stage)?;
        let row = Self {
            edge: segments.edge(stage)?,
            nginx: segments.nginx(stage)?,
            seconds: pace.seconds,
        };
        for (server, requests) in [&row.edge, &row.nginx] {
            stage.send(server, load(requests, pace.warm_up))?;
        }
        Ok(row)
    }
}

fn load(requests: &Path, seconds: u32) -> Load<'_> {
    Load { requests, threads: 2, connections: CONNECTIONS, seconds, pause: 0.0 }
}

impl Measure for Edge {
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample> {
        let rate = |(server, requests): &(Server, PathBuf), name: &'static str| {
            let answered = stage.send(server, load(requests, self.seconds)).context(name)?;
            // Whoever answers with less than the segment is not serving it.
            let each = answered.bytes / answered.rate;
            anyhow::ensure!(each >= 65_536.0, "{name} answers {each} bytes each time");
            Ok(answered.rate)
        };
        both(swapped, || rate(&self.edge, "the edge"), || rate(&self.nginx, "nginx"))
    }
}

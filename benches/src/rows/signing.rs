//! Signatures, and what the sandbox costs: everything that runs on one core.

use anyhow::Result;

use super::{Measure, Pace, both};
use crate::{
    figure::Sample,
    probe::What,
    stage::{Stage, openssl_rsa, probe},
};

/// What the other side is.
#[derive(Clone, Copy)]
pub(super) enum Against {
    OpenSsl,
    Probe(What),
}

/// Ours, and theirs, in microseconds.
pub(super) struct Signing {
    ours: What,
    against: Against,
    /// Whether what ours takes longer is the figure.
    difference: bool,
    beside: Option<(&'static str, What)>,
    seconds: f64,
}

impl Signing {
    pub(super) fn new(ours: What, against: Against, pace: Pace) -> Self {
        let seconds = f64::from(pace.seconds.min(MOST));
        Self { ours, against, difference: false, beside: None, seconds }
    }

    /// What ours adds is to be known.
    pub(super) fn difference(self) -> Self {
        Self { difference: true, ..self }
    }

    /// Something else to report beside it.
    pub(super) fn beside(self, name: &'static str, what: What) -> Self {
        Self { beside: Some((name, what)), ..self }
    }
}

/// Seconds for one side. Signatures have settled by then.
const MOST: u32 = 2;

impl Measure for Signing {
    fn round(&mut self, _stage: &Stage, swapped: bool) -> Result<Sample> {
        let ours = || Ok(probe(self.ours, self.seconds)? / 1e3);
        let theirs = || match self.against {
            Against::OpenSsl => Ok(openssl_rsa(1)? / 1e3),
            Against::Probe(what) => Ok(probe(what, self.seconds / 2.0)? / 1e3),
        };
        let mut sample = both(swapped, ours, theirs)?;
        if self.difference {
            sample.ours -= sample.theirs;
        }
        if let Some((name, what)) = self.beside {
            sample.beside.push((name, probe(what, self.seconds)? / 1e3, "µs"));
        }
        Ok(sample)
    }
}

//! What `scripts/check-counts` has callgrind count the instructions of: the same work so many times and nothing else,
//! so that twice as many times less once is the work alone.

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use tollgate::Runtime;
use tollgate_bench::{
    given::{Build, Given, P256, RSA, play},
    native::Core,
};

use crate::probe::block_on;

/// The component and its key.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    RsaWide,
    RsaPortable,
    P256Wide,
    P256Portable,
    /// No component: the same core natively, with RSA.
    Core,
}

#[derive(Debug, Args)]
pub(crate) struct Count {
    kind: Kind,
    /// Grants with statements of their own, each of which takes a signature
    #[arg(long, default_value_t = 0)]
    own: u32,
    /// Grants whose signature is there already
    #[arg(long, default_value_t = 0)]
    warm: u32,
}

/// An instant at which no window ends; the core is told it.
const NOW: u64 = 1_795_500_000;

impl Count {
    pub(crate) fn run(&self) -> Result<()> {
        let given = |build, pem, hash| Given { build, pem, held: false, hash };
        match self.kind {
            Kind::RsaWide => self.through_gate(given(Build::Wide, RSA, "SHA1")),
            Kind::RsaPortable => self.through_gate(given(Build::Portable, RSA, "SHA1")),
            Kind::P256Wide => self.through_gate(given(Build::Wide, P256, "SHA256")),
            Kind::P256Portable => self.through_gate(given(Build::Portable, P256, "SHA256")),
            Kind::Core => {
                let mut core = Core::new(RSA, "SHA1")?;
                for episode in self.episodes() {
                    core.play(&episode, NOW)?;
                }
                Ok(())
            }
        }
    }

    fn through_gate(&self, given: Given) -> Result<()> {
        block_on(async {
            let runtime = Runtime::with_gate_for_any_processor(&given.build.bytes()?);
            let gate = given.gate_in(&runtime.context("no engine")?).await?;
            for episode in self.episodes() {
                play(&gate, &episode).await?;
            }
            Ok(())
        })
    }

    /// The first is the warm one's own.
    fn episodes(&self) -> impl Iterator<Item = String> {
        let own = (0..=self.own).map(|number| format!("ep{number:06}"));
        own.chain((0..self.warm).map(|_| "ep000000".to_owned()))
    }
}

//! One function per row: measures both sides once.

mod edge;
mod grants;
mod growth;
mod latency;
mod memory;
mod signing;
mod start;

use anyhow::{Result, bail};

use self::signing::{Against, Signing};
use crate::{figure::Sample, probe::What, stage::Stage};

/// How long a run takes.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Rounds of each row.
    pub(crate) rounds: u32,
    /// Seconds for which one side is under load in one round.
    pub(crate) seconds: u32,
    /// Seconds of load that are not counted, before the first round.
    pub(crate) warm_up: u32,
}

/// A row that is set up and can be measured again and again.
pub(crate) trait Measure {
    /// Measures both sides, one right after the other. `swapped` says which comes first.
    fn round(&mut self, stage: &Stage, swapped: bool) -> Result<Sample>;
}

/// Sets a row up.
pub(crate) fn prepare(id: &str, stage: &Stage, pace: Pace) -> Result<Box<dyn Measure>> {
    let (openssl, native) = (Against::OpenSsl, Against::Probe(What::NativeP256));
    Ok(match id {
        "rsa-wide" => Box::new(Signing::new(What::RsaWide, openssl, pace)),
        "rsa-portable" => Box::new(Signing::new(What::RsaPortable, openssl, pace)),
        "p256-wide" => Box::new(Signing::new(What::P256Wide, native, pace)),
        "p256-portable" => Box::new(Signing::new(What::P256Portable, native, pace)),
        "rsa-held" => Box::new(
            Signing::new(What::RsaHeld, Against::Probe(What::AwsLcRs), pace)
                .beside("with SHA-1", What::RsaHeldSha1),
        ),
        "sandbox-cost" => {
            Box::new(Signing::new(What::Gate, Against::Probe(What::Core), pace).difference())
        }
        "grants-warm" => Box::new(grants::Warm::set(stage, "warm", pace)?),
        "grants-unique" => Box::new(grants::Unique::prepare(stage, pace)?),
        "latency-p99" => Box::new(latency::Latency::prepare(stage, pace)?),
        "edge-segments" => Box::new(edge::Edge::prepare(stage, pace)?),
        "start" => Box::new(start::Start::prepare(stage)?),
        "memory" => Box::new(memory::Memory::prepare(stage, pace)?),
        "growth" => Box::new(growth::Growth::prepare(stage, pace)?),
        _ => bail!("there is no row {id}"),
    })
}

/// Both sides, in the order asked for.
fn both(
    swapped: bool,
    mut ours: impl FnMut() -> Result<f64>,
    mut theirs: impl FnMut() -> Result<f64>,
) -> Result<Sample> {
    if swapped {
        let theirs = theirs()?;
        return Ok(Sample { ours: ours()?, theirs, beside: Vec::new() });
    }
    let ours = ours()?;
    Ok(Sample { ours, theirs: theirs()?, beside: Vec::new() })
}

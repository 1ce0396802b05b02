//! What is measured within one process, pinned to one core: this program calls itself for it, so that nothing that is
//! left of another row is in the way.

use std::{
    fs,
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use clap::{Args, ValueEnum};
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    pkcs8::DecodePrivateKey as _,
};
use tollgate::Gate;
use tollgate_bench::{
    given::{Build, Given, P256, RSA, play},
    native::Core,
};

/// Grants of one kind in a row.
const BATCH: u32 = 20;

/// Calls that are in the gate at once where a warm grant is measured, in processor time: then what it costs counts, and
/// not how long one thread takes to wake another.
const AT_ONCE: u32 = 32;

/// What there is to be measured. All are nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// A signature inside gate.wasm: a grant with a statement of its own, less a warm one.
    RsaWide,
    RsaPortable,
    P256Wide,
    P256Portable,
    /// The same with a key that the host holds, SHA-256.
    RsaHeld,
    /// The same with SHA-1.
    RsaHeldSha1,
    /// A signature by aws-lc-rs.
    AwsLcRs,
    /// A signature by the crate p256.
    NativeP256,
    /// A warm grant through the gate.
    Gate,
    /// The same decision by the same core, natively.
    Core,
}

#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// What to measure
    what: What,
    /// For how long
    #[arg(long)]
    seconds: f64,
}

impl Probe {
    /// Prints nanoseconds.
    pub(crate) fn run(&self) -> Result<()> {
        let limit = Duration::from_secs_f64(self.seconds);
        let gate = |build, pem, held, hash| Given { build, pem, held, hash };
        let nanoseconds = match self.what {
            What::RsaWide => signature(gate(Build::Wide, RSA, false, "SHA1"), limit),
            What::RsaPortable => signature(gate(Build::Portable, RSA, false, "SHA1"), limit),
            What::P256Wide => signature(gate(Build::Wide, P256, false, "SHA256"), limit),
            What::P256Portable => signature(gate(Build::Portable, P256, false, "SHA256"), limit),
            What::RsaHeld => signature(gate(Build::Wide, RSA, true, "SHA256"), limit),
            What::RsaHeldSha1 => signature(gate(Build::Wide, RSA, true, "SHA1"), limit),
            What::AwsLcRs => aws_lc_rs(limit),
            What::NativeP256 => native_p256(limit),
            What::Gate => warm(gate(Build::Wide, RSA, false, "SHA1"), limit),
            What::Core => core(limit),
        }?;
        writeln!(std::io::stdout(), "{nanoseconds}").context("nothing can be printed")
    }
}

/// Waits for it on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("no runtime")?.block_on(work)
}

/// Grants with statements of their own and warm ones take turns; what the ones take longer is the signature.
fn signature(given: Given, limit: Duration) -> Result<f64> {
    block_on(async move {
        let gate = given.gate().await?;
        // The first parses policy and key, and the processor has to find out what is coming.
        for number in 0..BATCH {
            play(&gate, &format!("before-{number}")).await?;
        }
        let (mut own, mut warm) = (Vec::new(), Vec::new());
        let begun = Instant::now();
        let mut number = 0;
        while begun.elapsed() < limit {
            for _ in 0..BATCH {
                number += 1;
                let episode = format!("own-{number}");
                own.push(timed(&gate, &episode).await?);
                warm.push(timed(&gate, "before-0").await?);
            }
        }
        Ok(middle(own)? - middle(warm)?)
    })
}

async fn timed(gate: &Gate, episode: &str) -> Result<f64> {
    let begun = Instant::now();
    play(gate, episode).await?;
    Ok(begun.elapsed().as_nanos() as f64)
}

/// The middle of many, which the scheduler's interruptions do not move.
fn middle(mut all: Vec<f64>) -> Result<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().context("nothing was measured")
}

/// Calls until the time is up, and answers the middle of all.
fn calls(limit: Duration, mut call: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut all = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < limit {
        let before = Instant::now();
        call()?;
        all.push(before.elapsed().as_nanos() as f64);
    }
    middle(all)
}

fn aws_lc_rs(limit: Duration) -> Result<f64> {
    let der = pem::parse(RSA).context("no PEM")?;
    let key = RsaKeyPair::from_pkcs8(der.contents()).map_err(|error| anyhow!("{error}"))?;
    let mut signature = vec![0; key.public_modulus_len()];
    let message = [7; 160];
    calls(limit, || {
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)
            .map_err(|_| anyhow!("the key could not sign"))
    })
}

fn native_p256(limit: Duration) -> Result<f64> {
    let key = SigningKey::from_pkcs8_pem(P256).map_err(|error| anyhow!("{error}"))?;
    let message = [7; 160];
    calls(limit, || {
        let signature: Signature = key.try_sign(&message).map_err(|error| anyhow!("{error}"))?;
        std::hint::black_box(signature);
        Ok(())
    })
}

fn warm(given: Given, limit: Duration) -> Result<f64> {
    block_on(async move {
        let gate = given.gate().await?;
        let mut all = Vec::new();
        let begun = Instant::now();
        while begun.elapsed() < limit {
            let before = processor_time()?;
            for _ in 0..BATCH {
                at_once(&gate).await?;
            }
            let spent = processor_time()?.saturating_sub(before);
            all.push(spent as f64 / f64::from(BATCH * AT_ONCE));
        }
        middle(all)
    })
}

async fn at_once(gate: &Gate) -> Result<()> {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let gate = gate.clone();
        running.spawn(async move { play(&gate, "ep1").await.map(drop) });
    }
    while let Some(ended) = running.join_next().await {
        ended.context("a task was lost")??;
    }
    Ok(())
}

/// What all threads of this process have computed so far, in nanoseconds.
fn processor_time() -> Result<u64> {
    let mut sum = 0;
    for thread in fs::read_dir("/proc/self/task").context("no /proc")? {
        let path = thread.context("no /proc")?.path().join("schedstat");
        // One that has just ended computes no more.
        let Ok(text) = fs::read_to_string(path) else { continue };
        let time = text.split(' ').next().and_then(|time| time.parse::<u64>().ok());
        sum += time.context("the kernel keeps no count of processor time")?;
    }
    Ok(sum)
}

fn core(limit: Duration) -> Result<f64> {
    let mut core = Core::new(RSA, "SHA1")?;
    let now = std::time::SystemTime::now();
    let now =
        now.duration_since(std::time::UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
    calls(limit, || {
        std::hint::black_box(core.play("ep1", now)?);
        Ok(())
    })
}

//! Gives `gate.wasm` entitlements and a key, and asks it for a signed URL: `rust-wasmtime GATE KEY USER`.
mod bindings;
use bindings::tollgate::gate::{catalog::*, entitlements::*, sessions::*, signing_keys::*, types};
use bindings::{Gate, exports::tollgate::gate::playback::*, wasi::clocks::wall_clock::Datetime};
use std::{fs, io, io::Read as _, io::Write as _, pin::Pin, time::SystemTime};
use wasmtime::{Config, Engine, Error, Result, Store, component::*};

type Answer<T> = Pin<Box<dyn Future<Output = Result<(Result<T, types::PortError>,)>> + Send>>;
fn is<T: Send + 'static>(answer: T) -> Answer<T> {
    Box::pin(async { Ok((Ok(answer),)) })
}
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let [file, pem, user] = [1, 2, 3].map(|at| std::env::args().nth(at).unwrap_or_default());
    let key = PemKey { key_pair_id: "K1".into(), pem: fs::read_to_string(pem)? };
    let engine = Engine::new(Config::new().wasm_component_model_async(true))?;
    let (gate, mut host) = (Component::from_file(&engine, file)?, Linker::<()>::new(&engine));
    let mut port = host.instance("tollgate:gate/entitlements@0.1.0")?;
    port.func_wrap_concurrent("lookup", |_, (user, series): (String, String)| {
        let active = || Entitlement { status: "Active".into(), valid_until: None };
        is((user == "alice" && series == "series-1").then(active))
    })?;
    let mut port = host.instance("tollgate:gate/signing-keys@0.1.0")?;
    port.resource("signing-key", ResourceType::host::<SigningKey>(), |_, _| Ok(()))?;
    port.func_wrap_concurrent("current", move |_, ()| is(Key::Revealed(key.clone())))?;
    let mut port = host.instance("tollgate:gate/settings@0.1.0")?;
    port.func_wrap_concurrent("policy", |_, ()| is(r#"{"domain": "cdn.example.com"}"#.to_owned()))?;
    let mut port = host.instance("tollgate:gate/catalog@0.1.0")?;
    let hls = || Some(Media { video: None, poster: None });
    port.func_wrap_concurrent("episode", move |_, _: (String, String)| is(hls()))?;
    port.func_wrap_concurrent("exists", |_, _: (String,)| is(true))?;
    let mut port = host.instance("tollgate:gate/sessions@0.1.0")?;
    port.func_wrap_concurrent("claim", |_, (claim,): (ClaimRequest,)| {
        let ClaimRequest { session_id: id, device, series, episode, now, expires_at, .. } = claim;
        let (started_at, renewed_at) = (now, now);
        let lease = Session { id, device, series, episode, started_at, renewed_at, expires_at };
        is(ClaimOutcome::Claimed(lease))
    })?;
    host.instance("wasi:clocks/wall-clock@0.2.6")?.func_wrap("now", |_, ()| {
        let now = SystemTime::UNIX_EPOCH.elapsed()?;
        Ok((Datetime { seconds: now.as_secs(), nanoseconds: now.subsec_nanos() },))
    })?;
    let mut random = host.instance("wasi:random/random@0.2.6")?;
    random.func_wrap("get-random-bytes", |_, (length,): (u64,)| {
        let mut bytes = vec![0; usize::try_from(length)?];
        fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok((bytes,))
    })?;
    host.define_unknown_imports_as_traps(&gate)?; // Renewals, for example.
    let mut store = Store::new(&engine, ());
    let gate = Gate::instantiate_async(&mut store, &gate, &host).await?;
    let (series, episode, roles) = ("series-1".into(), "ep1".into(), vec![Role::Standard]);
    let (subject, source_ip) = (user.clone(), Some("203.0.113.7".into()));
    let viewer = Viewer { subject, user, roles, source_ip, user_agent: None };
    let play = PlaybackRequest { viewer, series, episode, delivery: None };
    let playback = gate.tollgate_gate_playback();
    let answer = store.run_concurrent(async |store| playback.call_authorize(store, play).await);
    let grant = answer.await??.map_err(|denial| Error::msg(format!("{denial:?}")))?;
    Ok(writeln!(io::stdout(), "{}", grant.video_url)?)
}

//! What the gateway adds to core: the component, and the check of tokens.
//!
//! usage: cargo bench --package tollgate-bench --bench gate [FILTER]
#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up ends")]

use std::{fs, hint::black_box, path::Path, process::Command, sync::atomic::AtomicU64};

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};
use tollgate::auth::{AuthSettings, Authenticator, KeySource};
use tollgate_api::TokenRules;
use tollgate_bench::{
    given::{Build, Given, P256, RSA, play},
    tokens::{AUDIENCE, ISSUER, Issuer},
};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One at a time: most of it is one thread waking another, which `scripts/bench` leaves out.
fn grants(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("grant");
    let kinds = [
        ("wide, rsa", Build::Wide, RSA, false),
        ("wide, p256", Build::Wide, P256, false),
        ("wide, rsa held", Build::Wide, RSA, true),
        ("portable, rsa", Build::Portable, RSA, false),
        ("portable, p256", Build::Portable, P256, false),
    ];
    for (name, build, pem, held) in kinds {
        let runtime = runtime();
        let given = Given { build, pem, held, hash: "SHA1" };
        let gate = runtime.block_on(given.gate()).unwrap();
        group.bench_function(format!("{name}, warm"), |bencher| {
            bencher.to_async(&runtime).iter(|| play(&gate, black_box("ep1")));
        });
        let next = AtomicU64::new(0);
        group.bench_function(format!("{name}, own statement"), |bencher| {
            bencher.to_async(&runtime).iter(|| {
                let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let gate = &gate;
                async move { play(gate, &format!("own-{number}")).await.unwrap() }
            });
        });
    }
}

fn tokens(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let public = folder.path().join("issuer.pem");
    fs::write(&public, public_half(RSA, folder.path())).unwrap();
    let token = format!("Bearer {}", Issuer::new(RSA).unwrap().token("alice").unwrap());
    let rules = TokenRules {
        issuer: ISSUER.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
        leeway: 30,
        roles_claim: "roles".to_owned(),
    };
    let settings = AuthSettings { keys: KeySource::PemFile(public), rules };
    let runtime = runtime();
    let authenticator = runtime.block_on(async { Authenticator::new(settings).unwrap() });
    criterion.bench_function("token, again", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(|| async { authenticator.authenticate(Some(black_box(&token))).await.unwrap() });
    });
}

fn public_half(pem: &str, folder: &Path) -> Vec<u8> {
    let private = folder.join("private.pem");
    fs::write(&private, pem).unwrap();
    let output = Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(private).output();
    output.unwrap().stdout
}

criterion_group!(benches, grants, tokens);
criterion_main!(benches);

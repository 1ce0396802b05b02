//! What core computes, natively: signatures, statements, decisions, verification, playlists.
//!
//! usage: cargo bench --package tollgate-bench --bench core [FILTER]
#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up ends")]

use std::{fmt::Write as _, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tollgate_bench::{
    given::{KEY_PAIR_ID, P256, RSA},
    native::Core,
};
use tollgate_core::{
    cloudfront::{EdgeRequest, Hash, KeyPairId, SigningKey, Terms, Unsigned, Verdict, Verifier},
    playlist::{Places, rewrite_hls},
    time::EpochSeconds,
};

const NOW: u64 = 1_795_500_000;
const URL: &str = "https://media.example.com/content/series/series-1/video/ep1/0.ts";

fn terms() -> Terms {
    Terms {
        expires_at: EpochSeconds::new("expires-at", NOW + 900).unwrap(),
        not_before: None,
        ip_address: None,
        resource: Some(URL.replace("0.ts", "*")),
        allow_wildcard_domain: false,
        hash: Hash::Sha1,
        now: None,
    }
}

fn signatures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signature");
    let message = [7; 160];
    for (name, pem, hash) in [("rsa-2048", RSA, Hash::Sha1), ("p256", P256, Hash::Sha256)] {
        let key = SigningKey::from_pem(pem).unwrap();
        group.bench_function(name, |bencher| {
            bencher.iter(|| key.sign(black_box(&message), hash).unwrap());
        });
    }
}

fn decision(criterion: &mut Criterion) {
    criterion.bench_function("statement", |bencher| {
        let terms = terms();
        bencher.iter(|| Unsigned::new(black_box(URL), &terms).unwrap());
    });
    criterion.bench_function("decision/warm", |bencher| {
        let mut core = Core::new(RSA, "SHA1").unwrap();
        bencher.iter(|| core.play(black_box("ep1"), NOW).unwrap());
    });
}

fn verification(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verification");
    let id = KeyPairId::new(KEY_PAIR_ID).unwrap();
    let key = SigningKey::from_pem(RSA).unwrap();
    let signed = Unsigned::new(URL, &terms()).unwrap().sign(&id, &key).unwrap();
    let url = signed.apply_to(URL).unwrap().into_string();
    let request = EdgeRequest { url: &url, cookies: &[], client_ip: None, now: NOW };
    let verifier = || Verifier::new(vec![(id.clone(), key.public())], false).unwrap();
    group.bench_function("first", |bencher| {
        bencher.iter_batched(
            verifier,
            |verifier| assert!(matches!(verifier.verify(&request), Verdict::Allow)),
            criterion::BatchSize::SmallInput,
        );
    });
    let verifier = verifier();
    group.bench_function("again", |bencher| {
        bencher.iter(|| assert!(matches!(verifier.verify(&request), Verdict::Allow)));
    });
}

fn playlists(criterion: &mut Criterion) {
    let mut text = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n".to_owned();
    for number in 0..1_000 {
        writeln!(text, "#EXTINF:6.000,\nsegments/{number}.ts").unwrap();
    }
    text.push_str("#EXT-X-ENDLIST\n");
    let places = Places {
        object: "https://media.example.com/content/series/series-1/video/ep1/1080p.m3u8",
        protected: "https://media.example.com/content/series/series-1/video/ep1/",
        signature: "Policy=UG9s&Signature=U2ln&Key-Pair-Id=KBENCH1",
        nested: "https://api.example.com/users/u/series/s/episodes/e/sessions/5e55/media/",
        link: "Policy=TGlu&Signature=TGsx&Key-Pair-Id=KBENCH1",
        query: None,
        nested_already: false,
    };
    let mut group = criterion.benchmark_group("playlist");
    group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap()));
    group.bench_function("hls, 1000 segments", |bencher| {
        bencher.iter(|| rewrite_hls(black_box(&text), &places, None).unwrap());
    });
}

criterion_group!(benches, signatures, decision, verification, playlists);
criterion_main!(benches);

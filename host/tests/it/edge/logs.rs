//! What the edge writes down: paths and verdicts, and nothing that would let anybody watch.

use std::{
    io,
    sync::{Arc, Mutex},
};

use super::scene::{Scene, ask_with, get, sign, signed};

#[tokio::test]
async fn no_signature_and_no_cookie_reaches_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With a single subscriber, `tracing` asks that of the thread which comes by a line first, which may be
    // another test's and have none, and then remembers for all threads that nobody wants the line.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    // Everything of this test runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    // Another test may just have been told, for the whole process, that nobody listens.
    tracing::callsite::rebuild_interest_cache();

    let scene = Scene::start("explain = true").await;
    scene.put("content/a.ts", "segment");
    let good = signed("/content/a.ts");
    let tampered = good.replace("Expires=1", "Expires=2");
    let cookies = sign::cookies("/content/a.ts", Some("/content/*"));
    for (target, status) in
        [(&*good, 200), (&*tampered, 403), (&*signed("/server/a"), 502), (&*signed("/no"), 404)]
    {
        assert_eq!(get(scene.address, target).await.status, status);
    }
    let with_cookies = [("Cookie", &*cookies), ("Authorization", "Bearer a-secret-token")];
    assert_eq!(ask_with(scene.address, "GET", "/content/a.ts", &with_cookies).await.status, 200);
    // Even a URL in the place of a path is written down as a path.
    let absolute = sign::url(&good);
    assert_eq!(get(scene.address, &absolute).await.status, 200);

    let log = log.text();
    for seen in ["/content/a.ts", "/server/a", "status=403", "result=\"hit\"", "edge request"] {
        assert!(log.contains(seen), "{seen} is missing in\n{log}");
    }
    let secrets = ["Signature=", "Policy=", "Key-Pair-Id", "a-secret-token"].map(str::to_owned);
    let values = cookies.split("; ").filter_map(|pair| pair.split_once('=')).map(|pair| pair.1);
    let values = values.chain(good.split('&').filter_map(|pair| Some(pair.split_once('=')?.1)));
    let values = values.filter(|value| value.len() > 8).map(|value| value[..9].to_owned());
    for secret in secrets.into_iter().chain(values) {
        assert!(!log.contains(&secret), "{secret} is in\n{log}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

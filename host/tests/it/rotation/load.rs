//! A rotation while viewers watch: the edge verifies every URL of every gateway from its first second to its last.

use std::{
    collections::VecDeque,
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::{net::TcpListener, task::JoinHandle};
use tollgate::{edge::Edge, gateway::serve};
use tollgate_backends::rotation::Settings;
use tollgate_emulators::{cdn, services};

use super::account::{Account, finish, settings};
use crate::{
    edge::scene::{get, read, sign},
    patience::until,
};

/// How long a change of the group takes to reach the edge, before the edge looks, which it does every two seconds.
const DELAY: Duration = Duration::from_secs(1);

/// What `--propagation` must then be, with time for a busy machine.
const PROPAGATION: Duration = Duration::from_secs(8);

/// How long gateways keep a key.
const KEY_AGE: u64 = 3;

/// How long a URL lives.
const URL_LIFETIME: u64 = 4;

/// An edge that trusts what the group held a while ago.
struct World {
    account: Account,
    edge: SocketAddr,
    stop: Arc<AtomicBool>,
    allowed: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<Result<(), String>>>,
    _watch: tollgate::edge::KeyWatch,
}

impl World {
    async fn start() -> Self {
        let account = Account::new().await;
        let keys = account.file("edge-keys");
        fs::create_dir_all(&keys).unwrap();
        let pem = cdn::public_key(services(), &account.first).unwrap();
        fs::write(keys.join(format!("{}.pem", account.first)), pem).unwrap();
        fs::create_dir_all(account.file("objects")).unwrap();
        fs::write(account.file("objects/a.ts"), "segment").unwrap();
        let table = read(account.path(), CONFIGURATION).unwrap();
        let edge = Edge::open(table.settings, sign::component()).await.unwrap();
        let watch = edge.watch().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, edge, table.server, std::future::pending()));
        let stop = Arc::new(AtomicBool::new(false));
        let mut world = Self {
            account,
            edge: address,
            stop,
            allowed: Arc::default(),
            tasks: Vec::new(),
            _watch: watch,
        };
        world.propagate();
        for age in [0, 1, KEY_AGE - 1, KEY_AGE] {
            world.gateway(Duration::from_secs(age));
        }
        world
    }

    /// Does for the edge what CloudFront does for its own: the group as it was some time ago.
    fn propagate(&mut self) {
        let (group, folder) = (self.account.group.clone(), self.account.file("edge-keys"));
        let stop = Arc::clone(&self.stop);
        self.tasks.push(tokio::task::spawn_blocking(move || {
            let mut past: VecDeque<(Instant, Vec<(String, String)>)> = VecDeque::new();
            while !stop.load(Ordering::Relaxed) {
                let ids = cdn::key_group(services(), &group);
                let keys = ids
                    .into_iter()
                    .filter_map(|id| Some((id.clone(), cdn::public_key(services(), &id)?)));
                past.push_back((Instant::now(), keys.collect()));
                while past.front().is_some_and(|(at, _)| at.elapsed() >= DELAY) {
                    let Some((_, keys)) = past.pop_front() else { break };
                    for (id, pem) in &keys {
                        let new = folder.join(format!(".{id}"));
                        fs::write(&new, pem).unwrap();
                        fs::rename(new, folder.join(format!("{id}.pem"))).unwrap();
                    }
                    for entry in fs::read_dir(&folder).unwrap() {
                        let name = entry.unwrap().file_name().into_string().unwrap();
                        if !keys.iter().any(|(id, _)| name == format!("{id}.pem")) {
                            fs::remove_file(folder.join(name)).unwrap();
                        }
                    }
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        }));
    }

    /// A gateway that keeps its key for `age`, and its viewers, who ask for what they were given as long as it lives.
    fn gateway(&mut self, age: Duration) {
        let (edge, stop, allowed) = (self.edge, Arc::clone(&self.stop), Arc::clone(&self.allowed));
        let secret = self.account.secret.clone();
        self.tasks.push(tokio::spawn(async move {
            let (mut key, mut fetched) = (None, Instant::now());
            let mut urls: VecDeque<(String, u64, String)> = VecDeque::new();
            while !stop.load(Ordering::Relaxed) {
                if key.is_none() || fetched.elapsed() >= age {
                    fetched = Instant::now();
                    let secret = secret.clone();
                    let read = tokio::task::spawn_blocking(move || {
                        super::account::held(&secret, "AWSCURRENT")
                    });
                    key = Some(read.await.unwrap());
                }
                let (id, private) = key.as_ref().unwrap();
                let expires_at = now() + URL_LIFETIME;
                let target = sign::signed_with(id, private, "/a.ts", expires_at);
                urls.push_back((target, expires_at, id.clone()));
                for (target, expires_at, id) in &urls {
                    let reply = get(edge, target).await;
                    // What ended on the way was denied rightly.
                    if reply.status != 200 && now() < *expires_at {
                        return Err(format!(
                            "{id} was denied {} s before its end: {}",
                            expires_at - now(),
                            reply.code()
                        ));
                    }
                    allowed.fetch_add(1, Ordering::Relaxed);
                }
                urls.retain(|(_, expires_at, _)| now() < *expires_at);
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            Ok(())
        }));
    }

    /// Ends everything; what the viewers saw.
    async fn end(self) -> (Account, Result<(), String>) {
        self.stop.store(true, Ordering::Relaxed);
        let mut seen = Ok(());
        for task in self.tasks {
            seen = seen.and(task.await.unwrap());
        }
        (self.account, seen)
    }
}

const CONFIGURATION: &str = r#"
    [edge]
    key-groups = { players = "edge-keys" }
    origins = [{ name = "objects", type = "folder", path = "objects" }]
    behaviors = [{ path-pattern = "*", origin = "objects", trusted-key-groups = ["players"] }]
"#;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_viewer_is_denied_at_any_step() {
    let world = World::start().await;
    let old = world.account.held("AWSCURRENT");
    let times = Settings {
        propagation: PROPAGATION,
        url_lifetime: Duration::from_secs(URL_LIFETIME),
        max_key_age: Duration::from_secs(KEY_AGE),
        ..settings()
    };
    let before = sign::signed_with(&old.0, &old.1, "/a.ts", now() + 3600);
    finish(&world.account.rotation_of(times).await, true).await.unwrap();
    // Until the edge knows of the end, whoever has the old key can sign what they like.
    let edge = world.edge;
    until("the old key is not trusted", async || get(edge, &before).await.code() == "InvalidKey")
        .await;
    let allowed = world.allowed.load(Ordering::Relaxed);
    let (account, seen) = world.end().await;
    assert_eq!(seen, Ok(()));
    assert!(allowed > 200, "{allowed} requests were allowed");
    account.assert_rotated("under load");
}

/// That the test above would see it if a step came too early.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_waits_viewers_would_be_denied() {
    let world = World::start().await;
    let rotation = world.account.rotation_of(settings()).await;
    finish(&rotation, true).await.unwrap();
    until("a viewer is denied", async || world.tasks.iter().any(JoinHandle::is_finished)).await;
    let (_, seen) = world.end().await;
    let denied = seen.unwrap_err();
    assert!(denied.contains("InvalidKey"), "{denied}");
}

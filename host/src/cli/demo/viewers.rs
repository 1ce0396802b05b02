//! The users of the demo, with their tokens: for the player page, and for programs that try the demo.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{
    configuration::{AUDIENCE, ISSUER},
    scene::{SERIES, Scene},
};
use crate::{
    cli::{Failure, token::Token},
    config::SampleViewers,
};

/// A user of the demo.
struct User {
    name: &'static str,
    role: &'static str,
    /// In whose name the player page asks.
    watches_as: &'static str,
    about: &'static str,
}

const USERS: [User; 5] = [
    User { name: "alice", role: "Standard", watches_as: "alice", about: "may watch" },
    User {
        name: "carol",
        role: "Standard",
        watches_as: "carol",
        about: "completed the series, may watch",
    },
    User { name: "erin", role: "Standard", watches_as: "erin", about: "her entitlement expired" },
    User { name: "nobody", role: "Standard", watches_as: "nobody", about: "never bought anything" },
    User {
        name: "root",
        role: "Admin",
        watches_as: "alice",
        about: "Admin, watches in alice's name",
    },
];

/// The episodes, and what each is for.
const EPISODES: [(&str, &str); 4] = [
    ("ep1", "HLS, MPEG-TS, two qualities, 20 s"),
    ("ep2", "no HLS: a raw MP4, 10 s"),
    ("ep3", "HLS and DASH, fragmented MP4, two qualities, 60 s"),
    ("live", "live HLS, without an end"),
];

/// Mints tokens as the demo's issuer does.
#[derive(Clone)]
pub(super) struct Issuer(Arc<Zeroizing<String>>);

impl Issuer {
    pub(super) fn new(private_key: Zeroizing<String>) -> Self {
        Self(Arc::new(private_key))
    }

    /// A token that is good for an hour.
    pub(super) fn token(&self, user: &str, role: &str) -> Result<String, Failure> {
        let roles = [role.to_owned()];
        let token = Token {
            issuer: ISSUER,
            audience: AUDIENCE,
            user,
            roles: &roles,
            expires_in: 3600,
            key_id: None,
        };
        token.mint(&self.0).map_err(|rule| Failure::Failed(format!("the issuer's key {rule}")))
    }

    /// What the player page asks for. Tokens are made each time, because the demo may run for days.
    pub(super) fn sample(&self, live: bool, hosts: Vec<String>) -> SampleViewers {
        let issuer = self.clone();
        let make = Arc::new(move || {
            let mut users = Vec::new();
            for User { name, role, watches_as, about } in &USERS {
                let token = issuer.token(name, role).ok()?;
                users.push(json!({ "user": name, "watchesAs": watches_as, "about": about, "token": token }));
            }
            let episodes: Vec<Value> = EPISODES
                .iter()
                .filter(|(name, _)| live || *name != "live")
                .map(|(name, about)| json!({ "episode": name, "about": about }))
                .collect();
            Some(json!({ "series": SERIES, "users": users, "episodes": episodes }).to_string())
        });
        SampleViewers { hosts, make }
    }
}

/// A file that says where the demo is and holds a token of each user. It goes away with this.
pub(super) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Writes it; whoever waits for it sees it whole or not at all.
    pub(super) fn write(path: &Path, scene: &Scene) -> Result<Self, Failure> {
        let mut tokens = Map::new();
        for user in &USERS {
            tokens.insert(user.name.to_owned(), scene.issuer.token(user.name, user.role)?.into());
        }
        let text = json!({
            "gateway": format!("http://{}", scene.names.gateway),
            "edge": format!("http://{}", scene.names.edge),
            "config": scene.config,
            "tokens": tokens,
        });
        save(path, text.to_string().as_bytes()).map_err(|error| {
            Failure::Failed(format!("{} cannot be written: {error}", path.display()))
        })?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // It may be gone already; there is nobody left to tell.
        let _ = fs::remove_file(&self.0);
    }
}

/// Made for its owner only, and by renaming.
fn save(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text)?;
    file.persist(path)?;
    Ok(())
}

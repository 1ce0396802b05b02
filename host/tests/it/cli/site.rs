//! An installation as a user has it in a folder: keys, a configuration, a playlist. Made by the commands themselves.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::process::{Outcome, Server, command, run, tollgate};

/// What `tollgate.toml` says. Port 0, because other tests run beside this one.
const CONFIGURATION: &str = r#"
gateway = { listen = "127.0.0.1:0" }
policy = { domain = "media.example.com" }
store = { type = "sqlite", path = "tollgate.db" }
objects = { type = "folder", path = "media" }
signing-keys = { type = "pem", key-pair-id = "K2JCJMDEHXQW5F", path = "cloudfront.private.pem" }

[auth]
type = "pem"
path = "issuer.public.pem"
issuer = "https://login.example.com"
audiences = ["video"]
"#;

/// The edge that goes with it, to be appended.
pub const EDGE: &str = r#"
[edge]
listen = "127.0.0.1:0"
domain = "media.example.com"

[edge.key-groups]
players = { K2JCJMDEHXQW5F = "cloudfront.public.pem" }

[[edge.origins]]
name = "media"
type = "folder"
path = "media"

[[edge.behaviors]]
path-pattern = "/public/*"
origin = "media"

[[edge.behaviors]]
path-pattern = "*"
origin = "media"
trusted-key-groups = ["players"]
"#;

/// The folder.
pub struct Site(TempDir);

impl Site {
    pub fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        for name in ["cloudfront", "issuer"] {
            tollgate(site.path(), &["keygen", "--out", ".", "--name", name]).done();
        }
        site.write("tollgate.toml", CONFIGURATION);
        site.write("media/content/series/series-1/video/ep1/video.m3u8", "#EXTM3U\n");
        site.write("media/public/hello.txt", "hello\n");
        site
    }

    /// The same with an edge.
    pub fn with_edge() -> Self {
        let site = Self::new();
        site.append(EDGE);
        site
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// More lines for the configuration.
    pub fn append(&self, more: &str) {
        self.write("tollgate.toml", &format!("{CONFIGURATION}{more}"));
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        tollgate(self.path(), arguments)
    }

    pub fn serve(&self) -> Server {
        Server::start(command(self.path()).arg("serve"))
    }

    /// A token as the issuer would mint it.
    pub fn token(&self, user: &str) -> String {
        let key = "issuer.private.pem";
        self.run(&["token", "--private-key", key, "--user", user]).done().to_owned()
    }
}

/// What curl prints when it asks for a URL, with the status on a line of its own at the end.
pub fn curl(arguments: &[&str]) -> (String, u16) {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--noproxy", "*", "--write-out", "\n%{http_code}"]);
    let outcome = run(curl.args(arguments));
    let (body, status) = outcome.out.rsplit_once('\n').unwrap_or_else(|| panic!("{outcome}"));
    (body.to_owned(), status.parse().unwrap())
}

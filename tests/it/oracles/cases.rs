//! Random URLs and policies, the same in every run, and the keys to sign them with.

use std::{fs, path::PathBuf};

use proptest::{
    option,
    prelude::{Strategy, any},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};
use tollgate_core::{
    cloudfront::{Hash, Terms},
    time::EpochSeconds,
};

/// Under which every case is signed.
pub const KEY_PAIR_ID: &str = "K2JCJMDEHXQW5F";

/// One thing to sign.
#[derive(Clone, Debug)]
pub struct Case {
    pub url: String,
    pub expires: u64,
    pub not_before: Option<u64>,
    pub ip: Option<String>,
    /// A pattern that covers the directory of the URL.
    pub resource: Option<String>,
    pub hash: Hash,
    key: &'static str,
}

impl Case {
    pub fn terms(&self) -> Terms {
        Terms {
            expires_at: EpochSeconds::new("expires-at", self.expires).unwrap(),
            not_before: self.not_before.map(|at| EpochSeconds::new("not-before", at).unwrap()),
            ip_address: self.ip.clone(),
            resource: self.resource.clone(),
            allow_wildcard_domain: false,
            hash: self.hash,
            now: None,
        }
    }

    /// The same for the URL alone.
    pub fn without_resource(self) -> Self {
        Self { resource: None, ..self }
    }

    /// An address the policy allows.
    pub fn client_ip(&self) -> &str {
        self.ip.as_deref().map_or("192.0.2.1", |ip| ip.split('/').next().unwrap())
    }

    pub fn private_key_path(&self) -> PathBuf {
        key_folder().join(match self.key {
            "rsa" => "rsa-2048.pkcs8.pem",
            "rsa-pkcs1" => "rsa-2048.pkcs1.pem",
            _ => "p256.pkcs8.pem",
        })
    }

    pub fn public_key_path(&self) -> PathBuf {
        key_folder().join(if self.key == "ecdsa" {
            "p256.public.pem"
        } else {
            "rsa-2048.public.pem"
        })
    }

    pub fn private_key(&self) -> String {
        fs::read_to_string(self.private_key_path()).unwrap()
    }

    pub fn public_key(&self) -> String {
        fs::read_to_string(self.public_key_path()).unwrap()
    }
}

fn key_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../signer-component/core/testdata"))
}

/// What a case is made of: https or not, path, query, start, address with prefix length, end, directory or not.
type Parts = (bool, String, Option<String>, Option<u64>, Option<([u8; 4], Option<u8>)>, u64, bool);

/// Characters of a path that the Python signers leave alone, as a regular expression.
pub const ANY: &str = "[A-Za-z0-9_.~!$'(),;:@=+-]";

/// Those that the JavaScript SDK leaves alone too. What it does to others is its affair, not a comparison.
pub const PLAIN: &str = "[A-Za-z0-9_.~!()-]";

/// Random cases, the same in every run.
pub fn random(count: usize, hash: Hash, key: &'static str, letters: &str) -> Vec<Case> {
    let segment = proptest::string::string_regex(&format!("({letters}|%20|%C3%A9|%26){{1,12}}"))
        .unwrap()
        .prop_filter("a dot segment", |s| s != "." && s != "..");
    let path = proptest::collection::vec(segment, 1..5).prop_map(|segments| segments.join("/"));
    let query = option::of(
        "[a-z]{1,6}=([A-Za-z0-9_.~+-]|%20|%2F){1,8}(&[a-z]{1,6}[0-9]=[A-Za-z0-9]{1,8}){0,2}",
    );
    let ip = option::of((any::<[u8; 4]>(), option::of(8..=32_u8)));
    let start = option::of(1_600_000_000..1_700_000_000_u64);
    let ends = 1_800_000_000..4_102_444_800_u64;
    let strategy = (proptest::bool::ANY, path, query, start, ip, ends, proptest::bool::ANY);
    let mut runner = TestRunner::deterministic();
    let case = |(https, path, query, not_before, ip, expires, directory): Parts| {
        let base = format!(
            "{}://d111111abcdef8.cloudfront.net/{path}",
            if https { "https" } else { "http" },
        );
        let above = base.rsplit_once('/').map(|(above, _)| format!("{above}/*"));
        Case {
            url: format!("{base}{}", query.map(|query| format!("?{query}")).unwrap_or_default()),
            expires,
            not_before,
            ip: ip.map(|([a, b, c, d], length): ([u8; 4], Option<u8>)| {
                let length = length.map(|length| format!("/{length}")).unwrap_or_default();
                format!("{a}.{b}.{c}.{d}{length}")
            }),
            resource: above.filter(|_| directory),
            hash,
            key,
        }
    };
    (0..count).map(|_| case(strategy.new_tree(&mut runner).unwrap().current())).collect()
}

//! A secret, a key group and a public key of their own in the emulator, seen without any SDK.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate::config::{Config, Needs};
use tollgate_backends::{
    ports::Algorithm,
    rotation::{Plan, Rotation, RotationError, Settings},
};
use tollgate_emulators::{Proxy, ask, cdn, services, stage};
use zeroize::Zeroizing;

use crate::cli::{
    openssl::openssl,
    process::{Outcome, command, run},
};

/// What a rotation starts from: a secret whose key the group trusts, and a folder for files.
pub struct Account {
    pub proxy: Proxy,
    pub secret: String,
    pub group: String,
    /// The id of the key that signs at first.
    pub first: String,
    /// The version that holds it.
    pub version: String,
    folder: TempDir,
}

/// What is there in the end.
#[derive(Debug)]
pub struct Found {
    pub group: Vec<String>,
    pub labels: Value,
}

impl Account {
    /// A secret with `{keyPairId, privateKey}`.
    pub async fn new() -> Self {
        Self::made(|id, key| json!({ "keyPairId": id, "privateKey": key }).to_string()).await
    }

    /// A secret with what `text` makes of id and private key.
    pub async fn made(text: impl Fn(&str, &str) -> String) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("rotation-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = services();
        // A key of its own: the emulator is shared, and keys are found by what they are.
        let private = make(Algorithm::EcdsaP256);
        let folder = tempfile::tempdir().unwrap();
        let first = cdn::make_public_key(url, &name, &public(&private));
        let group = cdn::make_key_group(url, &name, &[&first]);
        let version = stage::make_secret(url, &name, &text(&first, &private));
        let proxy = Proxy::before(url).await;
        let account = Self { proxy, secret: name, group, first, version, folder };
        account.configure("");
        account
    }

    /// Writes the configuration, with more lines for `[signing-keys]` and what follows.
    pub fn configure(&self, more: &str) {
        let url = self.proxy.url();
        let text = format!(
            r#"
            policy = {{ domain = "media.example.com" }}
            [cloudfront]
            key-group-id = "{}"
            public-keys = "public"
            endpoint-url = "{url}"
            [signing-keys]
            type = "secrets-manager"
            secret-id = "{}"
            endpoint-url = "{url}"
            {more}
            "#,
            self.group, self.secret
        );
        fs::write(self.file("tollgate.toml"), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A rotation that hardly waits, as the program makes it of the configuration.
    pub async fn rotation(&self) -> Rotation {
        self.rotation_of(settings()).await
    }

    pub async fn rotation_of(&self, settings: Settings) -> Rotation {
        let nothing: [(&str, &str); 0] = [];
        let file = self.file("tollgate.toml");
        let text = fs::read_to_string(&file).unwrap();
        let config = Config::parse(&file, &text, nothing, Needs::Rotation).unwrap();
        let tables = config.rotation.unwrap();
        Rotation::open(&tables.cloudfront, &tables.secret, settings).await.unwrap()
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        run(command(self.path()).args(["keys"]).args(arguments))
    }

    pub fn found(&self) -> Found {
        let request = json!({ "SecretId": self.secret });
        let seen = ask(services(), "secretsmanager.DescribeSecret", &request).unwrap();
        Found {
            group: cdn::key_group(services(), &self.group),
            labels: seen["VersionIdsToStages"].clone(),
        }
    }

    /// Id and private key under a label, as a gateway reads them.
    pub fn held(&self, label: &str) -> (String, String) {
        held(&self.secret, label)
    }

    /// The ids of all public keys that were made through the proxy, whether the answer came through or not.
    pub fn registered(&self) -> Vec<String> {
        let calls = self.proxy.take_calls().into_iter();
        let made = calls.filter(|call| call.operation == "POST /2020-05-31/public-key");
        let answers = made.filter_map(|call| call.response);
        answers
            .filter_map(|answer| {
                cdn::between(&String::from_utf8_lossy(&answer), "<Id>", "</Id>").pop()
            })
            .collect()
    }

    /// Asserts that the rotation ended as it must: one new key, trusted and signing, and nothing left over.
    pub fn assert_rotated(&self, case: &str) {
        let Found { group, labels } = self.found();
        let (id, private) = self.held("AWSCURRENT");
        assert_eq!(group, std::slice::from_ref(&id), "{case}");
        assert_ne!(id, self.first, "{case}");
        let registered = cdn::public_key(services(), &id).expect(case);
        assert_eq!(registered.trim(), public(&private).trim(), "{case}: it is the other half");
        assert_eq!(cdn::public_key(services(), &self.first), None, "{case}: the old one is gone");
        let alive = |id: &String| cdn::public_key(services(), id).is_some();
        let left: Vec<String> = self.registered().into_iter().filter(alive).collect();
        assert_eq!(left, std::slice::from_ref(&id), "{case}: no key is left over");
        let mut all: Vec<&str> = labels
            .as_object()
            .unwrap()
            .values()
            .flat_map(|labels| labels.as_array().unwrap())
            .filter_map(Value::as_str)
            .collect();
        all.sort();
        assert_eq!(all, ["AWSCURRENT", "AWSPREVIOUS"], "{case}: {labels}");
        assert_eq!(labels[&self.version], json!(["AWSPREVIOUS"]), "{case}: {labels}");
        let files: Vec<_> = fs::read_dir(self.file("public"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(files, [format!("{id}.pem")], "{case}: the folder is the group");
        let file = fs::read_to_string(self.file("public").join(&files[0])).unwrap();
        assert_eq!(file.trim(), registered.trim(), "{case}");
    }
}

/// Id and private key of a secret under a label, as a gateway reads them.
pub fn held(secret: &str, label: &str) -> (String, String) {
    let request = json!({ "SecretId": secret, "VersionStage": label });
    let read = ask(services(), "secretsmanager.GetSecretValue", &request).unwrap();
    let text = read["SecretString"].as_str().unwrap();
    // A bare key says nothing of its id.
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return (String::new(), text.to_owned());
    };
    let member = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    (member("keyPairId"), member("privateKey"))
}

/// Waits of no time; a second is added because AWS cuts its times.
pub fn settings() -> Settings {
    Settings {
        propagation: Duration::ZERO,
        url_lifetime: Duration::ZERO,
        max_key_age: Duration::ZERO,
        pinned: None,
        algorithm: None,
        replace: None,
    }
}

/// As if the edges took an hour: nothing goes beyond the first wait, however slow this machine is.
pub fn slow() -> Settings {
    Settings { propagation: Duration::from_secs(3_600), ..settings() }
}

/// Goes on until there is nothing left to do, through every wait.
pub async fn finish(rotation: &Rotation, begin: bool) -> Result<(), RotationError> {
    let mut begin = begin;
    loop {
        let plan = go_on(rotation, begin).await?;
        begin = false;
        let Some(time) = plan.not_before() else { return Ok(()) };
        let left = time.saturating_sub(rotation.now());
        tokio::time::sleep(Duration::from_millis(left * 1000 + 50)).await;
    }
}

/// Does what can be done now.
pub async fn go_on(rotation: &Rotation, begin: bool) -> Result<Plan, RotationError> {
    rotation.go_on(begin, &|kind| Ok(Zeroizing::new(make(kind))), &mut |_| ()).await
}

/// A private key.
pub fn make(kind: Algorithm) -> String {
    let der = match kind {
        Algorithm::EcdsaP256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
            pair.to_pkcs8v1().unwrap().as_ref().to_vec()
        }
        Algorithm::Rsa2048 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap().as_ref().to_vec()
        }
    };
    pem::encode(&pem::Pem::new("PRIVATE KEY", der))
}

/// The public half, by openssl.
pub fn public(private: &str) -> String {
    let made = openssl(&["pkey", "-pubout"], private.as_bytes()).unwrap();
    String::from_utf8(made).unwrap()
}

//! Whatever is thrown at a command: a clear message, the right exit code, no panic, and no secret repeated.

use std::fs;

use super::{
    openssl::key,
    process::{command, run, tollgate},
};

/// Commands that read a key file, up to the flag that names it.
fn key_readers() -> [(Vec<&'static str>, &'static str); 4] {
    let signing = ["--url", "https://h/a", "--key-pair-id", "K1", "--date-less-than", "2100-01-01"];
    [
        ([&["sign"], &signing[..]].concat(), "--private-key"),
        ([&["sign-cookies"], &signing[..]].concat(), "--private-key"),
        (vec!["verify", "--url", "https://h/a"], "--public-key"),
        (vec!["token", "--user", "a", "--issuer", "i", "--audience", "a"], "--private-key"),
    ]
}

#[test]
fn files_that_are_no_key_files_are_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("binary"), [0xff, 0xfe, 0]).unwrap();
    fs::write(folder.path().join("large"), vec![b'a'; 70_000]).unwrap();
    for (path, says) in [
        ("missing.pem", "missing.pem cannot be read: No such file"),
        ("", "cannot be read: No such file"),
        (".", "Is a directory"),
        ("binary", "binary cannot be read as text"),
        ("large", "large is too large for a key"),
        // It can be opened, and not be read, even by root.
        ("/proc/self/mem", "/proc/self/mem cannot be read: "),
        // It has no size and no end.
        ("/dev/zero", "/dev/zero is too large for a key"),
    ] {
        for (arguments, flag) in key_readers() {
            let value = if flag == "--public-key" { format!("K1={path}") } else { path.to_owned() };
            let outcome = tollgate(folder.path(), &[&arguments[..], &[flag, &value]].concat());
            outcome.refused(&[&format!("{flag}: "), says]);
        }
    }
}

#[test]
fn a_key_given_in_place_of_its_path_is_not_repeated() {
    let pem = fs::read_to_string(key("p256.pkcs8")).unwrap();
    let secret = pem.lines().nth(1).unwrap();
    for (arguments, flag) in key_readers() {
        for value in [pem.clone(), format!("K1={pem}"), format!("file://{pem}"), format!("x{pem}")]
        {
            let outcome =
                tollgate(&std::env::temp_dir(), &[&arguments[..], &[flag, &value]].concat());
            outcome.refused(&[&format!("{flag}: ")]);
            assert!(!outcome.err.contains(&secret[..20]), "{outcome}");
        }
    }
}

#[test]
fn secrets_in_the_wrong_place_of_a_command_line_are_not_repeated() {
    let pem = fs::read_to_string(key("p256.pkcs8")).unwrap();
    let signature = "Signature=MEUCIG0JRC20BHJ4a6jp9H8q";
    let url = format!("https://media.example.com/v/1/a.m3u8?Expires=1798761600&{signature}");
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.MEUCIG0JRC20BHJ4a6jp9H8q";
    for (arguments, secret) in [
        (vec!["verify", &url], signature),
        (vec![&url], signature),
        (vec!["verify", "--public-key", "K1=x", &url], signature),
        (vec!["sign", &pem], &pem[40..60]),
        (vec!["sign", "--hash-algorithm", &pem], &pem[40..60]),
        (vec!["serve", token], &token[40..]),
        (vec!["demo", "--port", token], &token[40..]),
    ] {
        let outcome = tollgate(&std::env::temp_dir(), &arguments);
        outcome.refused(&["error: "]);
        assert!(!outcome.err.contains(secret), "{outcome}");
    }
}

#[test]
fn a_private_key_in_place_of_a_public_one_is_refused_unseen() {
    for name in ["p256.pkcs8", "p256.sec1", "rsa-2048.pkcs1", "rsa-2048.pkcs8"] {
        let path = key(name);
        let trusted = format!("K1={path}");
        let outcome = tollgate(
            &std::env::temp_dir(),
            &["verify", "--url", "https://h/a", "--public-key", &trusted],
        );
        outcome.refused(&["--public-key: K1: is a private key"]);
        let pem = fs::read_to_string(path).unwrap();
        let secret =
            pem.lines().filter(|line| !line.starts_with("---")).max_by_key(|line| line.len());
        assert!(!outcome.err.contains(&secret.unwrap()[..20]), "{outcome}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf8_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let strange = std::ffi::OsStr::from_bytes(b"\xff\xfe.pem");
    for (arguments, flag) in key_readers() {
        let outcome = run(command(&std::env::temp_dir()).args(&arguments).arg(flag).arg(strange));
        outcome.refused(&["UTF-8"]);
    }
    let name = "serve edge grant revoke entitlements sessions token";
    for name in name.split(' ') {
        let more: &[&str] = match name {
            "grant" | "revoke" => &["--user", "a", "--series", "s"],
            "token" => &["--user", "a", "--private-key", "p"],
            _ => &[],
        };
        let outcome =
            run(command(&std::env::temp_dir()).arg(name).args(more).arg("--config").arg(strange));
        outcome.refused(&["cannot be read: No such file"]);
    }
}

#[test]
fn a_configuration_that_is_no_file_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("binary"), [0xff, 0xfe, 0]).unwrap();
    let commands: [&[&str]; 10] = [
        &["serve"],
        &["serve", "--check"],
        &["edge"],
        &["token", "--user", "a", "--private-key", "p"],
        &["grant", "--user", "a", "--series", "s"],
        &["revoke", "--user", "a", "--series", "s"],
        &["entitlements"],
        &["episode", "list"],
        &["episode", "put", "--series", "s", "--episode", "e"],
        &["sessions"],
    ];
    for (path, says) in [
        ("missing.toml", "missing.toml cannot be read: No such file"),
        ("", "a value is required for '--config"),
        (".", "Is a directory"),
        ("binary", "binary cannot be read: "),
        ("/proc/self/mem", "/proc/self/mem cannot be read: "),
        ("/dev/zero", "/dev/zero cannot be read: "),
    ] {
        for arguments in commands {
            let outcome = tollgate(folder.path(), &[arguments, &["--config", path]].concat());
            outcome.refused(&[says]);
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was made");
}

#[test]
fn huge_arguments_are_answered() {
    // Linux takes no argument beyond 128 KiB.
    let huge = "a".repeat(100_000);
    let url = format!("https://h/{huge}");
    let (private, public) = (key("p256.pkcs8"), format!("K1={}", key("p256.public")));
    let folder = tempfile::tempdir().unwrap();
    let sign = |url: &str, id: &str| {
        let arguments = ["sign", "--url", url, "--key-pair-id", id, "--private-key", &private];
        tollgate(folder.path(), &[&arguments[..], &["--date-less-than", "2100-01-01"]].concat())
    };
    sign(&url, "K1").refused(&["--url: is longer than the 8192 bytes"]);
    sign("https://h/a", &huge).refused(&["--key-pair-id: must be 1 to 128"]);
    let verdict = tollgate(folder.path(), &["verify", "--url", &url, "--public-key", &public]);
    assert_eq!(verdict.code, Some(1), "{}", verdict.err);
    let cookie = format!("CloudFront-Policy={huge}");
    let arguments =
        ["verify", "--url", "https://h/a", "--public-key", &public, "--cookie", &cookie];
    assert_eq!(tollgate(folder.path(), &arguments).code, Some(1));
    tollgate(folder.path(), &["keygen", "--out", "keys", "--name", &huge])
        .refused(&["--name: must be 1 to 128 letters"]);
    tollgate(folder.path(), &["serve", "--config", &huge]).refused(&["cannot be read"]);
    tollgate(folder.path(), &[&huge]).refused(&["unrecognized subcommand"]);
    assert!(!folder.path().join("keys").join(&huge[..10]).exists());
}

//! `keygen`: pairs that openssl takes, and that never replace what is there.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::{
    openssl::{openssl, openssl_text},
    process::tollgate,
};

/// Each algorithm, and what openssl says to its public half.
const ALGORITHMS: [(&str, &str); 2] =
    [("ecdsa-p256", "ASN1 OID: prime256v1"), ("rsa-2048", "Public-Key: (2048 bit)")];

fn path(folder: &Path, half: &str) -> String {
    folder.join("keys").join(half).to_str().unwrap().to_owned()
}

#[test]
fn openssl_takes_both_halves_and_finds_that_they_match() {
    for (algorithm, described) in ALGORITHMS {
        let folder = tempfile::tempdir().unwrap();
        tollgate(folder.path(), &["keygen", "--algorithm", algorithm, "--out", "keys"]).done();
        let private = path(folder.path(), "cloudfront.private.pem");
        let public = path(folder.path(), "cloudfront.public.pem");

        let checked = openssl_text(&["pkey", "-in", &private, "-check", "-noout"], b"");
        assert!(checked.contains("Key is valid"), "{algorithm}: {checked}");
        if algorithm == "rsa-2048" {
            let checked = openssl_text(&["rsa", "-in", &private, "-check", "-noout"], b"");
            assert!(checked.contains("RSA key ok"), "{checked}");
        }
        let text = openssl_text(&["pkey", "-pubin", "-in", &public, "-text", "-noout"], b"");
        assert!(text.contains(described), "{text}");
        let half = openssl_text(&["pkey", "-in", &private, "-pubout"], b"");
        assert_eq!(half, fs::read_to_string(&public).unwrap(), "{algorithm}");
        // openssl writes keys in this very form, so CloudFront's console takes it, too.
        let again = openssl(&["pkey", "-in", &private], b"").unwrap();
        assert_eq!(again, fs::read(&private).unwrap(), "{algorithm}");
    }
}

#[test]
fn only_the_owner_can_read_the_private_half() {
    for (algorithm, _) in ALGORITHMS {
        let folder = tempfile::tempdir().unwrap();
        tollgate(folder.path(), &["keygen", "--algorithm", algorithm, "--out", "keys"]).done();
        let mode =
            |half| fs::metadata(path(folder.path(), half)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("cloudfront.private.pem"), 0o600);
        assert_eq!(mode("cloudfront.public.pem") & 0o600, 0o600);
        assert_eq!(mode("cloudfront.public.pem") & 0o022, 0, "nobody else may exchange it");
    }
}

#[test]
fn p256_is_the_usual_algorithm_and_each_pair_is_another() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        tollgate(folder.path(), &["keygen", "--out", "keys", "--name", name]).done();
    }
    let one = fs::read_to_string(path(folder.path(), "one.private.pem")).unwrap();
    let two = fs::read_to_string(path(folder.path(), "two.private.pem")).unwrap();
    assert_ne!(one, two);
    let text = openssl_text(&["pkey", "-noout", "-text"], one.as_bytes());
    assert!(text.contains("prime256v1"), "{text}");
}

#[test]
fn the_paths_are_printed_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let people = tollgate(folder.path(), &["keygen", "--out", "a/b"]);
    let programs = tollgate(folder.path(), &["keygen", "--out", "c", "--json"]).json();
    for file in ["a/b/cloudfront.private.pem", "a/b/cloudfront.public.pem"] {
        assert!(people.done().contains(file) && folder.path().join(file).is_file(), "{people}");
    }
    assert_eq!(programs["privateKey"], "c/cloudfront.private.pem");
    assert_eq!(programs["publicKey"], "c/cloudfront.public.pem");
    let private = fs::read_to_string(folder.path().join("c/cloudfront.private.pem")).unwrap();
    let line = private.lines().nth(1).unwrap();
    assert!(!people.out.contains(line) && !programs.to_string().contains(line));
}

#[test]
fn what_is_there_is_never_overwritten_and_no_half_is_added() {
    for there in ["cloudfront.private.pem", "cloudfront.public.pem"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        fs::write(path(folder.path(), there), "mine").unwrap();
        tollgate(folder.path(), &["keygen", "--out", "keys"]).refused(&[
            "--out: ",
            there,
            "is there already",
        ]);
        let names: Vec<_> = fs::read_dir(folder.path().join("keys"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [there]);
        assert_eq!(fs::read_to_string(path(folder.path(), there)).unwrap(), "mine");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_there_too_and_no_half_is_left() {
    for (link, other) in [
        ("cloudfront.public.pem", "cloudfront.private.pem"),
        ("cloudfront.private.pem", "cloudfront.public.pem"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        let nowhere = folder.path().join("nowhere");
        std::os::unix::fs::symlink(&nowhere, path(folder.path(), link)).unwrap();
        tollgate(folder.path(), &["keygen", "--out", "keys"]).refused(&[
            "--out: ",
            link,
            "is there already",
        ]);
        assert!(!Path::new(&path(folder.path(), other)).exists(), "{other} was left alone");
        assert!(!nowhere.exists());
    }
}

#[test]
fn names_and_folders_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for name in ["", ".hidden", "a/b", "../a", "a b", "\u{e4}", "a\n"] {
        tollgate(folder.path(), &["keygen", "--out", "keys", "--name", name])
            .refused(&["--name: must be 1 to 128 letters, digits"]);
    }
    for out in ["file", "file/below", ""] {
        tollgate(folder.path(), &["keygen", "--out", out]).refused(&["--out"]);
    }
    tollgate(folder.path(), &["keygen", "--algorithm", "rsa-4096", "--out", "keys"]).refused(&[
        "--algorithm",
        "ecdsa-p256",
        "rsa-2048",
    ]);
    tollgate(folder.path(), &["keygen"]).refused(&["--out"]);
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 1, "nothing was made");
}

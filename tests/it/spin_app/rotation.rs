//! Keys are rotated: the next one signs from the restart on, and what the old one signed opens until it is trusted no more.

use tollgate::component::signer::{EdgeRequest, Verdict};

use super::scene::{Scene, Setting, ask};
use crate::scenarios::{
    clock::now,
    format::{Installation, Key, Kind},
    signed,
};

/// An installation with these keys.
fn with(keys: &[(&str, Kind)], current: &str) -> Installation {
    let key = |(id, kind): &(&str, Kind)| Key { id: (*id).to_owned(), kind: *kind };
    Installation {
        keys: keys.iter().map(key).collect(),
        current: Some(current.to_owned()),
        ..Installation::default()
    }
}

fn setting(current: &str) -> Setting {
    let installation = with(&[("KOLD", Kind::Rsa), ("KNEW", Kind::P256)], current);
    Setting { installation, ..Setting::default() }
}

/// Whether an edge that trusts the keys of this installation lets somebody with the URL through now.
fn opens(trusted: &Installation, url: &str) -> bool {
    let request = EdgeRequest {
        url: url.to_owned(),
        cookies: Vec::new(),
        client_ip: Some("192.0.2.7".to_owned()),
        now: now(),
    };
    matches!(signed::edge(trusted).verify(&request).unwrap(), Verdict::Allow)
}

/// The id of the key that signed.
fn key_of(url: &str) -> String {
    signed::split(url).1["Key-Pair-Id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_the_new_key_renews_what_the_old_one_granted() {
    let scene = Scene::set(setting("KOLD")).await;
    let granted = scene.play("s", "phone").await;
    assert_eq!(granted.status, 200, "{granted:?}");
    let granted = granted.json();
    let scene = Scene::on(scene.end().await, setting("KNEW")).await;
    let session = granted["sessionId"].as_str().unwrap();
    let path = format!("/users/alice/sessions/{session}/heartbeat");
    let renewed = ask(scene.address, "POST", &path, "phone").await;
    assert_eq!(renewed.status, 200, "{renewed:?}");
    let renewed = renewed.json();
    assert_eq!(renewed["sessionId"], granted["sessionId"]);

    let [before, after] = [&granted, &renewed].map(|answer| answer["videoUrl"].as_str().unwrap());
    assert_eq!((key_of(before).as_str(), key_of(after).as_str()), ("KOLD", "KNEW"));
    let (old, new) = (("KOLD", Kind::Rsa), ("KNEW", Kind::P256));
    for (trusted, opened) in
        [(&[old][..], [true, false]), (&[old, new], [true, true]), (&[new], [false, true])]
    {
        let group = with(trusted, "KNEW");
        assert_eq!([opens(&group, before), opens(&group, after)], opened, "{:?}", group.keys);
    }
}

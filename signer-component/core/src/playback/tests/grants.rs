//! What a plan signs, and what the viewer gets.

use super::*;
use crate::cloudfront::{KeyPairId, Signed, SigningKey, encoding::decode};

const KEY: &str = include_str!("../../../testdata/p256.pkcs8.pem");

fn sign(plan: &Plan) -> Vec<Signed> {
    let (id, key) = (KeyPairId::new("K1").unwrap(), SigningKey::from_pem(KEY).unwrap());
    plan.statements().into_iter().map(|statement| statement.sign(&id, &key).unwrap()).collect()
}

fn grant(policy: &Policy, facts: &Facts) -> Grant {
    let plan = policy.decide(&ask(policy), facts, now()).unwrap();
    let session = Session { id: "session".to_owned(), expires_at: plan.lease.expires_at };
    let signed = sign(&plan);
    plan.grant(&signed, None, session).unwrap()
}

fn messages(policy: &Policy, facts: &Facts, now: EpochSeconds) -> Vec<String> {
    let plan = policy.decide(&ask(policy), facts, now).unwrap();
    plan.statements()
        .iter()
        .map(|statement| String::from_utf8(statement.message().to_vec()).unwrap())
        .collect()
}

#[test]
fn an_episode_is_one_statement_on_its_directory() {
    let expected = format!(
        r#"{{"Statement":[{{"Resource":"https://media.example.com/content/series/big-test/video/ep1/*","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#,
        (NOW + 900_u64).div_ceil(60) * 60
    );
    assert_eq!(messages(&policy(""), &facts(), now()), [expected]);
    let grant = grant(&policy(""), &facts());
    assert!(grant.is_hls);
    assert!(grant.video_url.starts_with(
        "https://media.example.com/content/series/big-test/video/ep1/video.m3u8?Policy="
    ));
    let poster = grant.poster_url.unwrap();
    assert!(poster.starts_with(
        "https://media.example.com/content/series/big-test/video/ep1/poster.jpg?Policy="
    ));
    let names: Vec<&str> = grant.query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"]);
    assert!(grant.cookies.is_empty());
}

#[test]
fn a_raw_video_and_a_poster_elsewhere_get_their_own_canned_statements() {
    let facts = Facts {
        hls_exists: false,
        media: Some(Media {
            video: Some("content/series/big-test/raw/ep 1.mp4".to_owned()),
            poster: Some("posters/ep1.jpg".to_owned()),
        }),
        ..facts()
    };
    let grant = grant(&policy(r#""hash":"SHA1""#), &facts);
    assert!(!grant.is_hls);
    assert!(
        grant.video_url.starts_with(
            "https://media.example.com/content/series/big-test/raw/ep%201.mp4?Expires="
        )
    );
    assert!(
        grant.poster_url.unwrap().starts_with("https://media.example.com/posters/ep1.jpg?Expires=")
    );
    assert!(grant.query.is_empty(), "nothing else may be fetched with an exact signature");
    assert!(!grant.video_url.contains("Hash-Algorithm"));
}

#[test]
fn expiries_are_rounded_up_to_the_window() {
    let windowed = policy("");
    assert_eq!(
        messages(&windowed, &facts(), at(1_767_200_041)),
        messages(&windowed, &facts(), at(1_767_200_099))
    );
    assert_ne!(
        messages(&windowed, &facts(), at(1_767_200_100)),
        messages(&windowed, &facts(), at(1_767_200_101))
    );
    let exact = policy(r#""expiry-window":0"#);
    assert!(messages(&exact, &facts(), now()).concat().contains(&(NOW + 900).to_string()));
}

#[test]
fn no_signature_outlives_the_entitlement() {
    let ends = NOW + 100;
    let entitlement = Some(Entitlement { status: "Active".to_owned(), valid_until: Some(ends) });
    let grant = grant(&policy(""), &Facts { entitlement, ..facts() });
    assert_eq!((grant.expires_at, grant.expires_in), (ends, 100));
    assert_eq!(grant.refresh_at, NOW + 80);
}

#[test]
fn the_player_is_told_to_come_back_in_time() {
    let grant = grant(&policy(""), &facts());
    assert_eq!(grant.refresh_at, NOW + 300, "half the lease");
    assert!(grant.refresh_at < grant.expires_at && grant.refresh_at < grant.session.expires_at);
}

#[test]
fn cookies_carry_the_directory_and_leave_the_urls_bare() {
    let policy =
        policy(r#""delivery":"cookies","cookies":{"domain":"example.com","same-site":"Lax"}"#);
    let grant = grant(&policy, &facts());
    assert_eq!(
        grant.video_url,
        "https://media.example.com/content/series/big-test/video/ep1/video.m3u8"
    );
    assert_eq!(grant.cookies.len(), 4);
    for cookie in &grant.cookies {
        let attributes = "; Domain=example.com; Path=/content/series/big-test/video/ep1; Secure; HttpOnly; SameSite=Lax";
        assert!(cookie.starts_with("CloudFront-") && cookie.ends_with(attributes), "{cookie}");
    }
}

#[test]
fn a_poster_the_cookies_do_not_cover_keeps_its_signature() {
    let media = Some(Media { video: None, poster: Some("posters/ep1.jpg".to_owned()) });
    let grant = grant(&policy(r#""delivery":"cookies""#), &Facts { media, ..facts() });
    assert!(!grant.video_url.contains('?'));
    assert!(grant.poster_url.unwrap().contains("?Expires="));
}

#[test]
fn the_delivery_can_be_fixed() {
    let fixed = policy(r#""delivery-override":false"#);
    assert!(Ask::new(&fixed, &viewer(), "s", "e", Some(Delivery::Url)).is_ok());
    assert!(Ask::new(&fixed, &viewer(), "s", "e", Some(Delivery::Cookies)).is_err());
    assert!(Ask::new(&policy(""), &viewer(), "s", "e", Some(Delivery::Cookies)).is_ok());
}

#[test]
fn rules_change_what_they_match() {
    let policy = policy(
        r#""rules":[{"pattern":"clips/*/**","sign":"directory","ttl":60,"expiry-window":0,"bind-ip":true}]"#,
    );
    let media = Some(Media { video: Some("clips/a/b/c.mp4".to_owned()), poster: None });
    let message = messages(&policy, &Facts { media, hls_exists: false, ..facts() }, now()).concat();
    assert!(message.contains(r#""Resource":"https://media.example.com/clips/a/*""#), "{message}");
    assert!(message.contains(r#""AWS:SourceIp":"192.0.2.7/32""#), "{message}");
    assert!(message.contains(&(NOW + 60).to_string()), "{message}");
}

#[test]
fn no_rule_makes_an_episode_unplayable_or_opens_other_series() {
    for (pattern, scope) in [
        ("content/series/big-test/**", "exact"),
        ("content/series/*/video/ep1/video.m3u8", "exact"),
        ("content/series/*/**", "directory"),
    ] {
        let policy = policy(&format!(r#""rules":[{{"pattern":"{pattern}","sign":"{scope}"}}]"#));
        let decided = policy.decide(&ask(&policy), &facts(), now());
        match (scope, decided) {
            ("exact", Err(Denial::Misconfigured(invalid))) => {
                assert_eq!(invalid[0].field, "policy.rules", "{pattern}");
            }
            // All of one series: that is what the entitlement is to.
            ("directory", Ok(_)) => {
                let message = messages(&policy, &facts(), now()).concat();
                assert!(message.contains("/content/series/big-test/*\""), "{message}");
            }
            (_, other) => panic!("{pattern}: {other:?}"),
        }
    }
}

#[test]
fn debug_shows_no_signature() {
    let grant = grant(&policy(""), &facts());
    let signature = &grant.query[1].1;
    assert!(decode(signature).is_some());
    let plan = policy("").decide(&ask(&policy("")), &facts(), now()).unwrap();
    let shown = format!("{grant:?} {:?}", sign(&plan));
    assert!(!shown.contains(signature.as_str()) && !shown.contains("Signature="), "{shown}");
}

#[test]
fn the_cache_keeps_what_holds_for_its_key() {
    let mut cache = SignatureCache::new(1 << 20);
    let signed = sign(&policy("").decide(&ask(&policy("")), &facts(), now()).unwrap());
    let first = signed.first().unwrap();
    cache.insert(1, first.clone());
    let found = cache.get(1, first.statement(), now()).unwrap();
    assert_eq!(found.query(), first.query());
    assert!(cache.get(1, first.statement(), first.expires_at()).is_none(), "it no longer holds");
    assert!(cache.get(2, first.statement(), now()).is_none(), "another key");
    cache.forget(1);
    assert!(cache.get(1, first.statement(), now()).is_none(), "the key is gone");
}

#[test]
fn the_cache_stays_within_bounds_and_keeps_what_is_wanted() {
    let of_second = |later: u64| {
        sign(&policy("").decide(&ask(&policy("")), &facts(), at(NOW + 60 * later)).unwrap())
    };
    let signed: Vec<Signed> = (0..12).flat_map(of_second).collect();
    let (wanted, others) = signed.split_first().unwrap();
    let size = wanted.bytes();
    let mut cache = SignatureCache::new(6 * size + 6);
    cache.insert(1, wanted.clone());
    for (count, other) in others.iter().enumerate() {
        cache.insert(1, other.clone());
        assert!(cache.get(1, wanted.statement(), now()).is_some(), "asked for all the time");
        let kept = signed.iter().filter(|one| cache.holds(1, one.statement())).count();
        assert!(kept <= 6, "{kept} after {count}");
    }
    assert!(!cache.holds(1, others.first().unwrap().statement()), "nobody asked for it");
    let mut small = SignatureCache::new(size);
    small.insert(1, wanted.clone());
    assert!(!small.holds(1, wanted.statement()), "larger than a generation may be");
}

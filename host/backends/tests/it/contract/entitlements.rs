//! `wit/entitlements.wit`.

use tollgate_backends::{ports::Entitlement, registry::Port};

use super::ODD;
use crate::{bench::serving, fixtures::Seed};

#[tokio::test]
async fn what_is_on_record_is_read_back() {
    for bench in serving(Port::Entitlements) {
        let port = bench.entitlements().await;
        assert_eq!(port.lookup("u", "s").await.unwrap(), None, "{}", bench.name());
        for (user, status, valid_until) in [
            ("u", "active", None),
            ("u2", "Completed", Some(0)),
            ("u3", "expired", Some(9_223_372_036)),
        ] {
            bench.seed(Seed::Entitlement { user, series: "s", status, valid_until });
            let expected = Entitlement { status: status.to_owned(), valid_until };
            assert_eq!(port.lookup(user, "s").await.unwrap(), Some(expected), "{}", bench.name());
            assert_eq!(port.lookup(user, "s2").await.unwrap(), None, "{}", bench.name());
        }
    }
}

#[tokio::test]
async fn no_text_is_mistaken_for_another() {
    for bench in serving(Port::Entitlements) {
        let port = bench.entitlements().await;
        for (at, text) in ODD.iter().enumerate() {
            for (user, series) in [(*text, "s"), ("u", *text)] {
                assert_eq!(port.lookup(user, series).await.unwrap(), None, "{text:?}");
                if !bench.takes(text) {
                    continue;
                }
                let status = format!("{at} {user} {series}");
                bench.seed(Seed::Entitlement { user, series, status: &status, valid_until: None });
                let found = port.lookup(user, series).await.unwrap();
                assert_eq!(found, Some(Entitlement { status, valid_until: None }), "{text:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_is_seen_at_once_by_every_gateway() {
    for bench in serving(Port::Entitlements) {
        let (here, there) = (bench.entitlements().await, bench.entitlements().await);
        assert_eq!(there.lookup("u", "s").await.unwrap(), None);
        bench.seed(Seed::Entitlement { user: "u", series: "s", status: "a", valid_until: None });
        assert!(here.lookup("u", "s").await.unwrap().is_some(), "{}", bench.name());
        assert!(there.lookup("u", "s").await.unwrap().is_some(), "{}", bench.name());
    }
}

//! What SQLite makes of the statements of a play: each finds its rows by an index, whatever is in the file, and is
//! compiled once.

use rusqlite::{Connection, StatementStatus};

use super::{catalog, entitlements, sessions, store};

/// With what each look into a table goes by. `sessions_by_expiry` would be the wrong way to the leases of one user: it
/// leads past all that live.
const STATEMENTS: &[(&str, &[&str])] = &[
    (entitlements::LOOKUP, &["(user=? AND series=?)"]),
    (catalog::EPISODE, &["(series=? AND episode=?)"]),
    (sessions::LIVE, &["(user=?)"]),
    (sessions::PROLONG, &["(user=? AND device=?)"]),
    (sessions::RENEW, &["(user=? AND "]),
    (sessions::EVICT, &["(user=? AND device=?)"]),
    (sessions::FORGET, &["(user=?)"]),
    (sessions::RELEASE, &["(user=? AND id=?)"]),
    (sessions::INSERT, &[]),
    (store::PURGE, &["(user=? AND device=?)", "sessions_by_expiry (expires_at<?)"]),
];

fn file() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("schema.sql")).unwrap();
    connection
}

#[test]
fn every_statement_of_a_play_finds_its_rows_by_their_key() {
    let connection = file();
    for (text, expected) in STATEMENTS {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let steps: Vec<String> =
            plan.raw_query().mapped(|row| row.get("detail")).map(Result::unwrap).collect();
        let looks = || steps.iter().filter(|step| !step.starts_with("LIST SUBQUERY"));
        assert_eq!(looks().count(), expected.len(), "{text}: {steps:?}");
        for (look, way) in looks().zip(*expected) {
            assert!(look.starts_with("SEARCH ") && look.contains(way), "{text}: {steps:?}");
        }
    }
}

#[test]
fn no_statement_of_a_play_is_compiled_again_for_the_next_viewer() {
    let connection = file();
    for (text, _) in STATEMENTS {
        for viewer in 0..3 {
            let mut statement = connection.prepare_cached(text).unwrap();
            for at in 1..=statement.parameter_count() {
                statement.raw_bind_parameter(at, viewer).unwrap();
            }
            let mut rows = statement.raw_query();
            while rows.next().unwrap().is_some() {}
        }
        let statement = connection.prepare_cached(text).unwrap();
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{text}");
    }
}

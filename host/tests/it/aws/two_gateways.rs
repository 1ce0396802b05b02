//! Two gateway processes on one table: two hundred plays at once from sixty devices of one user, and three places.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use tollgate_emulators::history;

use super::place::Place;
use crate::gateway::support::{program::Program, site::watch};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_plays_at_once_are_never_on_more_than_three_devices() {
    let place = Place::new().await;
    let programs = [Program::start(place.folder()), Program::start(place.folder())];
    let mut addresses = Vec::new();
    for program in &programs {
        addresses.push(program.address("gateway.listen").await);
    }
    place.dynamodb.take_calls();
    let plays = (0..200).map(|play| {
        // Each device comes back, and then to the other gateway.
        let address = addresses[(play + play / 60) % 2];
        let agent = format!("player/{}", play % 60);
        let call = watch("alice", "hls").header("user-agent", &agent);
        async move { (agent, call.send(address).await) }
    });
    let answers = join_all(plays).await;
    let history = history::leases(&place.dynamodb.take_calls());

    let mut watching: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut refused = 0;
    for (agent, reply) in &answers {
        match reply.status {
            200 => {
                let session = reply.json()["sessionId"].as_str().unwrap().to_owned();
                watching.entry(agent.clone()).or_default().insert(session);
            }
            _ => {
                assert_eq!(reply.slug(), (429, "device-limit-exceeded".to_owned()));
                assert!(!reply.header("retry-after").is_empty());
                refused += 1;
            }
        }
    }
    let granted = answers.len() - refused;
    assert_eq!(watching.len(), 3, "{watching:?}");
    assert!(watching.values().all(|sessions| sessions.len() == 1), "{watching:?}");
    // Every play of the three that got in, and no other.
    let plays = |agent: &String| answers.iter().filter(|(other, _)| other == agent).count();
    assert_eq!(granted, watching.keys().map(plays).sum::<usize>());
    // At no moment of the table's history were there more, and nobody was put out.
    let mut seen = BTreeSet::new();
    for leases in &history {
        assert!(leases.len() <= 3, "{leases:?}");
        seen.extend(leases.keys().cloned());
    }
    let sessions: BTreeSet<_> = watching.into_values().flatten().collect();
    assert_eq!(seen, sessions, "each lease in the table was granted, and each grant has its lease");

    for program in programs {
        assert_eq!(program.ended().await.0, Some(0));
    }
}

//! Every version an item of leases ever had, from what a proxy saw being written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::proxy::Call;

/// The leases of one user in one version of the item: device by session.
pub type Version = BTreeMap<String, String>;

/// The versions of the one user who was written, oldest first. Each names the one it replaced, so that their order is
/// the table's, whatever order they were seen in. Panics if a write was not over the version before it.
pub fn leases(calls: &[Call]) -> Vec<Version> {
    let mut versions = BTreeMap::new();
    for call in calls.iter().filter(|call| call.operation == "PutItem") {
        let Some(answer) = &call.response else { continue };
        let answer: Value = serde_json::from_slice(answer).unwrap();
        if answer.get("__type").is_some() {
            continue;
        }
        let request: Value = serde_json::from_slice(&call.request).unwrap();
        let before = text(&request["ExpressionAttributeValues"][":revision"]);
        let leases = request["Item"]["leases"]["L"].as_array().unwrap().iter();
        let version: Version = leases
            .map(|lease| (text(&lease["M"]["id"]).unwrap(), text(&lease["M"]["device"]).unwrap()))
            .collect();
        let revision = text(&request["Item"]["revision"]).unwrap();
        let other = versions.insert(before, (revision, version));
        assert!(other.is_none(), "two writes over one version");
    }
    let (mut chain, mut last) = (Vec::new(), None);
    while let Some((revision, version)) = versions.remove(&last) {
        chain.push(version);
        last = Some(revision);
    }
    assert!(versions.is_empty(), "a write over a version that never was");
    chain
}

fn text(attribute: &Value) -> Option<String> {
    attribute["S"].as_str().map(str::to_owned)
}

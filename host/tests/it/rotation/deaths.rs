//! A rotation that dies at any call goes on from there, and leaves nothing over.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use tollgate_emulators::Fault;

use super::account::{Account, finish};

/// More deaths than there are calls.
const ENOUGH: usize = 200;

/// Lets the rotation die at the call after `calls` others, and then another one finish. Whether it lived that long.
async fn dies(calls: usize, fault: Fault) -> bool {
    let case = format!("{fault:?} after {calls} calls");
    let account = Account::new().await;
    account.proxy.die_after(calls, fault);
    let first = finish(&account.rotation().await, true).await;
    let died = account.proxy.heal();
    assert_eq!(died, first.is_err(), "{case}: {first:?}");
    // As somebody else on another machine goes on: with clients, and without memory.
    let second = account.rotation().await;
    let plan = second.plan(false).await.expect(&case);
    let begun = plan.under_way || account.found().labels[&account.version][0] != "AWSCURRENT";
    finish(&second, !begun).await.expect(&case);
    account.assert_rotated(&case);
    died
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_after_a_death_at_every_call() {
    for fault in [Fault::Reset, Fault::LostReply] {
        let mut deaths = stream::iter(0..ENOUGH).map(|calls| dies(calls, fault)).buffered(24);
        let mut count = 0;
        while deaths.next().await == Some(true) {
            count += 1;
        }
        assert!(count >= 40, "{count} deaths of {fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_through_single_faults_of_every_kind() {
    for fault in
        [Fault::LostReply, Fault::Reset, Fault::Internal, Fault::Delay(Duration::from_millis(200))]
    {
        let account = Account::new().await;
        // The calls that change something, and one that reads.
        for operation in [
            "PutSecretValue",
            "UpdateSecretVersionStage",
            "POST /2020-05-31/public-key",
            &format!("PUT /2020-05-31/key-group/{}", account.group),
            &format!("PUT /2020-05-31/public-key/{}/config", account.first),
            &format!("DELETE /2020-05-31/public-key/{}", account.first),
            "DescribeSecret",
        ] {
            account.proxy.fail(operation, fault, 1);
        }
        finish(&account.rotation().await, true)
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        account.assert_rotated(&format!("{fault:?}"));
    }
}

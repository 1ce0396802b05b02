//! Every scenario of `tests/scenarios` in every place, and the answers of the places compared.

pub mod client;
pub mod clock;
mod compare;
pub mod database;
mod dynamodb;
mod expect;
pub mod format;
mod gateway;
pub mod issuer;
mod keys;
pub mod objects;
mod place;
mod play;
pub mod signed;
#[cfg(feature = "spin")]
pub mod spin;
pub mod store;
mod suite;
pub mod test_host;
pub mod variables;

use std::time::Instant;

use tokio::sync::OnceCell;

use self::{place::Place, play::Played};

/// What the first place answers, which the others are compared with.
static FIRST: OnceCell<Played> = OnceCell::const_new();

async fn first() -> &'static Played {
    FIRST.get_or_init(|| play::suite(&gateway::Gateway)).await
}

/// What cannot be played on a gateway that has its policy from a file.
const WITHOUT_POLICY: &str =
    "dependencies: there is no policy (the policy is read once, at the start)";

/// Plays everything there but what is left out, and says what is wrong with it, all at once.
async fn play_and_compare(place: &dyn Place, left_out: &[&str]) {
    let started = Instant::now();
    let (first, mut played) = tokio::join!(first(), play::suite(place));
    for (name, answers) in &played.answers {
        // What the first place cannot play has only its expectation.
        let Some(theirs) = first.answers.get(name) else { continue };
        for (at, (ours, theirs)) in answers.iter().zip(theirs).enumerate() {
            let found = theirs.differences(ours);
            played
                .wrong
                .extend(found.into_iter().map(|found| format!("{name}: step {}: {found}", at + 1)));
        }
    }
    report(place, &played, left_out, started);
}

#[expect(clippy::print_stderr, reason = "how much was played belongs into the log")]
fn report(place: &dyn Place, played: &Played, left_out: &[&str], started: Instant) {
    let (scenarios, name) = (played.answers.len(), place.name());
    let seconds = started.elapsed().as_secs_f32();
    eprintln!("{name}: {scenarios} scenarios in {} places, {seconds:.1} s", played.places);
    assert_eq!(played.left_out, left_out, "{name}: what is not played");
    let wrong = &played.wrong;
    assert!(wrong.is_empty(), "{name}: {} differences\n{}", wrong.len(), wrong.join("\n"));
    assert!(scenarios > 40, "only {scenarios} scenarios were found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_with_sqlite() {
    let started = Instant::now();
    report(&gateway::Gateway, first().await, &[WITHOUT_POLICY], started);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_with_dynamodb() {
    play_and_compare(&dynamodb::DynamoDb, &[WITHOUT_POLICY]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spin_app_under_the_test_host() {
    play_and_compare(&test_host::TestHost, &[]).await;
}

/// With the program that `TOLLGATE_SPIN` names; `scripts/spin-check` sets it.
#[cfg(feature = "spin")]
#[tokio::test(flavor = "multi_thread")]
async fn the_spin_app_on_spin() {
    play_and_compare(&spin::Spin { program: spin::program() }, &[]).await;
}

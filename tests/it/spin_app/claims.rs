//! However many devices claim at once through however many instances, no more than the limit ever hold a lease.

use serde_json::json;

use super::scene::{Scene, Setting, patient};
use crate::scenarios::database::Database;

/// Notes the number of leases after every statement that makes one or prolongs one, as SQLite itself counts them.
const HISTORY: &str = "
    CREATE TABLE history (live INTEGER NOT NULL);
    CREATE TRIGGER on_insert AFTER INSERT ON sessions BEGIN
        INSERT INTO history SELECT count(*) FROM sessions
            WHERE user = NEW.user AND expires_at > unixepoch();
    END;
    CREATE TRIGGER on_update AFTER UPDATE ON sessions BEGIN
        INSERT INTO history SELECT count(*) FROM sessions
            WHERE user = NEW.user AND expires_at > unixepoch();
    END;";

/// Every number of leases there ever was.
fn history(database: &Database) -> Vec<u32> {
    let connection = database.connect();
    let mut statement = connection.prepare("SELECT live FROM history").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_devices_at_once_through_many_instances_never_hold_more_than_three_leases() {
    for (on_limit, most_granted) in [("block-new", 3), ("evict-oldest", 60)] {
        // Two requests to an instance make many instances.
        let scene = Scene::set(Setting {
            installation: patient(&json!({ "on-limit": on_limit })),
            concurrent: 2,
            ..Setting::default()
        })
        .await;
        let database = &scene.ground.store.database;
        database.connect().execute_batch(HISTORY).unwrap();
        let answers = scene.crowd(60).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        let (granted, refused) = (count(200), count(429));
        assert_eq!(granted, most_granted, "{on_limit}: {refused} refused, of {answers:?}");
        assert_eq!(granted + refused, 60, "{on_limit}: {answers:?}");
        let history = history(database);
        assert!(history.len() >= granted, "{on_limit}: every grant wrote a lease");
        assert_eq!(history.iter().max(), Some(&3), "{on_limit}: {history:?}");
        assert!(scene.app.instances_made() > 10, "{}", scene.app.instances_made());
    }
}

//! What is recorded outlives the app.

use super::scene::{Scene, Setting};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_session_of_a_device() {
    let scene = Scene::set(Setting::default()).await;
    let first = scene.play("s", "phone").await;
    assert_eq!(first.status, 200, "{first:?}");
    let ground = scene.end().await;
    let scene = Scene::on(ground, Setting::default()).await;
    let second = scene.play("s", "phone").await;
    assert_eq!(second.json()["sessionId"], first.json()["sessionId"]);
    assert!(first.json()["sessionId"].is_string());
}

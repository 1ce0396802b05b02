//! How a gateway and an edge that run together end.

use std::{fs, net::SocketAddr};

use tollgate::{
    config::{Config, Needs},
    gateway::DrainOutcome,
    installation::{Installation, Sockets},
};

use super::{scene::keys_and_objects, slow};
use crate::ground;

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_the_edge_cut_are_told_though_the_gateway_finished() {
    for cut in [false, true] {
        let folder = keys_and_objects();
        ground::prepare(folder.path());
        fs::write(folder.path().join("objects/a.mp4"), slow::large()).unwrap();
        let nothing: [(&str, &str); 0] = [];
        let file = folder.path().join("tollgate.toml");
        let text = format!("{GATEWAY}{}{EDGE}", ground::tables("", ""));
        let config = Config::parse(&file, &text, nothing, Needs::Gateway).unwrap();
        let (table, edge) = (config.gateway.clone(), config.edge.as_ref().map(|edge| edge.listen));
        let installation = Installation::open(config).await.unwrap();
        let sockets = Sockets::bind(&table, edge).await.unwrap();
        let edge: SocketAddr = sockets.edge.as_ref().unwrap().local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(installation.run(sockets, async {
            let _ = stopped.await;
        }));
        let viewer = if cut { Some(slow::begin(edge, "/a.mp4").await) } else { None };
        drop(stop);
        let expected =
            if cut { DrainOutcome::Cut { connections: 1 } } else { DrainOutcome::Finished };
        assert_eq!(running.await.unwrap(), expected);
        drop(viewer);
    }
}

#[test]
fn what_two_servers_cut_adds_up() {
    let cut = |connections| DrainOutcome::Cut { connections };
    let finished = DrainOutcome::Finished;
    for (one, other, both) in [
        (finished, finished, finished),
        (cut(2), finished, cut(2)),
        (finished, cut(3), cut(3)),
        (cut(2), cut(3), cut(5)),
    ] {
        assert_eq!(one.and(other), both);
    }
}

const GATEWAY: &str = r#"
    [gateway]
    listen = "127.0.0.1:0"
    [auth]
    type = "pem"
    path = "p256.public.pem"
    issuer = "https://login.example"
    audiences = ["tollgate"]
"#;

const EDGE: &str = r#"
    [edge]
    listen = "127.0.0.1:0"
    drain-timeout = 0
    [[edge.origins]]
    name = "objects"
    type = "folder"
    path = "objects"
    [[edge.behaviors]]
    path-pattern = "*"
    origin = "objects"
"#;

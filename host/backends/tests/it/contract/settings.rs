//! `wit/settings.wit`.

use serde_json::Value;
use tollgate_backends::registry::Port;

use crate::{bench::serving, fixtures::policy::DOCUMENT};

#[tokio::test]
async fn the_document_is_the_same_however_it_is_written() {
    let expected: Value = serde_json::from_str(DOCUMENT).unwrap();
    for bench in serving(Port::Policy) {
        let port = bench.settings().await;
        let text = port.policy().await.unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected, "{}", bench.name());
        assert_eq!(port.policy().await.unwrap(), text, "the component compares the text");
    }
}

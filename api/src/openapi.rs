//! The OpenAPI 3.1 description of the API, as it is served.

/// The document, JSON text.
pub const DOCUMENT: &str = include_str!("../openapi.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value};

    use super::DOCUMENT;
    use crate::problem::Slug;
    use crate::responses::{Degraded, Health, Query, Session, Sessions, SignedUrls, json};
    use crate::routes::{CALLS, Delivery};

    fn document() -> Value {
        serde_json::from_str(DOCUMENT).expect("openapi.json is JSON")
    }

    fn objects<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Map<String, Value>)) {
        match value {
            Value::Object(object) => {
                visit(object);
                object.values().for_each(|value| objects(value, visit));
            }
            Value::Array(values) => values.iter().for_each(|value| objects(value, visit)),
            _ => {}
        }
    }

    #[test]
    fn describes_exactly_the_calls_there_are() {
        let document = document();
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
                described.insert((method.to_uppercase(), path.clone()));
            }
            // Every name in braces is a declared parameter, and the other way round.
            let declared = item["parameters"].as_array().map_or(0, Vec::len);
            assert_eq!(path.matches('{').count(), declared, "{path}");
        }
        let calls = CALLS.map(|(method, path)| (method.to_owned(), path.to_owned()));
        assert_eq!(described, BTreeSet::from(calls));
    }

    #[test]
    fn names_every_slug_and_its_status() {
        let document = document();
        let types = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
        assert_eq!(*types, Value::from(Slug::ALL.map(Slug::as_str).to_vec()));
        let calls: Vec<&Value> = CALLS
            .iter()
            .map(|(method, path)| &document["paths"][path][method.to_lowercase()]["responses"])
            .collect();
        for slug in Slug::ALL {
            let status = slug.status().to_string();
            let reference = calls.iter().find_map(|responses| responses[&status]["$ref"].as_str());
            let reference = reference.unwrap();
            let response = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
            let description = response["description"].as_str().unwrap();
            assert!(description.contains(&format!("`{}`", slug.as_str())), "{slug:?}");
        }
    }

    #[test]
    fn references_resolve_and_nothing_is_left_unused() {
        let document = document();
        let mut used = BTreeSet::from(["/components/securitySchemes/token"]);
        objects(&document, &mut |object| {
            if let Some(reference) = object.get("$ref") {
                let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{pointer} does not resolve");
                used.insert(pointer);
            }
        });
        for (kind, items) in document["components"].as_object().unwrap() {
            for name in items.as_object().unwrap().keys() {
                let pointer = format!("/components/{kind}/{name}");
                assert!(used.contains(pointer.as_str()), "{pointer} is not used");
            }
        }
    }

    #[test]
    fn schemas_describe_what_is_written() {
        let document = document();
        let grant = SignedUrls {
            video_url: "v".into(),
            dash_url: Some("d".into()),
            poster_url: Some("p".into()),
            expires_at: 1,
            expires_in: 1,
            is_hls: true,
            session_id: "s".into(),
            session_expires_at: 1,
            refresh_at: 1,
            delivery: Delivery::Url,
            query: Query(vec![("Policy".into(), "x".into())]),
            bootstrap_url: Some("b".into()),
        };
        let session = Session {
            session_id: "s".into(),
            this_device: true,
            series_id: "s".into(),
            episode_id: "e".into(),
            started_at: 1,
            renewed_at: 1,
            expires_at: 1,
        };
        let degraded = Degraded { part: "p".into(), reason: "r".into(), since: 1 };
        for (schema, text) in [
            ("SignedUrls", json(&grant)),
            ("Session", json(&session)),
            ("Sessions", json(&Sessions { sessions: vec![] })),
            (
                "Health",
                json(&Health::new(vec!["jwks".into()]).with_degraded(vec![degraded.clone()])),
            ),
            ("Degraded", json(&degraded)),
            ("FieldError", json(&crate::FieldError::new("f", "r"))),
        ] {
            let written: Value = serde_json::from_str(&text).unwrap();
            let written: BTreeSet<_> = written.as_object().unwrap().keys().collect();
            let schema = &document["components"]["schemas"][schema]["properties"];
            let described: BTreeSet<_> = schema.as_object().unwrap().keys().collect();
            assert_eq!(written, described);
        }
    }
}

//! With variables that are missing or wrong, nothing that is signed is open.

use super::{
    client::ask,
    scene::{middleware, objects, variables},
    sign::signed,
};

#[tokio::test]
async fn whatever_is_wrong_with_the_variables_closes_what_is_signed() {
    let folder = objects();
    let target = signed("/content/a.ts");
    for (variable, value, public) in [
        ("verify_public_keys", "", 200),
        ("verify_public_keys", "{}", 200),
        ("verify_public_keys", r#"{"K2": "no key"}"#, 200),
        ("verify_behaviors", "[]", 403),
        ("verify_behaviors", "everything", 403),
        ("verify_strict", "yes", 200),
        ("verify_domain", "http://media.example", 200),
        ("trusted_proxies", "everybody", 200),
        ("cors_origins", "watch.example", 200),
    ] {
        let mut variables = variables();
        variables.insert(variable.to_owned(), value.to_owned());
        let (address, task) = middleware(folder.path(), variables).await;
        let reply = ask(address, "GET", &target, &[]).await;
        assert_eq!((reply.status, reply.code()), (403, "AccessDenied"), "{variable}={value}");
        assert_eq!(reply.values("x-tollgate-reason"), ["configuration"], "{variable}={value}");
        let reply = ask(address, "GET", "/public/hello.txt", &[]).await;
        assert_eq!(reply.status, public, "{variable}={value}");
        task.abort();
    }
}

#[tokio::test]
async fn without_any_variable_everything_is_closed() {
    let folder = objects();
    let (address, task) = middleware(folder.path(), [].into()).await;
    for target in [signed("/content/a.ts"), "/public/hello.txt".to_owned()] {
        let reply = ask(address, "GET", &target, &[]).await;
        assert_eq!((reply.status, reply.code()), (403, "AccessDenied"), "{target}");
        assert!(reply.values("x-tollgate-reason").is_empty());
    }
    task.abort();
}

#[tokio::test]
async fn a_path_that_decodes_to_a_closed_one_is_not_handed_on() {
    let folder = objects();
    let mut variables = variables();
    let behaviors =
        r#"[{"pattern": "content/*", "signed": true}, {"pattern": "*", "signed": false}]"#;
    variables.insert("verify_behaviors".to_owned(), behaviors.to_owned());
    let (address, task) = middleware(folder.path(), variables).await;
    for (target, status) in [
        ("/public/hello.txt", 200),
        ("/content/a.ts", 403),
        ("/content%2fa.ts", 400),
        ("/content%5Ca.ts", 400),
        ("/public%2fhello.txt", 404),
    ] {
        assert_eq!(ask(address, "GET", target, &[]).await.status, status, "{target}");
    }
    task.abort();
}

#[tokio::test]
async fn a_domain_stands_over_the_host_of_a_request() {
    let folder = objects();
    let mut variables = variables();
    variables.insert("verify_domain".to_owned(), "media.example".to_owned());
    let (address, task) = middleware(folder.path(), variables.clone()).await;
    // Signed for http, and a domain is reached by https.
    assert_eq!(ask(address, "GET", &signed("/content/a.ts"), &[]).await.status, 403);
    task.abort();
    variables.insert("verify_scheme".to_owned(), "http".to_owned());
    let (address, task) = middleware(folder.path(), variables).await;
    assert_eq!(ask(address, "GET", &signed("/content/a.ts"), &[]).await.status, 200);
    task.abort();
}

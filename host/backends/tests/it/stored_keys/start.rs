//! Mistakes that keep the gateway from starting, each under its key, none with what is stored.

use tollgate_emulators::{Fault, ask, services, stage};

use super::Place;
use crate::keys::{P256, RSA, pem, stored};

async fn refused(place: &Place, more: &str) -> String {
    match place.try_open(more).await {
        Err(mistakes) => mistakes,
        Ok(_) => panic!("{} with {more:?} is accepted", place.name),
    }
}

#[tokio::test]
async fn what_is_stored_is_checked_and_never_quoted() {
    let key = pem("PRIVATE KEY", &P256.pkcs8);
    let secret_line = key.lines().nth(1).unwrap();
    for (text, rule) in [
        (key.clone(), "signing-keys.key-pair-id: is required"),
        (secret_line.to_owned(), "is neither a private key in PEM nor JSON"),
        (format!("{{ \"privateKey\": {secret_line} }}"), "is not JSON, line 1 column"),
        (stored("K 1", &P256), "`keyPairId` must be letters and digits"),
        (stored("K1", &P256).replace("BEGIN", "BEGUN"), "`privateKey` is not PEM"),
        (stored("K1", &P256).replace("privateKey", "private-key"), "`privateKey` is required"),
        (stored("K1", &P256).replace("keyPairId", "id"), "`keyPairId` is required"),
    ] {
        for place in [Place::secret(&text).await, Place::parameter(&text).await] {
            let said = refused(&place, "").await;
            assert!(said.contains(rule), "{rule}: {said}");
            let key = if rule.starts_with("signing-keys") { "key-pair-id" } else { place.key };
            assert!(said.starts_with(&format!("signing-keys.{key}: ")), "{said}");
            assert!(!said.contains(secret_line) && said.lines().count() == 1, "{said}");
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let (secret, parameter) =
        (Place::secret(&stored("K1", &RSA)).await, Place::parameter(&stored("K1", &RSA)).await);
    for (place, permission) in
        [(&secret, "secretsmanager:GetSecretValue"), (&parameter, "ssm:GetParameter")]
    {
        place.proxy.fail("*", Fault::AccessDenied, usize::MAX);
        let said = refused(place, "").await;
        let expected = format!(
            "signing-keys.{}: cannot be read: the permission {permission} is missing",
            place.key
        );
        assert!(said.starts_with(&expected), "{said}");
    }
    let nothing = Place { name: format!("{}-not", secret.name), ..Place::secret("x").await };
    assert!(refused(&nothing, "").await.starts_with("signing-keys.secret-id: names no secret"));
    let nothing = Place { name: format!("{}-not", parameter.name), ..Place::parameter("x").await };
    assert!(refused(&nothing, "").await.starts_with("signing-keys.name: names no parameter"));
}

#[tokio::test]
async fn a_parameter_that_is_not_encrypted_is_refused() {
    for kind in ["String", "StringList"] {
        let place = Place::parameter(&stored("K1", &RSA)).await;
        let place = Place { name: format!("{}-{kind}", place.name), ..place };
        stage::put_parameter(services(), &place.name, &stored("K1", &P256), kind);
        let said = refused(&place, "").await;
        assert!(
            said.starts_with("signing-keys.name: ") && said.contains("no SecureString"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_secret_that_is_binary_or_about_to_be_deleted_is_refused() {
    let place = Place::secret(&stored("K1", &RSA)).await;
    let binary = serde_json::json!({ "SecretId": place.name, "SecretBinary": "AAEC" });
    ask(services(), "secretsmanager.PutSecretValue", &binary).unwrap();
    let said = refused(&place, "").await;
    assert!(
        said.starts_with("signing-keys.secret-id: names a secret whose AWSCURRENT is binary"),
        "{said}"
    );
    let gone = serde_json::json!({ "SecretId": place.name, "RecoveryWindowInDays": 7 });
    ask(services(), "secretsmanager.DeleteSecret", &gone).unwrap();
    let said = refused(&place, "").await;
    assert!(
        said.contains("secretsmanager:GetSecretValue was refused (InvalidRequestException)"),
        "{said}"
    );
}

#[tokio::test]
async fn mistakes_of_the_table_are_told_at_once() {
    let place = Place::secret(&stored("K1", &RSA)).await;
    let place = Place { name: "a secret".to_owned(), ..place };
    let said = refused(
        &place,
        "mode = 'sold'\nrefresh = 9\nkey-pair-id = 'K-1'\nregion = 'X'\nsecret = 1",
    )
    .await;
    for mistake in [
        "signing-keys.secret-id: must be the name or the ARN of a secret",
        "signing-keys.mode: must be one of `held`, `revealed`",
        "signing-keys.refresh: must be between 10 and 3600 seconds",
        "signing-keys.key-pair-id: must be letters and digits",
        "signing-keys.region: must be the code of a region",
        "signing-keys.secret: unknown key",
    ] {
        assert!(said.contains(mistake), "{mistake}: {said}");
    }
    assert_eq!(said.lines().count(), 6, "{said}");
    let place = Place::parameter(&stored("K1", &RSA)).await;
    let place = Place { name: format!("{}:1", place.name), ..place };
    assert!(refused(&place, "").await.contains("signing-keys.name: must be the name or the ARN"));
}

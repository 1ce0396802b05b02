//! What is wrong with a table shows at the start; what is wrong with S3 at the moment does not stop it.

use tollgate_emulators::{Fault, services};

use super::{Place, open};

#[tokio::test]
async fn mistakes_of_the_table_are_named_without_asking_anybody() {
    for (table, expected) in [
        ("", "objects.bucket: is required"),
        ("bucket = ''", "objects.bucket: must not be empty"),
        ("bucket = 'My_Bucket'", "objects.bucket: must be the name of a bucket"),
        ("bucket = '10.0.0.1'", "objects.bucket: must not have the form of an IP address"),
        ("bucket = 'media'\nprefix = '/v1'", "objects.prefix: must be names with single slashes"),
        ("bucket = 'media'\nfound-for = '2h'", "objects.found-for: must be between 0 and 3600"),
        ("bucket = 'media'\nmissing-for = -1", "objects.missing-for: must be between 0 and 3600"),
        ("bucket = 'media'\nregion = 'Frankfurt'", "objects.region: must be the code of a region"),
        ("bucket = 'media'\npath = 'x'", "objects.path: unknown key"),
    ] {
        let mistakes = open(&format!("type = 's3'\n{table}")).await.err().unwrap();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].starts_with(expected), "{mistakes:?}");
    }
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_a_mistake() {
    let place = Place::new().await;
    let url = services();
    let missing = format!("type = 's3'\nbucket = 'nobody-made-it'\nendpoint-url = '{url}'");
    let mistakes = open(&missing).await.err().unwrap();
    assert_eq!(mistakes, ["objects.bucket: must name a bucket; there is none of this name"]);
    for (fault, expected) in [
        (
            Fault::AccessDenied,
            "objects.bucket: must name a bucket on which this role has s3:ListBucket",
        ),
        (Fault::Elsewhere, "objects.region: must be `eu-west-1`, where the bucket is"),
    ] {
        place.proxy.fail("*", fault, 1);
        let mistakes = open(&place.text("")).await.err().unwrap();
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(expected), "{mistakes:?}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_stops_no_start() {
    let place = Place::new().await;
    place.proxy.fail("*", Fault::Reset, usize::MAX);
    let opened = place.open("timeout = 1").await;
    assert_eq!(opened.upkeep.part(), "objects");
    assert!(opened.upkeep.check().await.is_err());
    place.proxy.heal();
    opened.upkeep.check().await.unwrap();
    assert!(opened.objects.exists("there").await.unwrap());
}

//! Public keys and key groups in the emulated CloudFront, without an SDK.

use super::{
    ask::{exchange, head},
    rest,
};

const ROOT: &str = "/2020-05-31";

/// Registers a public key; its id.
pub fn make_public_key(url: &str, name: &str, pem: &str) -> String {
    let body = format!(
        "<PublicKeyConfig><CallerReference>{name}</CallerReference><Name>{name}</Name>\
         <EncodedKey>{pem}</EncodedKey></PublicKeyConfig>"
    );
    let answer = said(url, "POST", "/public-key", &body, 201);
    between(&answer, "<Id>", "</Id>").pop().unwrap()
}

/// Makes a key group of some public keys; its id.
pub fn make_key_group(url: &str, name: &str, keys: &[&str]) -> String {
    let items: String = keys.iter().map(|id| format!("<PublicKey>{id}</PublicKey>")).collect();
    let body = format!(
        "<KeyGroupConfig><Name>{name}</Name><Items>{items}</Items><Comment>of {name}</Comment></KeyGroupConfig>"
    );
    let answer = said(url, "POST", "/key-group", &body, 201);
    between(&answer, "<Id>", "</Id>").pop().unwrap()
}

/// A behaviour of a distribution: its pattern, whether it trusts the key group, and its origin, `media` or `site`.
pub type Behavior<'a> = (&'a str, bool, &'a str);

/// Makes a distribution for an alias, with these behaviours; the last one is the default behaviour, and `*` its name.
pub fn make_distribution(
    url: &str,
    reference: &str,
    alias: &str,
    behaviors: &[Behavior<'_>],
    group: &str,
) -> String {
    let behavior = |(_, trusts, origin): &Behavior<'_>| {
        let items = if *trusts {
            format!("<Items><KeyGroup>{group}</KeyGroup></Items>")
        } else {
            String::new()
        };
        format!(
            "<TargetOriginId>{origin}</TargetOriginId><TrustedKeyGroups><Enabled>{trusts}</Enabled>\
             <Quantity>{}</Quantity>{items}</TrustedKeyGroups><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>\
             <CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId>",
            u8::from(*trusts)
        )
    };
    let (last, rest) = behaviors.split_last().unwrap();
    assert_eq!(last.0, "*");
    let rows: String = rest
        .iter()
        .map(|row| {
            format!(
                "<CacheBehavior><PathPattern>{}</PathPattern>{}</CacheBehavior>",
                row.0,
                behavior(row)
            )
        })
        .collect();
    let origins = ["media", "site"].map(|id| {
        format!(
            "<Origin><Id>{id}</Id><DomainName>{reference}-{id}.s3.amazonaws.com</DomainName>\
             <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin>"
        )
    });
    let body = format!(
        "<DistributionConfig><CallerReference>{reference}</CallerReference>\
         <Aliases><Quantity>1</Quantity><Items><CNAME>{alias}</CNAME></Items></Aliases>\
         <Origins><Quantity>2</Quantity><Items>{}</Items></Origins>\
         <DefaultCacheBehavior>{}</DefaultCacheBehavior>\
         <CacheBehaviors><Quantity>{}</Quantity><Items>{rows}</Items></CacheBehaviors>\
         <Comment></Comment><Enabled>true</Enabled></DistributionConfig>",
        origins.concat(),
        behavior(last),
        rest.len()
    );
    let answer = said(url, "POST", "/distribution", &body, 201);
    between(&answer, "<Id>", "</Id>").remove(0)
}

/// The ids of the public keys in a key group.
pub fn key_group(url: &str, id: &str) -> Vec<String> {
    let answer = said(url, "GET", &format!("/key-group/{id}"), "", 200);
    between(&answer, "<PublicKey>", "</PublicKey>")
}

/// A public key as it was uploaded, if it is there.
pub fn public_key(url: &str, id: &str) -> Option<String> {
    let (status, answer) = rest(url, "GET", &format!("{ROOT}/public-key/{id}"), b"");
    if status == 404 {
        return None;
    }
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(status, 200, "{answer}");
    between(&answer, "<EncodedKey>", "</EncodedKey>").pop()
}

/// Puts a configuration in the place of a public key's own, of which only the comment may differ.
pub fn replace_public_key(url: &str, id: &str, config: &str) {
    let path = format!("{ROOT}/public-key/{id}");
    let host = url.strip_prefix("http://").unwrap();
    let tag = etag(host, &path);
    let headers = [("If-Match", tag.as_str())];
    let path = format!("{path}/config");
    let (status, answer) = exchange(host, "PUT", &path, &headers, config.as_bytes()).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
}

/// The version of a thing, which only the head of an answer tells.
fn etag(host: &str, path: &str) -> String {
    let head = head(host, path);
    let line = head.lines().find_map(|line| {
        line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("etag"))
    });
    line.unwrap().1.trim().to_owned()
}

/// What stands between two marks, wherever it does.
pub fn between(text: &str, begin: &str, end: &str) -> Vec<String> {
    let parts = text.split(begin).skip(1);
    parts.filter_map(|part| Some(part.split_once(end)?.0.to_owned())).collect()
}

fn said(url: &str, method: &str, path: &str, body: &str, expected: u16) -> String {
    let (status, answer) = rest(url, method, &format!("{ROOT}{path}"), body.as_bytes());
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(status, expected, "{method} {path}: {answer}");
    answer
}

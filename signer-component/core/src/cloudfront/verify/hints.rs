//! Why a signature did not fit, found by trying what people most often get wrong.
//!
//! Only an explanation asks for this: it costs more signature checks, and none of them can allow anything.

use super::{
    Verifier,
    judgement::hash_name,
    policy::{Policy, canned},
    request::RequestUrl,
};
use crate::cloudfront::{Hash, KeyPairId};

/// What would have made the signature fit.
pub(super) fn mismatch_hint(
    verifier: &Verifier,
    url: &RequestUrl<'_>,
    policy: &Policy,
    signature: &[u8],
    id: &KeyPairId,
    hash: Hash,
) -> Option<String> {
    let key = verifier.keys.get(id.as_str())?;
    let (other_hash, declaration) = match hash {
        Hash::Sha1 => (Hash::Sha256, "add `Hash-Algorithm=SHA256`"),
        Hash::Sha256 => (Hash::Sha1, "leave out `Hash-Algorithm`"),
    };
    if key.verifies(&policy.document, other_hash, signature) {
        return Some(format!("it fits with the hash {}: {declaration}", hash_name(other_hash)));
    }
    for (other_id, other_key) in &verifier.keys {
        if other_id != id.as_str() && other_key.verifies(&policy.document, hash, signature) {
            return Some(format!("it fits the key {other_id}: `Key-Pair-Id` names the wrong key"));
        }
    }
    if !policy.is_canned {
        return None;
    }
    let resource = policy.statement.resource.as_deref()?;
    let expires = policy.statement.date_less_than.to_string();
    let fits =
        |resource: &str| key.verifies(canned(resource, &expires).as_bytes(), hash, signature);
    if let Some((base, _)) = resource.split_once('?')
        && fits(base)
    {
        return Some(
            "it fits the URL without its query: the query was added after signing".to_owned(),
        );
    }
    let other_scheme = match resource.split_once("://")? {
        ("https", rest) => format!("http://{rest}"),
        (_, rest) => format!("https://{rest}"),
    };
    if fits(&other_scheme) {
        return Some(format!("it fits {other_scheme}: the scheme is another one"));
    }
    let directory = url.path.rsplit_once('/').map(|(directory, _)| directory)?;
    if fits(&format!("{}{directory}/*", url.origin)) {
        return Some(
            "it fits a wildcard: a wildcard needs a custom policy, sent as `Policy`".to_owned(),
        );
    }
    None
}

//! The one judgement behind `verify` and `explain`, in CloudFront's order of checks.

use super::{
    Denied, EdgeRequest, Reason, Verifier, carrier::Carrier, conditions, genuine::Seal,
    hints::mismatch_hint, policy::Policy, request::RequestUrl, trail::Trail,
};
use crate::cloudfront::{Algorithm, Hash, KeyPairId, PublicKey, encoding};

/// Judges a request. Conditions come after the signature, so that a policy nobody signed tells
/// nothing about what a signed one would meet.
pub(super) fn judge<T: Trail>(
    verifier: &Verifier,
    request: &EdgeRequest<'_>,
    trail: &mut T,
) -> Result<(), Denied> {
    let url =
        RequestUrl::parse(request.url).map_err(|rule| Denied::new(Reason::MalformedUrl, rule));
    let outcome = url.and_then(|url| {
        let carrier = Carrier::of(&url, request);
        trail.carrier(carrier.name);
        unambiguous(&carrier, verifier.strict).map(|note| (url, carrier, note))
    });
    let (url, carrier, _) = trail.step("request", outcome, |(_, carrier, note)| {
        let found = match carrier.name {
            None => "no signing parameter and no signing cookie",
            Some("url") => "signed by its query; cookies are not looked at",
            Some(_) => "signed by cookies",
        };
        format!("{found}{note}")
    })?;

    let id = trail.step("key-pair-id", key_pair_id(&carrier), |id| id.as_str().to_owned())?;
    let key = verifier.keys.get(id.as_str()).ok_or_else(|| {
        Denied::new(
            Reason::UnknownKey,
            format!(
                "{} is not the id of a key in the trusted key groups of this behaviour",
                id.as_str()
            ),
        )
    });
    let key = trail.step("key", key, |key| {
        let kind = match key.algorithm() {
            Algorithm::Rsa2048 => "RSA-2048",
            Algorithm::EcdsaP256 => "ECDSA P-256",
        };
        format!("trusted, {kind}")
    })?;

    // An explanation is made of checks that were made, and not of what is remembered of others.
    let seal = if T::WANTS_EVERYTHING { None } else { Seal::of(&carrier, &url) };
    let policy = verifier.genuine.policy(seal, || {
        let signature = trail.step("signature-decodable", signature(&carrier), |bytes| {
            format!("{} bytes", bytes.len())
        })?;
        let hash = trail.step("hash", hash(&carrier), |hash| hash_name(*hash).to_owned())?;
        let policy = Policy::of(&carrier, &url, verifier.strict, trail);
        let policy = trail.step("policy", policy, Policy::summary)?;
        let genuine = genuine(&policy, key, hash, &signature).map_err(|mut denied| {
            if T::WANTS_EVERYTHING
                && let Some(hint) = mismatch_hint(verifier, &url, &policy, &signature, &id, hash)
            {
                denied.detail.push_str("; ");
                denied.detail.push_str(&hint);
            }
            denied
        });
        let made = |(): &()| format!("made by {} over this policy", id.as_str());
        trail.step("signature", genuine, made)?;
        Ok(policy)
    })?;

    conditions::judge(&policy, &url, request, verifier.strict, trail)
}

/// Refuses what could be read in two ways; answers with what was noticed all the same.
fn unambiguous(carrier: &Carrier<'_>, strict: bool) -> Result<&'static str, Denied> {
    if let Some(name) = carrier.duplicate {
        let name = carrier.label(name);
        if carrier.name == Some("url") {
            return Err(Denied::new(
                Reason::DuplicateParameter,
                format!("the query has `{name}` more than once"),
            ));
        }
        if strict {
            return Err(Denied::new(
                Reason::DuplicateCookie,
                format!(
                    "the cookie `{name}` is there more than once, and which one counts is not documented"
                ),
            ));
        }
    }
    if carrier.value("Expires").is_some() && carrier.value("Policy").is_some() {
        if strict {
            return Err(Denied::new(
                Reason::ExpiresAndPolicy,
                "`Expires` and `Policy` are both there, and which one counts is not documented",
            ));
        }
        return Ok("; both `Expires` and `Policy` are there, `Policy` decides");
    }
    if carrier.duplicate.is_some() {
        return Ok("; a signing cookie is there more than once, the first counts");
    }
    Ok("")
}

fn key_pair_id(carrier: &Carrier<'_>) -> Result<KeyPairId, Denied> {
    let label = || carrier.label("Key-Pair-Id");
    if carrier.name.is_none() {
        return Err(Denied::new(
            Reason::NoKeyPairId,
            "the request is not signed: it has neither signing parameters in its query nor CloudFront- cookies",
        ));
    }
    match carrier.value("Key-Pair-Id") {
        None => Err(Denied::new(Reason::NoKeyPairId, format!("`{}` is missing", label()))),
        Some("") => Err(Denied::new(Reason::NoKeyPairId, format!("`{}` is empty", label()))),
        Some(text) => KeyPairId::new(text).map_err(|_| {
            let rule = "must be the id CloudFront gave the public key, such as K2JCJMDEHXQW5F";
            Denied::new(
                Reason::KeyPairIdNotAnId,
                format!("`{}` {rule}, not the key itself", label()),
            )
        }),
    }
}

fn signature(carrier: &Carrier<'_>) -> Result<Vec<u8>, Denied> {
    let label = || carrier.label("Signature");
    let text = carrier.value("Signature").unwrap_or_default();
    if text.is_empty() {
        return Err(Denied::new(Reason::NoSignature, format!("`{}` is missing or empty", label())));
    }
    decode(text).ok_or_else(|| {
        let rule = "is not padded base64 with `-`, `_` and `~` in place of `+`, `=` and `/`";
        Denied::new(
            Reason::SignatureNotDecodable,
            format!("`{}` {rule}; it may have been cut off or re-encoded on its way", label()),
        )
    })
}

/// The hash that is declared, or the one that is meant without a declaration.
pub(super) fn hash(carrier: &Carrier<'_>) -> Result<Hash, Denied> {
    match carrier.value("Hash-Algorithm") {
        None | Some("SHA1") => Ok(Hash::Sha1),
        Some("SHA256") => Ok(Hash::Sha256),
        Some(_) => Err(Denied::new(
            Reason::UnsupportedHash,
            format!("`{}` must be exactly SHA1 or SHA256", carrier.label("Hash-Algorithm")),
        )),
    }
}

fn genuine(policy: &Policy, key: &PublicKey, hash: Hash, signature: &[u8]) -> Result<(), Denied> {
    if key.verifies(&policy.document, hash, signature) {
        return Ok(());
    }
    let differs = if policy.is_canned {
        "the URL, its query, `Expires` or the host differ from what was signed"
    } else {
        "the policy differs from what was signed"
    };
    Err(Denied::new(
        Reason::SignatureMismatch,
        format!(
            "{differs}, or the private key or the hash ({} is declared) is another one",
            hash_name(hash)
        ),
    ))
}

/// The name under which a hash is declared.
pub(super) fn hash_name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SHA1",
        Hash::Sha256 => "SHA256",
    }
}

/// Decodes base64 in CloudFront's alphabet, of which some clients percent-encode the `~`.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.contains('%') {
        return encoding::decode(text);
    }
    encoding::decode(str::from_utf8(&encoding::percent_decode(text)).ok()?)
}

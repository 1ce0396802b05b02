//! Signs statements with the key the host gives, whichever way it gives it, and reuses what was signed before.

use std::{cell::RefCell, rc::Rc};

use tollgate_core::{
    cloudfront::{KeyPairId, PublicKey, Signed, SigningKey, Unsigned},
    error::InvalidField,
    playback::SignatureCache,
    time::EpochSeconds,
};

use crate::{
    bindings::{
        exports::tollgate::gate::playback::Denial,
        tollgate::gate::signing_keys::{self, Key},
        types::Hash,
    },
    failure::{misconfigured, no_answer},
};

/// Signatures kept by one instance: some megabytes at most.
const SIGNATURES: usize = 4096;

/// Parsed keys kept by one instance; more than one only while keys are exchanged.
const PARSED_KEYS: usize = 4;

struct Parsed {
    pem: String,
    key: Rc<SigningKey>,
}

thread_local! {
    static CACHE: RefCell<SignatureCache> = RefCell::new(SignatureCache::new(SIGNATURES));
    static PARSED: RefCell<Vec<Parsed>> = const { RefCell::new(Vec::new()) };
}

/// The key to sign with, as the host gave it.
pub(crate) struct Chosen {
    pub(crate) id: KeyPairId,
    key: Key,
}

/// Asks the host for the key named, or for its current one.
pub(crate) async fn choose(key_pair_id: Option<&str>) -> Result<Chosen, Denial> {
    match key_pair_id {
        None => chosen(signing_keys::current().await.map_err(no_answer("signing-keys"))?),
        Some(id) => named(id).await?.ok_or_else(|| {
            misconfigured(InvalidField::new("policy.key-pair-id", "is not a key this host has"))
        }),
    }
}

/// Asks the host for the key with this id.
pub(crate) async fn named(id: &str) -> Result<Option<Chosen>, Denial> {
    let found = signing_keys::by_id(id.to_owned()).await.map_err(no_answer("signing-keys"))?;
    found.map(chosen).transpose()
}

fn chosen(key: Key) -> Result<Chosen, Denial> {
    let id = match &key {
        Key::Revealed(pem) => KeyPairId::new(&pem.key_pair_id),
        Key::Held(held) => KeyPairId::new(&held.key_pair_id()),
    };
    let id = id.map_err(|invalid| {
        misconfigured(InvalidField::new("signing-keys.key-pair-id", invalid.rule))
    })?;
    Ok(Chosen { id, key })
}

/// Signs every statement with one key.
pub(crate) async fn sign(
    statements: Vec<Unsigned>,
    chosen: &Chosen,
    now: EpochSeconds,
) -> Result<Vec<Signed>, Denial> {
    let id = &chosen.id;
    let mut all = Vec::with_capacity(statements.len());
    for statement in statements {
        let known = CACHE.with_borrow(|cache| cache.get(id, &statement, now));
        let signed = match known {
            Some(signed) => signed,
            None => {
                let signed = sign_one(statement, chosen).await?;
                CACHE.with_borrow_mut(|cache| cache.insert(id, signed.clone(), now));
                signed
            }
        };
        all.push(signed);
    }
    Ok(all)
}

/// Signs one statement that nobody will want again.
pub(crate) async fn sign_one(statement: Unsigned, chosen: &Chosen) -> Result<Signed, Denial> {
    let Chosen { id, key } = chosen;
    match key {
        Key::Revealed(revealed) => {
            statement.sign(id, &*parse(&revealed.pem)?).map_err(misconfigured)
        }
        Key::Held(held) => {
            let hash = match statement.hash() {
                tollgate_core::cloudfront::Hash::Sha1 => Hash::Sha1,
                tollgate_core::cloudfront::Hash::Sha256 => Hash::Sha256,
            };
            let signature = held
                .sign(statement.message().to_vec(), hash)
                .await
                .map_err(no_answer("signing-keys"))?;
            Ok(statement.with_signature(id, &signature))
        }
    }
}

/// The public half of a key.
pub(crate) fn public(chosen: &Chosen) -> Result<PublicKey, Denial> {
    match &chosen.key {
        Key::Revealed(revealed) => Ok(parse(&revealed.pem)?.public()),
        Key::Held(held) => PublicKey::from_pem(&held.public_key()).map_err(|invalid| {
            misconfigured(InvalidField::new("signing-keys.public-key", invalid.rule))
        }),
    }
}

fn parse(pem: &str) -> Result<Rc<SigningKey>, Denial> {
    PARSED.with_borrow_mut(|parsed| {
        if let Some(known) = parsed.iter().find(|known| known.pem == pem) {
            return Ok(Rc::clone(&known.key));
        }
        let key = Rc::new(SigningKey::from_pem(pem).map_err(misconfigured)?);
        if parsed.len() >= PARSED_KEYS {
            parsed.remove(0);
        }
        parsed.push(Parsed { pem: pem.to_owned(), key: Rc::clone(&key) });
        Ok(key)
    })
}

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
        tollgate::gate::signing_keys::{self, Key, SigningKey as Held},
        types::Hash,
    },
    failure::{misconfigured, no_answer},
    known::{self, KeyNumber},
};

/// Bytes of signatures kept by one instance: those of some thousand episodes, and a small part of its memory.
const SIGNATURES: usize = 8 << 20;

thread_local! {
    static SIGNED: RefCell<SignatureCache<KeyNumber>> = RefCell::new(SignatureCache::new(SIGNATURES));
}

/// The key to sign with, as the host gave it.
pub(crate) struct Chosen {
    pub(crate) id: KeyPairId,
    /// Tells it from every other key this instance has met, whatever that was called.
    number: KeyNumber,
    key: Material,
}

enum Material {
    Revealed(Rc<SigningKey>),
    Held(Held),
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
    let id = |text: &str| {
        KeyPairId::new(text).map_err(|invalid| {
            misconfigured(InvalidField::new("signing-keys.key-pair-id", invalid.rule))
        })
    };
    Ok(match key {
        Key::Revealed(revealed) => {
            let id = id(&revealed.key_pair_id)?;
            let (number, key) = known::revealed(&id, revealed.pem).map_err(misconfigured)?;
            Chosen { id, number, key: Material::Revealed(key) }
        }
        Key::Held(held) => {
            let id = id(&held.key_pair_id())?;
            let number = known::held(&id, held.public_key());
            Chosen { id, number, key: Material::Held(held) }
        }
    })
}

/// Forgets what was signed with a key that is not known any more.
pub(crate) fn forget(number: KeyNumber) {
    SIGNED.with_borrow_mut(|signed| signed.forget(number));
}

/// Signs every statement with one key, unless that was done before.
pub(crate) async fn sign(
    statements: Vec<Unsigned>,
    chosen: &Chosen,
    now: EpochSeconds,
) -> Result<Vec<Signed>, Denial> {
    let mut all = Vec::with_capacity(statements.len());
    for statement in statements {
        // One for a certain address is nobody else's, and would take the place of one that many ask for.
        all.push(if statement.is_bound_to_address() {
            sign_one(statement, chosen).await?
        } else {
            sign_shared(statement, chosen, now).await?
        });
    }
    Ok(all)
}

async fn sign_shared(
    statement: Unsigned,
    chosen: &Chosen,
    now: EpochSeconds,
) -> Result<Signed, Denial> {
    let known = || SIGNED.with_borrow_mut(|signed| signed.get(chosen.number, &statement, now));
    if let Some(signed) = known() {
        return Ok(signed);
    }
    chosen.take_turn().await;
    // Somebody who asked for the same may have had a turn meanwhile: only the first of them signs.
    if let Some(signed) = known() {
        return Ok(signed);
    }
    let signed = sign_now(statement, chosen).await?;
    SIGNED.with_borrow_mut(|all| all.insert(chosen.number, signed.clone()));
    Ok(signed)
}

/// Signs one statement that nobody will want again.
pub(crate) async fn sign_one(statement: Unsigned, chosen: &Chosen) -> Result<Signed, Denial> {
    chosen.take_turn().await;
    sign_now(statement, chosen).await
}

impl Chosen {
    /// Lets everything else go on that can, before the long computation of a signature in here: however many wait for
    /// their signatures, whoever needs none waits for one of them at most. The host looks after its own.
    async fn take_turn(&self) {
        if let Material::Revealed(_) = self.key {
            wit_bindgen::yield_async().await;
        }
    }
}

async fn sign_now(statement: Unsigned, chosen: &Chosen) -> Result<Signed, Denial> {
    let Chosen { id, key, .. } = chosen;
    match key {
        Material::Revealed(key) => statement.sign(id, key).map_err(misconfigured),
        Material::Held(held) => {
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
        Material::Revealed(key) => Ok(key.public()),
        Material::Held(held) => PublicKey::from_pem(&held.public_key()).map_err(|invalid| {
            misconfigured(InvalidField::new("signing-keys.public-key", invalid.rule))
        }),
    }
}

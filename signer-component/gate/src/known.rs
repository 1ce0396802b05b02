//! The keys this instance has met: each parsed once, and told from all others by what it is, not by its id alone.

use std::{cell::RefCell, hint::black_box, rc::Rc};

use tollgate_core::{
    bytes::same,
    cloudfront::{KeyPairId, SigningKey},
    error::InvalidField,
};
use zeroize::Zeroizing;

use crate::keys;

/// Keys remembered by one instance; more than one only while keys are exchanged.
const MOST: usize = 4;

/// A name for one key that no other key gets, also not after this one is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyNumber(u64);

struct Known {
    number: KeyNumber,
    id: KeyPairId,
    secret: Secret,
}

enum Secret {
    /// The host said it.
    Revealed { pem: Zeroizing<String>, key: Rc<SigningKey> },
    /// The host keeps it, and says what its other half is.
    Held { public: String },
}

#[derive(Default)]
struct Keys {
    met: u64,
    known: Vec<Known>,
}

thread_local! {
    static KEYS: RefCell<Keys> = RefCell::default();
}

/// A key in the open, parsed.
///
/// # Errors
/// It is none that signs.
pub(crate) fn revealed(
    id: &KeyPairId,
    pem: String,
) -> Result<(KeyNumber, Rc<SigningKey>), InvalidField> {
    KEYS.with_borrow_mut(|keys| {
        let found = keys.known.iter().find_map(|known| match &known.secret {
            Secret::Revealed { pem: text, key } if same(text, &pem) && known.id == *id => {
                Some((known.number, Rc::clone(key)))
            }
            _ => None,
        });
        if let Some(found) = found {
            wipe(pem);
            return Ok(found);
        }
        let pem = Zeroizing::new(pem);
        let key = Rc::new(SigningKey::from_pem(&pem)?);
        Ok((keys.add(id, Secret::Revealed { pem, key: Rc::clone(&key) }), key))
    })
}

/// A key the host keeps.
pub(crate) fn held(id: &KeyPairId, public: String) -> KeyNumber {
    KEYS.with_borrow_mut(|keys| {
        let same = |known: &&Known| {
            known.id == *id
                && matches!(&known.secret, Secret::Held { public: text } if same(text, &public))
        };
        let found = keys.known.iter().find(same).map(|known| known.number);
        found.unwrap_or_else(|| keys.add(id, Secret::Held { public }))
    })
}

/// Leaves no further copy of a key behind. As a whole and not byte by byte, because each request brings one.
fn wipe(pem: String) {
    let mut bytes = pem.into_bytes();
    bytes.fill(0);
    // Or the compiler would see that nobody looks at the zeros.
    black_box(&bytes);
}

impl Keys {
    fn add(&mut self, id: &KeyPairId, secret: Secret) -> KeyNumber {
        if self.known.len() >= MOST {
            keys::forget(self.known.remove(0).number);
        }
        self.met += 1;
        let number = KeyNumber(self.met);
        self.known.push(Known { number, id: id.clone(), secret });
        number
    }
}

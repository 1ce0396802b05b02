//! What a [`Gate`](crate::Gate) asks of your program, as traits: one for each imported interface of `wit/`.
//!
//! A port answers with what there is, with nothing, or with a [`PortError`]: then nothing is granted. Each method gives
//! back a boxed future, [`Answer`], so that the traits can be used as objects.
//!
//! ```
//! use tollgate::ports::{Answer, Objects, PortError};
//!
//! /// A folder of media, as a store of objects.
//! struct Folder(std::path::PathBuf);
//!
//! impl Objects for Folder {
//!     fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
//!         // The key is the policy's: it has no leading slash and no `..`.
//!         let path = self.0.join(key);
//!         Box::pin(async move {
//!             // A disk that gives no answer is no answer: never "it is not there".
//!             let found = tokio::fs::try_exists(path).await;
//!             found.map_err(|error| PortError::Unavailable(error.kind().to_string()))
//!         })
//!     }
//! }
//! ```

pub use tollgate_backends::{
    memory::{GivenKeys, GivenPolicy, InvalidKey, MemorySessions},
    ports::{
        Algorithm, Answer, Bytes, Catalog, ClaimOutcome, ClaimRequest, Entitlement, Entitlements,
        Hash, HeldKey, Key, Media, Objects, OnLimit, PortError, RenewRequest, Session, Sessions,
        Settings, SigningKeys,
    },
};

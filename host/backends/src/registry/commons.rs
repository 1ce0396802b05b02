//! What backends of one wiring share: one connection pool per database file, however many ports use it.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use tokio::sync::Mutex;

use crate::section::Mistake;

/// Things opened once per wiring, by type and name.
#[derive(Default)]
pub struct Commons {
    things: Mutex<HashMap<(TypeId, String), Arc<dyn Any + Send + Sync>>>,
}

impl Commons {
    /// The thing of this type and name; opened now if nobody has opened it.
    ///
    /// # Errors
    /// Whatever `open` says.
    pub async fn shared<T, F>(&self, name: &str, open: F) -> Result<Arc<T>, Vec<Mistake>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, Vec<Mistake>>>,
    {
        let mut things = self.things.lock().await;
        let key = (TypeId::of::<T>(), name.to_owned());
        if let Some(thing) = things.get(&key).and_then(|thing| Arc::clone(thing).downcast().ok()) {
            return Ok(thing);
        }
        let thing = Arc::new(open.await?);
        things.insert(key, Arc::<T>::clone(&thing));
        Ok(thing)
    }
}

//! Each step as calls that may be repeated.

use super::{
    KeyMaker, Rotation, RotationError, mark,
    plan::{Kind, Step},
    secret::PENDING,
    state::{Key, State},
};
use crate::{
    cloudfront::{Created, Deleted},
    private_key::PrivateKey,
    secrets_manager::CURRENT,
};

impl Rotation {
    pub(super) async fn work(
        &self,
        state: &State,
        step: &Step,
        make: &KeyMaker<'_>,
    ) -> Result<(), RotationError> {
        match step.kind {
            Kind::Make => self.make(state, make).await,
            Kind::Register => self.register(pending(state)?).await,
            Kind::Name => {
                let key = pending(state)?;
                let id = known(key.id())?;
                self.alone(state).await?;
                // Of a key that was put there by hand as well: what is for others is in the version that signs.
                let mut others = state.current.version.others.clone();
                others.extend(key.version.others.clone());
                self.secret.put_pending(Some(id), &key.version.pem, &others).await
            }
            Kind::Label => {
                let to = state.pending.as_ref().map(|key| key.version.id.as_str());
                for from in &state.surplus {
                    self.secret.relabel(PENDING, Some(from), to).await?;
                }
                Ok(())
            }
            Kind::Mirror => match &state.folder {
                Some(folder) => folder.become_of(state.mirrored.clone()).await,
                None => Ok(()),
            },
            Kind::Add => {
                let id = known(pending(state)?.id())?;
                self.alone(state).await?;
                let mut keys = state.group.keys.clone();
                keys.push(id.to_owned());
                self.change_group(state, keys).await
            }
            Kind::Promote => {
                let from = Some(state.current.version.id.as_str());
                let to = Some(pending(state)?.version.id.as_str());
                self.secret.relabel(CURRENT, from, to).await
            }
            Kind::Mark => {
                let (old, new) = (retiring(state)?, known(state.current.id())?);
                // Now, if nobody knows since when: that is never too early.
                let comment = mark::marked(&old.comment, state.now, new);
                let marked = self.cloudfront.comment(&old.id, &comment).await;
                marked.map_err(|error| RotationError::of(error, format!("public key {}", old.id)))
            }
            Kind::Remove => {
                let old = retiring(state)?;
                let mut keys = state.group.keys.clone();
                keys.retain(|key| *key != old.id);
                self.change_group(state, keys).await
            }
            Kind::Delete => self.delete(&retiring(state)?.id).await,
            Kind::Discard => self.discard(state).await,
            // Waits are not worked on; time does that.
            Kind::Propagate | Kind::Drain => Ok(()),
        }
    }

    /// The private half is kept before anything else happens, so that nothing is registered that nobody has.
    async fn make(&self, state: &State, make: &KeyMaker<'_>) -> Result<(), RotationError> {
        let kind = self.settings.algorithm.unwrap_or(state.current.version.private.algorithm());
        let text = make(kind).map_err(RotationError::Refused)?;
        let fits = PrivateKey::parse(&text).is_ok_and(|key| key.algorithm() == kind);
        if !fits {
            return Err(RotationError::Refused(
                "the new key is none that CloudFront takes".to_owned(),
            ));
        }
        self.alone(state).await?;
        self.secret.put_pending(None, &text, &state.current.version.others).await
    }

    /// That AWSPENDING is still what it was, right before something follows from it: nobody is refused a second key
    /// under that label, and the one whose label is gone would be left over in the group.
    async fn alone(&self, state: &State) -> Result<(), RotationError> {
        let versions = self.secret.versions().await?;
        let ours = state.pending.iter().map(|key| &key.version.id).chain(&state.surplus);
        let mut ours: Vec<_> = ours.collect();
        ours.sort();
        if versions.under(PENDING).iter().eq(ours) {
            return Ok(());
        }
        Err(RotationError::Overtaken(self.secret.name()))
    }

    async fn register(&self, key: &Key) -> Result<(), RotationError> {
        let reference = format!("tollgate-{}", key.version.id);
        let registered = self.cloudfront.register(&reference, &key.version.public).await;
        match registered.map_err(|error| RotationError::of(error, "the list of public keys"))? {
            Created::Now(id) => tracing::debug!(id, "a public key was registered"),
            Created::Perhaps => {
                // Looked at again; if it is not there then, this is what is said the second time.
                return Err(RotationError::Refused(format!(
                    "cloudfront:CreatePublicKey gave no answer, and the public key {reference} is not there; \
                     run it again"
                )));
            }
        }
        Ok(())
    }

    async fn change_group(&self, state: &State, keys: Vec<String>) -> Result<(), RotationError> {
        let changed = self.cloudfront.change_group(&state.group, keys).await;
        changed.map_err(|error| RotationError::of(error, self.cloudfront.group_name()))
    }

    /// The edges first, then whoever would go on with it, then CloudFront.
    async fn discard(&self, state: &State) -> Result<(), RotationError> {
        let id = known(self.settings.replace.as_deref())?;
        if state.group.holds(id) {
            let mut keys = state.group.keys.clone();
            keys.retain(|key| key != id);
            self.change_group(state, keys).await?;
        }
        for version in state.drafts_of(id) {
            self.secret.relabel(PENDING, Some(version), None).await?;
        }
        self.delete(id).await
    }

    async fn delete(&self, id: &str) -> Result<(), RotationError> {
        let deleted = self.cloudfront.delete(id).await;
        match deleted.map_err(|error| RotationError::of(error, format!("public key {id}")))? {
            Deleted::Gone => Ok(()),
            Deleted::InUse => Err(RotationError::Refused(format!(
                "public key {id} is in another key group as well; remove it there, then run it again"
            ))),
        }
    }
}

fn pending(state: &State) -> Result<&Key, RotationError> {
    state.pending.as_ref().ok_or_else(|| vanished("AWSPENDING"))
}

fn retiring(state: &State) -> Result<&crate::cloudfront::Registered, RotationError> {
    let old = state.previous.as_ref().and_then(|key| key.registered.as_ref());
    old.ok_or_else(|| vanished("the old public key"))
}

fn known(id: Option<&str>) -> Result<&str, RotationError> {
    id.ok_or_else(|| vanished("the new public key"))
}

/// Plans are made of the same state, so this does not happen.
fn vanished(what: &str) -> RotationError {
    RotationError::Refused(format!("{what} is not there any more; run it again"))
}

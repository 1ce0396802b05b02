//! From an id that is to be trusted no more to the way there.

use super::{
    RotationError, Settings,
    plan::{Kind, Plan, Progress, Step},
    state::{Key, State},
};

/// Where the key stands that is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is AWSCURRENT: a rotation has to take it from there.
    Signs,
    /// It is AWSPREVIOUS: the rotation that is under way retires it.
    Retires,
    /// The group holds it or AWSPENDING is it, and nobody signs with it: it goes without ceremony.
    Idle,
    /// The group does not hold it, and nothing will put it there.
    Out,
}

impl State {
    pub(super) fn standing(&self, id: &str) -> Standing {
        let is = |key: &Key| names(key, id);
        if is(&self.current) {
            Standing::Signs
        } else if self.previous.as_ref().is_some_and(|key| is(key) && key.registered.is_some()) {
            Standing::Retires
        } else if self.group.holds(id) || self.pending.as_ref().is_some_and(is) {
            Standing::Idle
        } else {
            Standing::Out
        }
    }

    /// The versions under AWSPENDING, if they are this key.
    pub(super) fn drafts_of(&self, id: &str) -> Vec<&str> {
        let Some(key) = self.pending.as_ref().filter(|key| names(key, id)) else {
            return Vec::new();
        };
        let versions = [&key.version.id].into_iter().chain(&self.surplus);
        versions.map(String::as_str).collect()
    }

    /// Whether anything here was ever called so.
    pub(super) fn knows(&self, id: &str) -> bool {
        let before = self.previous.as_ref().is_some_and(|key| names(key, id));
        before || self.standing(id) != Standing::Out
    }
}

/// By what it is, and by what it says of itself only where CloudFront does not have it.
fn names(key: &Key, id: &str) -> bool {
    let said = || key.version.key_pair_id.as_deref();
    key.id().or_else(said) == Some(id)
}

/// Whether there is a way.
pub(super) fn allowed(state: &State, settings: &Settings, id: &str) -> Result<(), RotationError> {
    if settings.pinned.as_deref() == Some(id) {
        return Err(RotationError::Refused(format!(
            "policy.key-pair-id names {id}, so gateways sign with it whatever the secret says; take it out of the \
             policy first, and wait until every gateway runs without it"
        )));
    }
    if !state.knows(id) {
        return Err(RotationError::Refused(format!(
            "nothing is called {id}: the key group holds {}, and no version of {} is that key",
            state.group.keys.join(", "),
            state.secret
        )));
    }
    Ok(())
}

/// Out of the group, out of the secret and out of CloudFront, in one step: no URL of it is anybody's.
pub(super) fn discard(
    state: &State,
    id: &str,
    signs: Option<String>,
    mut notes: Vec<String>,
) -> Plan {
    let pending = state.pending.as_ref().filter(|key| !names(key, id));
    let under_way =
        pending.is_some() || state.previous.as_ref().is_some_and(|key| key.registered.is_some());
    if under_way {
        notes.push("another rotation is under way; it goes on after this".to_owned());
    }
    let text = format!("remove {id}, with which nobody signs, from the key group and delete it");
    let steps = vec![Step { kind: Kind::Discard, text, progress: Progress::Now }];
    Plan { steps, notes, under_way, signs, remains: Some(id.to_owned()) }
}

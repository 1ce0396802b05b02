//! From what is there to what is to be done: a pure function, so that a repeat says the same.

use super::{
    RotationError, Settings, mark,
    replace::{self, Standing},
    state::{Key, State},
};
use crate::{cloudfront::MOST_KEYS, ports::Algorithm};

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It has happened.
    Done,
    /// It is the next one, and nothing stands in its way.
    Now,
    /// It is the next one, and it is a wait until this time, epoch seconds.
    NotBefore(u64),
    /// Another one comes first.
    Later,
}

/// The steps there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Make,
    Register,
    Name,
    Label,
    Mirror,
    Add,
    Propagate,
    Promote,
    Mark,
    Drain,
    Remove,
    Delete,
    Discard,
}

/// One step of a rotation.
#[derive(Clone, Debug)]
pub struct Step {
    pub(super) kind: Kind,
    /// What it does, for people.
    pub text: String,
    /// How far it is.
    pub progress: Progress,
}

impl Step {
    /// A name for programs.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Make => "make",
            Kind::Register => "register",
            Kind::Name => "name",
            Kind::Label => "label",
            Kind::Mirror => "mirror",
            Kind::Add => "add",
            Kind::Propagate => "propagate",
            Kind::Promote => "promote",
            Kind::Mark => "mark",
            Kind::Drain => "drain",
            Kind::Remove => "remove",
            Kind::Delete => "delete",
            Kind::Discard => "discard",
        }
    }
}

/// Every step of one rotation, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In the order in which they are done; none if no rotation is under way and none is to begin.
    pub steps: Vec<Step>,
    /// What else should be known.
    pub notes: Vec<String>,
    /// Whether a rotation has begun and not ended.
    pub under_way: bool,
    /// The id of the key that signs now, as far as CloudFront knows one.
    pub signs: Option<String>,
    /// The key that must go, as long as it has not.
    pub remains: Option<String>,
}

impl Plan {
    /// The step that can be done now.
    pub fn next_now(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.progress == Progress::Now)
    }

    /// Whether its first step is to make a new key.
    pub fn begins(&self) -> bool {
        self.steps
            .first()
            .is_some_and(|step| step.kind == Kind::Make && step.progress == Progress::Now)
    }

    /// Until when there is nothing to do but to wait, epoch seconds.
    pub fn not_before(&self) -> Option<u64> {
        self.steps.iter().find_map(|step| match step.progress {
            Progress::NotBefore(time) => Some(time),
            _ => None,
        })
    }

    pub(super) fn of(
        state: &State,
        settings: &Settings,
        begin: bool,
    ) -> Result<Self, RotationError> {
        let mut steps = Steps { steps: Vec::new(), blocked: false };
        let mut notes = state.notes.clone();
        if let Some(pinned) = &settings.pinned {
            notes.push(format!(
                "policy.key-pair-id names {pinned}: gateways sign with that key whatever the secret says"
            ));
        }
        let signs = settings.pinned.clone().or_else(|| state.signs());
        let doomed = settings.replace.as_deref();
        let standing = doomed.map_or(Standing::Out, |id| state.standing(id));
        if let (Standing::Idle, Some(id)) = (standing, doomed) {
            return Ok(replace::discard(state, id, signs, notes));
        }
        let begin = begin && (doomed.is_none() || standing == Standing::Signs);
        let remains = doomed.filter(|_| standing != Standing::Out).map(str::to_owned);
        // One after the other: with three keys under way nobody knows any more whose URLs are alive.
        let retiring = state.previous.as_ref().filter(|key| key.registered.is_some());
        if let Some(old) = retiring {
            if state.pending.is_some() {
                notes.push(
                    "AWSPENDING holds a key already; its rotation begins after this one".to_owned(),
                );
            }
            if let (Standing::Signs, Some(id)) = (standing, doomed) {
                notes.push(format!(
                    "{id} signs now: after this rotation another one begins, which retires it"
                ));
            }
            steps.retire(state, settings, old)?;
        } else if state.pending.is_some() || begin {
            steps.introduce(state, settings)?;
        } else if state.surplus.is_empty() && state.folder_is_right() {
            return Ok(Self { steps: Vec::new(), notes, under_way: false, signs, remains });
        } else {
            steps.label(state);
            steps.mirror(state);
        }
        let under_way = retiring.is_some() || state.pending.is_some();
        Ok(Self { steps: steps.steps, notes, under_way, signs, remains })
    }
}

impl State {
    /// The id of the key that is current, as CloudFront knows it.
    pub(super) fn signs(&self) -> Option<String> {
        self.current.id().map(str::to_owned)
    }

    fn folder_is_right(&self) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.is(&self.mirrored))
    }
}

struct Steps {
    steps: Vec<Step>,
    blocked: bool,
}

impl Steps {
    fn step(&mut self, kind: Kind, text: impl Into<String>, done: bool) {
        let progress = match (done, self.blocked) {
            (true, _) => Progress::Done,
            (false, false) => Progress::Now,
            (false, true) => Progress::Later,
        };
        self.blocked |= !done;
        self.steps.push(Step { kind, text: text.into(), progress });
    }

    fn wait(&mut self, kind: Kind, text: String, until: u64, now: u64) {
        self.step(kind, text, !self.blocked && until <= now);
        if let Some(step) = self.steps.last_mut()
            && step.progress == Progress::Now
        {
            step.progress = Progress::NotBefore(until);
        }
    }

    fn label(&mut self, state: &State) {
        if !state.surplus.is_empty() {
            let text = "take the label AWSPENDING off the version that is not pending any more";
            self.step(Kind::Label, text, false);
        }
    }

    fn mirror(&mut self, state: &State) {
        if let Some(folder) = &state.folder {
            let mut text = "bring the folder of public keys up to date".to_owned();
            let gone = folder.gone(&state.mirrored);
            if !gone.is_empty() {
                text.push_str(&format!(", which deletes {} there", gone.join(", ")));
            }
            self.step(Kind::Mirror, text, state.folder_is_right());
        }
    }

    /// From a new key pair to the moment it signs.
    fn introduce(&mut self, state: &State, settings: &Settings) -> Result<(), RotationError> {
        let pending = state.pending.as_ref();
        let id = pending.and_then(Key::id);
        let trusted = id.is_some_and(|id| state.group.holds(id));
        if !trusted && state.group.keys.len() >= MOST_KEYS {
            return Err(RotationError::Refused(format!(
                "the key group holds {} public keys, and CloudFront takes no more than {MOST_KEYS}; remove one that \
                 nobody signs with",
                state.group.keys.len()
            )));
        }
        let kind = settings.algorithm.unwrap_or(state.current.version.private.algorithm());
        let kind = pending.map_or(kind, |key| key.version.private.algorithm());
        let new = id.unwrap_or("the new key");
        let secret = &state.secret;
        self.step(
            Kind::Make,
            format!("make a key pair ({}) and keep it in {secret} as AWSPENDING", name(kind)),
            pending.is_some(),
        );
        self.step(
            Kind::Register,
            format!(
                "register its public half at CloudFront{}",
                id.map(|id| format!(" as {id}")).unwrap_or_default()
            ),
            id.is_some(),
        );
        let said = pending.and_then(|key| key.version.key_pair_id.as_deref());
        self.step(Kind::Name, "write its id into AWSPENDING", said.is_some() && said == id);
        self.label(state);
        self.mirror(state);
        self.step(Kind::Add, format!("add {new} to the key group"), trusted);
        let until = state.group.changed_at + settings.propagation.as_secs() + TRUNCATED;
        let wait = span(settings.propagation.as_secs());
        self.wait(
            Kind::Propagate,
            format!("wait {wait} until every edge trusts it"),
            until,
            state.now,
        );
        self.step(Kind::Promote, format!("make it AWSCURRENT: gateways sign with {new}"), false);
        let old = state.current.id().unwrap_or("the old key");
        self.step(
            Kind::Mark,
            format!("write on {old} that it signs no more, and since when"),
            false,
        );
        self.wait(Kind::Drain, drain(old, settings), u64::MAX, state.now);
        self.step(Kind::Remove, format!("remove {old} from the key group"), false);
        self.step(Kind::Delete, format!("delete public key {old}"), false);
        Ok(())
    }

    /// From the moment the new key signs to the end of the old one.
    fn retire(
        &mut self,
        state: &State,
        settings: &Settings,
        old: &Key,
    ) -> Result<(), RotationError> {
        let (Some(old), Some(new)) = (&old.registered, state.current.id()) else {
            return Err(RotationError::Refused(format!(
                "no public key at CloudFront is the other half of {}, AWSCURRENT, so the old one is not removed; \
                 make the version that worked AWSCURRENT again, or register its public half",
                state.secret
            )));
        };
        if !state.group.holds(new) {
            return Err(RotationError::Refused(format!(
                "{new}, which signs now, is not in the key group, so {} stays there; add {new} first",
                old.id
            )));
        }
        if settings.pinned.as_deref() == Some(&old.id) {
            return Err(RotationError::Refused(format!(
                "policy.key-pair-id names {}, so gateways still sign with it; change the policy first, and wait until \
                 every gateway runs with it",
                old.id
            )));
        }
        let kind = name(state.current.version.private.algorithm());
        self.step(Kind::Make, format!("make a key pair ({kind})"), true);
        self.step(Kind::Register, format!("register its public half at CloudFront as {new}"), true);
        self.step(Kind::Add, format!("add {new} to the key group"), true);
        self.step(Kind::Promote, format!("make it AWSCURRENT: gateways sign with {new}"), true);
        self.label(state);
        let removed = !state.group.holds(&old.id);
        if !removed {
            self.mirror(state);
        }
        // Both are later than the last moment at which the old key was current, and neither need be known.
        let marked = mark::retired_at(&old.comment, new);
        let since = marked.max(state.secret_changed_at);
        let text = match marked {
            Some(at) => format!("{} signs no more since {}", old.id, mark::moment(at)),
            None => format!("write on {} that it signs no more, and since when", old.id),
        };
        self.step(Kind::Mark, text, marked.is_some() || removed);
        let until = since.unwrap_or(state.now) + lifetime(settings) + TRUNCATED;
        let until = if removed { 0 } else { until };
        self.wait(Kind::Drain, drain(&old.id, settings), until, state.now);
        self.step(Kind::Remove, format!("remove {} from the key group", old.id), removed);
        if removed {
            self.mirror(state);
        }
        self.step(Kind::Delete, format!("delete public key {}", old.id), false);
        Ok(())
    }
}

/// Times at AWS are cut to whole seconds; the truth may be almost one later.
const TRUNCATED: u64 = 1;

/// How long after its last moment as the current one a key may have live URLs.
fn lifetime(settings: &Settings) -> u64 {
    settings.url_lifetime.as_secs() + settings.max_key_age.as_secs()
}

fn drain(old: &str, settings: &Settings) -> String {
    format!(
        "wait until no URL of {old} is alive: gateways may sign with it for {}, and URLs live for {}",
        span(settings.max_key_age.as_secs()),
        span(settings.url_lifetime.as_secs()),
    )
}

fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rsa2048 => "rsa-2048",
        Algorithm::EcdsaP256 => "ecdsa-p256",
    }
}

/// A duration as the configuration writes it.
fn span(seconds: u64) -> String {
    let parts = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let mut left = seconds;
    let mut text = String::new();
    for (unit, name) in parts {
        if left >= unit {
            text.push_str(&format!("{}{name}", left / unit));
            left %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

//! What the gate decides, without the gate: the same core, called natively.

use anyhow::{Context as _, Result, anyhow};
use tollgate_core::{
    cloudfront::{KeyPairId, SigningKey},
    error::InvalidField,
    playback::{
        Ask, Denial, Entitlement, Facts, Grant, Media, Policy, Role, Session, SignatureCache,
        Viewer,
    },
    time::EpochSeconds,
};

use crate::given::{self, KEY_PAIR_ID};

/// Room for signatures, in bytes. There is one.
const SIGNATURES: usize = 1 << 20;

/// What the key is called in there.
const KEY: u8 = 0;

/// A policy, a key and what was signed before.
pub struct Core {
    policy: Policy,
    id: KeyPairId,
    key: SigningKey,
    cache: SignatureCache<u8>,
}

impl Core {
    /// Parses policy and key, once.
    ///
    /// # Errors
    /// One of them is none.
    pub fn new(pem: &str, hash: &str) -> Result<Self> {
        let policy = Policy::parse(&given::policy(hash));
        let invalid = |invalid: InvalidField| anyhow!("{invalid}");
        Ok(Self {
            policy: policy.map_err(|wrong| anyhow!("the policy: {wrong:?}"))?,
            id: KeyPairId::new(KEY_PAIR_ID).map_err(invalid)?,
            key: SigningKey::from_pem(pem).map_err(invalid)?,
            cache: SignatureCache::new(SIGNATURES),
        })
    }

    /// Decides, signs what was not signed before, and puts the grant together.
    ///
    /// # Errors
    /// The request is refused.
    pub fn play(&mut self, episode: &str, now: u64) -> Result<Grant> {
        let refused = |denial: Denial| anyhow!("core refused: {denial:?}");
        let invalid = |invalid: InvalidField| anyhow!("{invalid}");
        let now = EpochSeconds::new("now", now).map_err(invalid)?;
        let viewer = Viewer {
            subject: "alice".to_owned(),
            user: "alice".to_owned(),
            roles: vec![Role::Standard],
            source_ip: Some("203.0.113.7".to_owned()),
            user_agent: Some("bench/1.0".to_owned()),
        };
        let ask = Ask::new(&self.policy, &viewer, "series-1", episode, None).map_err(refused)?;
        let poster = format!("content/series/series-1/video/{episode}/poster.jpg");
        let facts = Facts {
            entitlement: Some(Entitlement { status: "Active".to_owned(), valid_until: None }),
            media: Some(Media { video: None, poster: Some(poster) }),
            hls_exists: true,
            dash_exists: false,
        };
        let plan = self.policy.decide(&ask, &facts, now).map_err(refused)?;
        let mut all = Vec::new();
        for statement in plan.statements() {
            let known = self.cache.get(KEY, &statement, now);
            let signed = match known {
                Some(signed) => signed,
                None => {
                    let signed = statement.sign(&self.id, &self.key).map_err(invalid)?;
                    self.cache.insert(KEY, signed.clone());
                    signed
                }
            };
            all.push(signed);
        }
        let session = Session {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            expires_at: plan.lease.expires_at,
        };
        plan.grant(&all, None, session).map_err(invalid).context("no grant")
    }
}

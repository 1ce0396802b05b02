//! Policies whose signature was found genuine, so that the one signature of a film is verified once and not at each segment.
//!
//! What is remembered never goes out of date: what a policy says, and that this key made this signature over it with this
//! hash. Whether it allows a request is judged at each request anew.

use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Denied, carrier::Carrier, judgement::hash, policy::Policy, request::RequestUrl};
use crate::cloudfront::Hash;

/// How many policies one generation holds: more than one edge has episodes and viewers in one window of expiry.
const MOST: usize = 2048;

/// How many bytes one generation holds. An entry has about a thousand, and at most some times what a request may have.
const MOST_BYTES: usize = 2 << 20;

/// Everything that a policy and the check of its signature are made from, as it was written, in one text that tells its
/// parts apart.
///
/// It is compared whole and not by a digest, so that no two seals can be taken for each other. The key stands in it by its
/// id, which names one key for as long as the verifier lives that remembers it.
#[derive(PartialEq, Eq)]
pub(super) struct Seal(Box<[u8]>);

impl Seal {
    /// The seal of a request. `None` if it is written with escapes: one signature has so many spellings with them that
    /// whoever has one could push all others out.
    pub(super) fn of(carrier: &Carrier<'_>, url: &RequestUrl<'_>) -> Option<Self> {
        let value = |name| carrier.value(name);
        let (id, signature) = (value("Key-Pair-Id")?, value("Signature")?);
        // Not its text: none at all and an empty one are written alike and mean different things.
        let hash: &[u8] = match hash(carrier).ok()? {
            Hash::Sha1 => b"1",
            Hash::Sha256 => b"2",
        };
        let signed;
        let (kind, first, second) = match value("Policy") {
            Some(policy) => (b"custom", policy, ""),
            None => {
                signed = url.signed_part();
                (b"canned", signed.as_str(), value("Expires")?)
            }
        };
        let is_escaped = signature.contains('%') || (kind == b"custom" && first.contains('%'));
        (!is_escaped).then(|| {
            // Each part of any length but the last comes with it.
            let lengths = [id, first, second].map(|part| part.len().to_le_bytes());
            let [id, first, second, signature] = [id, first, second, signature].map(str::as_bytes);
            let parts = [kind, hash, lengths.as_flattened(), id, first, second, signature];
            Self(parts.concat().into())
        })
    }
}

impl std::hash::Hash for Seal {
    /// The end of the signature, which is as good as random: nobody chooses it, since nothing false is ever kept.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        const END: usize = 32;
        state.write(self.0.get(self.0.len().saturating_sub(END)..).unwrap_or_default());
    }
}

/// The policies one verifier has found genuine.
///
/// Only those: whoever has no key can make as many false ones as they like, and would push the others out. One that
/// is asked for stays; the others go with their generation, so that neither their number nor their size can grow.
#[derive(Default)]
pub(super) struct Genuine(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Seal, Arc<Policy>>,
    young_bytes: usize,
    old: HashMap<Seal, Arc<Policy>>,
}

impl Genuine {
    /// The policy under this seal: remembered, or read and verified by `verify` and then remembered.
    pub(super) fn policy(
        &self,
        seal: Option<Seal>,
        verify: impl FnOnce() -> Result<Policy, Denied>,
    ) -> Result<Arc<Policy>, Denied> {
        let Some(seal) = seal else { return verify().map(Arc::new) };
        if let Some(policy) = self.lock().find(&seal) {
            return Ok(policy);
        }
        // Nobody waits for this: two who come at once with the same seal both verify it.
        let policy = Arc::new(verify()?);
        self.lock().keep(seal, Arc::clone(&policy));
        Ok(policy)
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    /// The policy, if it is there. One that is asked for stays for another generation.
    fn find(&mut self, seal: &Seal) -> Option<Arc<Policy>> {
        if let Some(policy) = self.young.get(seal) {
            return Some(Arc::clone(policy));
        }
        let (seal, policy) = self.old.remove_entry(seal)?;
        self.keep(seal, Arc::clone(&policy));
        Some(policy)
    }

    fn keep(&mut self, seal: Seal, policy: Arc<Policy>) {
        let size = size(&seal, &policy);
        if size > MOST_BYTES {
            return;
        }
        if self.young.len() >= MOST || self.young_bytes + size > MOST_BYTES {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(seal, policy).is_none() {
            self.young_bytes += size;
        }
    }
}

/// What an entry costs: its seal, and a policy, which holds its resource up to four times beside its document.
fn size(seal: &Seal, policy: &Policy) -> usize {
    seal.0.len() + 5 * policy.document.len()
}

impl fmt::Debug for Genuine {
    /// Without the seals: a signature is a right to watch.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Genuine").finish_non_exhaustive()
    }
}

impl Clone for Genuine {
    /// Nothing, which is always right to begin with.
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudfront::{EdgeRequest, Reason, verify::Statement};

    const URL: &str = "https://d/a?Policy=cA__&Signature=cw__&Key-Pair-Id=K1";

    fn sealed(url: &str, cookies: &[String]) -> Option<Seal> {
        let request = EdgeRequest { url, cookies, client_ip: None, now: 0 };
        let url = RequestUrl::parse(url).unwrap();
        Seal::of(&Carrier::of(&url, &request), &url)
    }

    fn seal(number: usize) -> Seal {
        sealed(&URL.replace("cw", &number.to_string()), &[]).unwrap()
    }

    fn policy(length: usize) -> Policy {
        let statement = Statement {
            resource: None,
            date_less_than: 0,
            date_greater_than: None,
            source_ip: None,
        };
        Policy { document: vec![b' '; length], statement, pattern: None, is_canned: false }
    }

    fn knows(genuine: &Genuine, seal: &Seal) -> bool {
        genuine.lock().find(seal).is_some()
    }

    fn remember(genuine: &Genuine, seal: Seal, length: usize) {
        genuine.policy(Some(seal), || Ok(policy(length))).unwrap();
    }

    /// How many there are, and how many bytes they have.
    fn sizes(genuine: &Genuine) -> (usize, usize) {
        let generations = genuine.lock();
        let bytes = |generation: &HashMap<Seal, Arc<Policy>>| {
            generation.iter().map(|(seal, policy)| size(seal, policy)).sum::<usize>()
        };
        assert_eq!(generations.young_bytes, bytes(&generations.young));
        (
            generations.young.len() + generations.old.len(),
            bytes(&generations.young) + bytes(&generations.old),
        )
    }

    #[test]
    fn a_genuine_policy_is_verified_once_and_a_false_one_every_time() {
        let genuine = Genuine::default();
        let denied = || Denied::new(Reason::SignatureMismatch, "differs");
        for times in 1..4 {
            let mut asked = 0;
            let mut verify = |number: Option<usize>, verdict: Result<Policy, Denied>| {
                let verify = || {
                    asked += 1;
                    verdict
                };
                genuine.policy(number.map(seal), verify).map(|policy| policy.document.len())
            };
            assert_eq!(verify(Some(0), Ok(policy(times))), Ok(1), "what was first remembered");
            assert_eq!(verify(Some(1), Err(denied())), Err(denied()));
            assert_eq!(verify(None, Ok(policy(times))), Ok(times));
            assert_eq!(asked, if times == 1 { 3 } else { 2 });
        }
        assert_eq!(sizes(&genuine).0, 1);
    }

    #[test]
    fn any_difference_is_another_seal() {
        let canned = "https://d/a?Expires=9&Signature=cw__&Key-Pair-Id=K1";
        let urls = [
            URL.to_owned(),
            URL.replace("K1", "K2"),
            URL.replace("cA", "cB"),
            URL.replace("cw", "cA"),
            URL.replace("?", "?Hash-Algorithm=SHA256&"),
            // The same letters, divided otherwise.
            URL.replace("cA__", "cA_").replace("cw__", "_cw__"),
            URL.replace("K1", "").replace("cA__", "K1cA__"),
            canned.to_owned(),
            canned.replace("/a", "/b"),
            canned.replace("/d", "/e"),
            canned.replace("https", "http"),
            canned.replace("?", "?x&"),
            canned.replace("=9", "=8"),
            canned.replace("=9", ""),
        ];
        for (place, one) in urls.iter().enumerate() {
            let genuine = Genuine::default();
            remember(&genuine, sealed(one, &[]).unwrap(), 1);
            for (other, url) in urls.iter().enumerate() {
                let known = knows(&genuine, &sealed(url, &[]).unwrap());
                assert_eq!(known, place == other, "{one} {url}");
            }
        }
        // A custom policy is the same on every URL, and in cookies.
        let genuine = Genuine::default();
        remember(&genuine, sealed(URL, &[]).unwrap(), 1);
        let cookies =
            "CloudFront-Policy=cA__; CloudFront-Signature=cw__; CloudFront-Key-Pair-Id=K1";
        assert!(knows(&genuine, &sealed("http://e/b?c", &[cookies.to_owned()]).unwrap()));
    }

    #[test]
    fn what_can_be_spelled_in_many_ways_is_not_remembered() {
        for (from, to) in [("cA", "%63A"), ("cw", "c%77")] {
            assert!(sealed(&URL.replace(from, to), &[]).is_none(), "{to}");
        }
        // What is missing is for the judgement to say.
        for url in ["https://d/a", "https://d/a?Signature=a&Key-Pair-Id=b", "https://d/a?Expires=1"]
        {
            assert!(sealed(url, &[]).is_none(), "{url}");
        }
        // Escapes in a path are part of what was signed.
        assert!(sealed("https://d/a%20b?Expires=9&Signature=a&Key-Pair-Id=K1", &[]).is_some());
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_has_an_end() {
        let genuine = Genuine::default();
        for number in 0..10 * MOST {
            remember(&genuine, seal(number), 1);
            assert!(knows(&genuine, &seal(0)), "{number}");
        }
        assert!(knows(&genuine, &seal(10 * MOST - 1)));
        assert!(!knows(&genuine, &seal(1)));
        assert!(sizes(&genuine).0 <= 2 * MOST);
    }

    #[test]
    fn long_policies_are_bounded_by_their_bytes() {
        let genuine = Genuine::default();
        for number in 0..1000 {
            remember(&genuine, seal(number), Statement::MAX_BYTES);
            assert!(sizes(&genuine).1 <= 2 * MOST_BYTES, "{number}");
        }
        assert!(knows(&genuine, &seal(999)));
        remember(&genuine, seal(1000), MOST_BYTES);
        assert!(!knows(&genuine, &seal(1000)), "larger than a generation");
        assert!(knows(&genuine, &seal(999)), "and pushed nobody out");
    }

    #[test]
    fn nothing_of_it_is_shown_or_handed_on() {
        let genuine = Genuine::default();
        remember(&genuine, seal(7), 1);
        assert!(!knows(&genuine.clone(), &seal(7)));
        assert_eq!(format!("{genuine:?}"), "Genuine { .. }");
    }
}

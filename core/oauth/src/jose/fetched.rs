//! Keys that others publish at a URL, for a while.

use super::Jwk;
use crate::Provider;
use gatewright_contract::TenantId;
use gatewright_core::outgoing::Request;
use std::{convert::Infallible, sync::Arc, time::Duration};

/// Keys that were fetched are good for so long.
const LASTS: Duration = Duration::from_secs(600);
/// A key that is not among them is looked for no more often.
const AGAIN: Duration = Duration::from_secs(30);
/// Who does not answer is left alone for so long.
const PAUSE: Duration = Duration::from_secs(5);
/// What was fetched before is used for so long while nobody answers.
const HOLDS: Duration = Duration::from_secs(3_600);
/// Bytes of a set at most.
const LONGEST: usize = 64 * 1024;

/// What came of asking. Times are of a clock that never goes back.
#[derive(Clone)]
pub(crate) struct Fetched {
    /// When somebody was last asked, and whether that was answered.
    asked: Duration,
    answered: bool,
    /// The keys of the last answer, and when that came.
    keys: Option<(Duration, Arc<Vec<Jwk>>)>,
}

impl Fetched {
    pub(super) fn keys(&self) -> Option<Arc<Vec<Jwk>>> {
        self.keys.as_ref().map(|(_, keys)| keys.clone())
    }

    /// Whether nobody need be asked again.
    fn will_do(&self, now: Duration, anew: bool) -> bool {
        let lasts = match (self.answered, anew) {
            (false, _) => PAUSE,
            (true, true) => AGAIN,
            (true, false) => LASTS,
        };
        now.saturating_sub(self.asked) < lasts
    }

    /// What is known after this answer, or none.
    fn after(before: Option<&Self>, now: Duration, answer: Option<Vec<Jwk>>) -> Self {
        let held = || {
            let known = before.and_then(|before| before.keys.clone());
            known.filter(|(at, _)| now.saturating_sub(*at) < HOLDS)
        };
        let answered = answer.is_some();
        Self { asked: now, answered, keys: answer.map(|keys| (now, Arc::new(keys))).or_else(held) }
    }
}

impl Provider {
    /// What is published there. Of many who ask at once, one goes.
    pub(super) async fn fetched(&self, tenant: &TenantId, url: &str, anew: bool) -> Arc<Fetched> {
        let (cache, key) = (&self.known.fetched, (tenant.clone(), url.to_owned()));
        let (now, before) = (self.engine.world().elapsed(), cache.get(&key));
        if let Some(known) = before.as_ref().filter(|known| known.will_do(now, anew)) {
            return known.clone();
        }
        if let Some(old) = &before {
            cache.remove_if(&key, |known| Arc::ptr_eq(known, old));
        }
        let ask = async {
            let answer = self.fetch(url).await;
            Ok::<_, Infallible>(Arc::new(Fetched::after(before.as_deref(), now, answer)))
        };
        let Ok(found) = cache.get_or_insert_async(&key, ask).await;
        found
    }

    async fn fetch(&self, url: &str) -> Option<Vec<Jwk>> {
        let headers = vec![("accept", "application/jwk-set+json, application/json".to_owned())];
        let request = Request { method: "GET", url: url.to_owned(), headers, body: Vec::new() };
        // Which schemes and addresses are allowed is settled there, for all URLs that somebody sets.
        let answer = match self.outgoing.read(request, LONGEST).await {
            Ok(answer) => answer,
            Err(why) => {
                tracing::info!(url, %why, "the keys of a client can't be fetched");
                return None;
            }
        };
        let set = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200);
        let keys = set.and_then(|set| Jwk::set(&set).ok());
        if keys.is_none() {
            tracing::info!(url, status = answer.status, "what a client publishes is no JWK set");
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn keys_last_for_a_while_and_a_missing_one_is_looked_for_seldom() {
        let known = Fetched::after(None, at(1_000), Some(Vec::new()));
        assert!(known.keys().is_some());
        assert!(known.will_do(at(1_599), false) && !known.will_do(at(1_600), false));
        assert!(known.will_do(at(1_029), true) && !known.will_do(at(1_030), true));
    }

    #[test]
    fn who_does_not_answer_is_left_alone_and_what_was_known_holds_for_an_hour() {
        let known = Fetched::after(None, at(1_000), Some(Vec::new()));
        let silent = Fetched::after(Some(&known), at(2_000), None);
        assert!(silent.keys().is_some());
        assert!(silent.will_do(at(2_004), true) && !silent.will_do(at(2_005), false));
        let silent = Fetched::after(Some(&silent), at(4_600), None);
        assert!(silent.keys().is_none(), "an hour after the last answer");
        assert!(Fetched::after(None, at(0), None).keys().is_none());
    }
}

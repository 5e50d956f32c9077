//! Who acts for the subject (RFC 8693, section 4.1).

use super::{ACCESS_TOKEN, judged, not_good, subject::Subject};
use crate::{OAuthError, Provider, Result, grant::Bound, token::Call};
use serde_json::{Value, json};

/// Actors behind one another at most.
const MOST: usize = 4;

impl Provider {
    /// The claim `act`. Without an actor token the one that the subject has stays: an exchange hides nobody.
    pub(super) async fn actor_of(&self, call: &Call<'_>, subject: &Subject) -> Result<Option<Value>> {
        let before = subject.access.actor.clone();
        let (token, sort) = (call.form.get("actor_token"), call.form.get("actor_token_type"));
        let token = match (token, sort) {
            (Some(token), Some(ACCESS_TOKEN)) => token,
            (None, None) => return Ok(before),
            _ => {
                let text =
                    format!("actor_token and actor_token_type go together; the type is {ACCESS_TOKEN}.");
                return Err(OAuthError::invalid(text));
            }
        };
        let actor = judged("actor_token", self.check(call.tenant, token).await)?.access;
        // Who acts is who asks.
        let bound = actor.bound == Bound::default() || actor.bound == call.bound;
        if actor.client_id != call.client.client_id || !bound {
            return Err(not_good("actor_token"));
        }
        if depth(before.as_ref()) >= MOST {
            return Err(OAuthError::invalid("There are too many actors behind one another."));
        }
        let mut act = json!({"sub": actor.sub, "client_id": actor.client_id});
        if let Some(before) = before {
            act["act"] = before;
        }
        Ok(Some(act))
    }
}

fn depth(act: Option<&Value>) -> usize {
    std::iter::successors(act, |act| act.get("act")).count()
}

#[cfg(test)]
mod tests {
    use super::depth;
    use serde_json::json;

    #[test]
    fn actors_are_counted() {
        assert_eq!(depth(None), 0);
        assert_eq!(depth(Some(&json!({"sub": "a", "act": {"sub": "b", "act": {"sub": "c"}}}))), 3);
    }
}

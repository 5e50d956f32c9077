//! Mail to somebody whose account has been changed: who did not do it themselves must hear of it (NIST SP 800-63B-4,
//! section 4.6; OWASP ASVS 5, 6.3.7).

use super::{Engine, step::Loaded};
use crate::{
    Origin, Person,
    outbox::{Posted, Sender},
};
use gatewright_contract::{Message, Secret};
use std::time::Duration;

/// The channel of notices, where there is one.
const CHANNEL: &str = "smtp";
/// A notice is worth delivering for a day.
const GOOD_FOR: Duration = Duration::from_secs(86_400);

impl Engine {
    /// That what this person proves themselves with has been replaced. What can't be sent holds nothing up.
    pub(super) async fn notify(
        &self,
        loaded: &Loaded,
        person: &Person,
        authenticator: &str,
        origin: &Origin,
    ) -> Posted {
        self.notify_of(&self.sender(loaded, authenticator), person, authenticator, origin).await
    }

    /// That this of their account has been replaced: to the address that they have until now.
    pub(super) async fn notify_of(
        &self,
        sender: &Sender<'_>,
        person: &Person,
        what: &str,
        origin: &Origin,
    ) -> Posted {
        let Some(email) = person.email.clone().filter(|_| self.channels.contains_key(CHANNEL)) else {
            return Posted::default();
        };
        let value = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
        let at = crate::audit::rfc3339(sender.now);
        let message = Message {
            channel: CHANNEL.to_owned(),
            to: Secret::new(email),
            template: "notice".to_owned(),
            values: vec![value("what", what), value("username", &person.username), value("at", &at)],
            expires_in: GOOD_FOR,
        };
        match self.post(sender, vec![message], origin).await {
            Ok(posted) => posted,
            Err(problem) => {
                tracing::warn!(%problem, "somebody is not told that their account was changed");
                Posted::default()
            }
        }
    }
}

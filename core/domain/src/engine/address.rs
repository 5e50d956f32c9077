//! Whose a mailbox is: a link goes there, and who is logged in as the one who asked opens it.

use super::Engine;
use crate::{
    Origin, Person,
    audit::Event,
    outbox::Sender,
    person::username_key,
    problem::{Problem, Result},
    session::Caller,
    store::{StoreError, Write},
    token::{HashedToken, PlainToken},
};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, Message, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where what waits is kept.
const AREA: &str = "address";
pub(super) const CHANNEL: &str = "smtp";
/// A link is good for an hour.
const GOOD_FOR: Duration = Duration::from_secs(3_600);
/// The next one can be asked for after a minute.
const PAUSE: Duration = Duration::from_secs(60);

/// A link that waits to be opened.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// Hash of its token, in hex.
    hash: String,
    /// Where it went: another address is not proven by it.
    email: String,
    sent: Timestamp,
}

impl Engine {
    /// Sends a link to the caller's own address. `link`: the address of the page that takes the token. A newer one takes the
    /// place of the one before.
    ///
    /// # Errors
    /// 409 for who has no address or has proven it, 429 too soon after the last, 503 without mail.
    pub async fn ask_address(
        &self,
        caller: &Caller,
        link: impl FnOnce(&PlainToken) -> String,
        origin: &Origin,
    ) -> Result<()> {
        let (person, tenant) = (self.person_of(caller).await?, self.tenant(&caller.session.tenant).await?);
        self.admit(&tenant, origin)?;
        let now = self.now();
        let nothing = || Problem::conflict("There is no address on this account that is not proven.");
        let email = person.email.clone().filter(|_| !person.email_verified).ok_or_else(nothing)?;
        let (known, rev) = self.waiting(&person).await?;
        // Whatever the address was: who changes it floods nobody either.
        if let Some(known) = known.filter(|known| now.since(known.sent) < PAUSE) {
            return Err(Problem::too_fast(PAUSE.saturating_sub(now.since(known.sent))));
        }
        let token = self.token("gwv")?;
        let message = letter_with_link(&person, email.clone(), link(&token));
        let name = username_key(&person.username).unwrap_or_default();
        let pseudonym = self.pseudonym(&tenant.id, &name).await?;
        let sender = Sender { tenant: &tenant, person: Some(&person), pseudonym, authenticator: AREA, now };
        let mut posted = self.post(&sender, vec![message], origin).await?;
        let mut writes = posted.writes();
        writes.push(Write::SessionThere(caller.session.id));
        writes.push(self.waits_for(&person, email, &token, rev)?);
        self.store.commit(writes).await.map_err(changed)?;
        posted.ring(&self.bell);
        Ok(())
    }

    /// The caller has opened the link: the address is theirs. Good once.
    ///
    /// # Errors
    /// 404 for a token that is not the caller's newest, or too old.
    pub async fn prove_address(&self, caller: &Caller, token: &PlainToken, origin: &Origin) -> Result<()> {
        let (person, tenant) = (self.person_of(caller).await?, self.tenant(&caller.session.tenant).await?);
        self.admit(&tenant, origin)?;
        let (known, rev) = self.waiting(&person).await?;
        let fits = |known: &Waiting| {
            let hash = HEXLOWER.decode(known.hash.as_bytes()).ok();
            let hash = hash.and_then(|bytes| HashedToken::from_slice(&bytes));
            hash.is_some_and(|hash| hash.same(&token.hashed())) && person.email.as_ref() == Some(&known.email)
        };
        let known = known.filter(fits).ok_or_else(|| Problem::not_found("link"))?;
        let now = self.now();
        let keys = crate::people::stored_keys(&person)?;
        let event = Event::new("person.email-verified", &tenant.id, now, origin);
        let next = Person { email_verified: true, changed: now, rev: person.rev + 1, ..person.clone() };
        let writes = vec![
            Write::SessionThere(caller.session.id),
            self.waits(&person, &known, rev, now)?,
            Write::PersonReplace(next, keys),
            Write::Audit(event.about(Some(person.id)).by(Some(person.id)).within(caller.session.id)),
        ];
        self.store.commit(writes).await.map_err(changed)
    }

    async fn waiting(&self, person: &Person) -> Result<(Option<Waiting>, Option<u64>)> {
        let key = person.id.to_string();
        Ok(match self.store.document(AREA, &person.tenant, &key, self.now()).await? {
            Some((bytes, rev)) => (serde_json::from_slice(&bytes).ok(), Some(rev)),
            None => (None, None),
        })
    }

    /// A link with this token, sent to this address now, waits to be opened. `expect`: the revision of the one before.
    pub(super) fn waits_for(
        &self,
        person: &Person,
        email: String,
        token: &PlainToken,
        expect: Option<u64>,
    ) -> Result<Write> {
        let now = self.now();
        let waiting = Waiting { hash: HEXLOWER.encode(&token.hashed().0), email, sent: now };
        self.waits(person, &waiting, expect, now.plus(GOOD_FOR))
    }

    fn waits(
        &self,
        person: &Person,
        waiting: &Waiting,
        expect: Option<u64>,
        until: Timestamp,
    ) -> Result<Write> {
        let value = serde_json::to_vec(waiting).map_err(|e| Fault::caused("a link can't be written", e))?;
        Ok(Write::DocumentPut {
            plugin: AREA.to_owned(),
            tenant: person.tenant.clone(),
            key: person.id.to_string(),
            expect,
            value,
            expires: Some(until),
            now: self.now(),
        })
    }
}

/// The letter that asks this person to open a link.
pub(super) fn letter_with_link(person: &Person, email: String, link: String) -> Message {
    let value = |name: &str, value: String| (name.to_owned(), Secret::new(value));
    let minutes = (GOOD_FOR.as_secs() / 60).to_string();
    Message {
        channel: CHANNEL.to_owned(),
        to: Secret::new(email),
        template: "verify".to_owned(),
        values: vec![
            value("link", link),
            value("minutes", minutes),
            value("username", person.username.clone()),
        ],
        expires_in: GOOD_FOR,
    }
}

fn changed(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(_) => Problem::conflict("The account was changed at the same time. Try again."),
        other => other.into(),
    }
}

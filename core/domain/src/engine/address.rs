//! Whose a mailbox is: a link goes there, and who is logged in as the one who asked opens it.

use super::{Engine, open::letters::bare};
use crate::{
    Origin, Person,
    audit::Event,
    outbox::Sender,
    people::taken,
    person::{email_key, username_key},
    problem::{Problem, Result},
    session::Caller,
    store::{StoreError, Subject, Write},
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
/// An address that is on no account yet waits for so long.
const WAITS_FOR: Duration = Duration::from_secs(7 * 86_400);
/// The next one can be asked for after a minute.
const PAUSE: Duration = Duration::from_secs(60);
/// Where there were too many letters to an address, whoever has asked for them.
const LATER: Duration = Duration::from_secs(3_600);

/// A link that waits to be opened.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// Hash of its token, in hex.
    hash: String,
    /// Where it went: another address is not proven by it.
    email: String,
    sent: Timestamp,
    /// The address is on no account: it comes to this one with the proof. Until then it is nobody's, so that nobody holds one
    /// that is not theirs, or sees by it whose it is.
    #[serde(default)]
    joins: bool,
}

impl Engine {
    /// The address that somebody has given and not proven.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unproven_address(&self, person: &Person) -> Result<Option<String>> {
        if person.email.is_some() {
            return Ok(person.email.clone().filter(|_| !person.email_verified));
        }
        Ok(self.waiting(person).await?.0.filter(|waiting| waiting.joins).map(|waiting| waiting.email))
    }

    /// Sends a link to the caller's own address. `link`: the address of the page that takes the token. A newer one takes the
    /// place of the one before. Where the address is somebody else's, its mailbox alone is told.
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
        let email = self.unproven_address(&person).await?.ok_or_else(nothing)?;
        let (known, rev) = self.waiting(&person).await?;
        // Whatever the address was: who changes it floods nobody either.
        if let Some(known) = known.filter(|known| now.since(known.sent) < PAUSE) {
            return Err(Problem::too_fast(PAUSE.saturating_sub(now.since(known.sent))));
        }
        let token = self.token("gwv")?;
        let key = email_key(&email).unwrap_or_default();
        let turn = self.turn(&tenant.id, &self.addressee(&tenant.id, &key).await?, now).await?;
        if !turn.free {
            return Err(Problem::too_fast(LATER));
        }
        let holder = self.store.person_by_email(&tenant.id, &key).await?;
        let message = match holder.is_some_and(|holder| holder.id != person.id) {
            true => bare("address-taken", &email),
            false => letter_with_link(&person, email.clone(), link(&token)),
        };
        let name = username_key(&person.username).unwrap_or_default();
        let pseudonym = self.pseudonym(&tenant.id, &name).await?;
        let sender = Sender { tenant: &tenant, person: Some(&person), pseudonym, authenticator: AREA, now };
        let mut posted = self.post(&sender, vec![message], origin).await?;
        let mut writes = posted.writes();
        writes.push(Write::SessionThere(caller.session.id));
        writes.push(turn.write);
        writes.push(self.waits_for(&person, email, &token, rev)?);
        self.store.commit(writes).await.map_err(changed)?;
        posted.ring(&self.bell);
        Ok(())
    }

    /// The caller has opened the link: the address is theirs. Good once.
    ///
    /// # Errors
    /// 404 for a token that is not the caller's newest, or too old; 409 where somebody has the address meanwhile.
    pub async fn prove_address(&self, caller: &Caller, token: &PlainToken, origin: &Origin) -> Result<()> {
        let (person, tenant) = (self.person_of(caller).await?, self.tenant(&caller.session.tenant).await?);
        self.admit(&tenant, origin)?;
        let (known, rev) = self.waiting(&person).await?;
        let now = self.now();
        let fits = |known: &Waiting| {
            let hash = HEXLOWER.decode(known.hash.as_bytes()).ok();
            let hash = hash.and_then(|bytes| HashedToken::from_slice(&bytes));
            let is_theirs = match &person.email {
                Some(email) => *email == known.email,
                None => known.joins,
            };
            hash.is_some_and(|hash| hash.same(&token.hashed()))
                && is_theirs
                && now.since(known.sent) < GOOD_FOR
        };
        let known = known.filter(fits).ok_or_else(|| Problem::not_found("link"))?;
        let event = Event::new("person.email-verified", &tenant.id, now, origin);
        let email = Some(known.email.clone());
        let next =
            Person { email, email_verified: true, changed: now, rev: person.rev + 1, ..person.clone() };
        let keys = crate::people::stored_keys(&next)?;
        let writes = vec![
            Write::SessionThere(caller.session.id),
            self.waits(&person, &known, rev, now)?,
            Write::PersonReplace(next, keys),
            Write::Audit(event.about(Some(person.id)).by(Some(person.id)).within(caller.session.id)),
        ];
        self.store.commit(writes).await.map_err(|error| match error {
            StoreError::Conflict(Subject::Email) => taken(error),
            other => changed(other),
        })
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
        let joins = person.email.is_none();
        let waiting = Waiting { hash: HEXLOWER.encode(&token.hashed().0), email, sent: now, joins };
        self.waits(person, &waiting, expect, now.plus(if joins { WAITS_FOR } else { GOOD_FOR }))
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

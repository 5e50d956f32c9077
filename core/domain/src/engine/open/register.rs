//! People register themselves. What is taken is said by mail alone: the reply, the letters and the work are the same.

use super::{Anybody, letters::bare};
use crate::{
    Engine, Origin, Person, Tenant,
    audit::Event,
    credential::StoredCredential,
    engine::{address::letter_with_link, credentials::must_fit_beside, step::Loaded},
    outbox::{Posted, Sender},
    people::NewPerson,
    person::{Keys, email_key, username_key},
    problem::{Problem, Result},
    store::{Reserved, StoreError, Subject, Write},
    throttle::CounterKey,
    token::{HashedToken, PlainToken},
};
use gatewright_contract::{Body, Call, Enrolment, Pseudonym, Violation};
use serde_json::{Value, json};
use std::sync::Arc;

/// How often it is tried anew because somebody else was first.
const ROUNDS: usize = 4;

/// What is to be written, as far as it does not matter who has the names.
struct Form {
    tenant: Arc<Tenant>,
    person: Person,
    keys: Keys,
    email: String,
    credential: StoredCredential,
    token: PlainToken,
    link: String,
    /// Of the address.
    pseudonym: Pseudonym,
}

/// What somebody else has already.
#[derive(Clone, Copy)]
enum Taken {
    Address,
    Name,
}

impl Engine {
    /// Makes an account with this credential. The reply is the same where the name or the address is taken: then whoever has
    /// the address is told by mail. `link`: the address of the page that takes the token by which the mailbox is proven.
    ///
    /// # Errors
    /// 403 where people don't register themselves, 422 for what can't be a name or an address or a proof that is refused, 429,
    /// 503 without mail.
    pub async fn register(
        &self,
        who: &Anybody,
        email: &str,
        (authenticator, proof): (&str, Value),
        link: impl FnOnce(&PlainToken) -> String + Send,
        origin: &Origin,
    ) -> Result<()> {
        let tenant = self.tenant(&who.tenant).await?;
        if !self.settings_of(&tenant).vault.register_enable {
            return Err(Problem::forbidden(
                "People don't register themselves here: ask an administrator for an account.",
            ));
        }
        self.admit(&tenant, origin)?;
        self.count_registration(&tenant, origin).await?;
        let (person, keys, address) = self.drafted(who, email)?;
        let loaded = self.anybody(who, origin).await?;
        // Judged before anybody looks who has the names: a proof that is refused is refused to all.
        let credential = self.first_credential(&loaded, &person, (authenticator, proof), origin).await?;
        // No login name has a NUL, so that none shares this with an address.
        let pseudonym = self.pseudonym(&tenant.id, &format!("\0address|{address}")).await?;
        let (token, email) = (self.token("gwv")?, email.to_owned());
        let link = link(&token);
        let form = Form { tenant, person, keys, email, credential, token, link, pseudonym };
        self.write_account(&form, origin).await
    }

    /// Counted as wrong answers are, but beside them: whoever makes accounts keeps nobody behind the same address from theirs.
    async fn count_registration(&self, tenant: &Tenant, origin: &Origin) -> Result<()> {
        let Some(address) = origin.address else { return Ok(()) };
        let (now, rule) = (self.now(), self.settings_of(tenant).block_config.address());
        let CounterKey(answers) = CounterKey::address(address, &rule);
        let key = CounterKey(HashedToken::of(&[b"register|".as_slice(), &answers.0].concat()));
        match self.store.reserve(&[(key, rule)], now).await?.result {
            Reserved::Granted => Ok(()),
            Reserved::Blocked { until, .. } => Err(Problem::too_fast(until.since(now))),
        }
    }

    /// The person, their names as they are compared, and their address so.
    fn drafted(&self, who: &Anybody, email: &str) -> Result<(Person, Keys, String)> {
        let new = NewPerson {
            tenant: who.tenant.clone(),
            username: who.username.clone(),
            display_name: None,
            email: Some(email.to_owned()),
            administrator: false,
        };
        let person = self.draft_person((new, false))?;
        let (keys, address) = (person.keys(), email_key(email));
        let (Some(keys), Some(address)) = (keys, address) else {
            return Err(refused("email", "That is no e-mail address."));
        };
        // Where addresses are login names, it would stand before the one whose address it is.
        let name = username_key(&who.username);
        if who.username.contains('@') && name.as_ref() != Some(&address) {
            return Err(refused("username", "A username with an `@` must be the e-mail address itself."));
        }
        Ok((person, keys, address))
    }

    async fn first_credential(
        &self,
        loaded: &Loaded,
        person: &Person,
        (authenticator, proof): (&str, Value),
        origin: &Origin,
    ) -> Result<StoredCredential> {
        let plugin = self.open_to_all(authenticator)?;
        let first = self.settings(loaded).policy.first_steps(&self.catalogue());
        if !first.iter().any(|id| id == authenticator) {
            return Err(Problem::unknown_authenticator());
        }
        let mut scope = self.scope(loaded, origin);
        scope.person = Some(person.view());
        let body = (Body(json!({})), Body(proof));
        match plugin.enrol(Call { scope: &scope, credentials: &[], body }).await? {
            Enrolment::Rejected(violations) => Err(Problem::violations(violations)),
            Enrolment::Pending { .. } => Err(Problem::unknown_authenticator()),
            Enrolment::Enrolled { credential, label, lookup, reveal: _ } => {
                let new = self.new_credential(person, &*plugin, (&credential, label, lookup), loaded).await?;
                must_fit_beside(&[], &new)?;
                Ok(new)
            }
        }
    }

    /// One commit with one letter, whoever has the names; who is first is decided by the write.
    async fn write_account(&self, form: &Form, origin: &Origin) -> Result<()> {
        let mut taken = self.taken(form).await?;
        for _ in 0..ROUNDS {
            let (writes, posted) = self.account_or_letter(form, taken, origin).await?;
            match self.store.commit(writes).await {
                Ok(()) => {
                    posted.ring(&self.bell);
                    return Ok(());
                }
                // Also of a name that only looks like somebody's.
                Err(StoreError::Conflict(Subject::Person)) if taken.is_none() => taken = Some(Taken::Name),
                Err(StoreError::Conflict(Subject::Email)) if taken.is_none() => taken = Some(Taken::Address),
                // Another letter to the same address has been counted meanwhile.
                Err(StoreError::Conflict(Subject::Document)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Problem::conflict("The same address is being registered at the same time. Try again."))
    }

    /// Who has these names. Both questions are always asked.
    async fn taken(&self, form: &Form) -> Result<Option<Taken>> {
        let tenant = &form.tenant.id;
        let by_name = self.store.person_by_username(tenant, &form.keys.username).await?;
        let address = form.keys.email.as_deref().unwrap_or_default();
        let by_address = self.store.person_by_email(tenant, address).await?;
        Ok(match (by_address, by_name) {
            (Some(_), _) => Some(Taken::Address),
            (None, Some(_)) => Some(Taken::Name),
            (None, None) => None,
        })
    }

    async fn account_or_letter(
        &self,
        form: &Form,
        taken: Option<Taken>,
        origin: &Origin,
    ) -> Result<(Vec<Write>, Posted)> {
        let (tenant, now, person) = (&form.tenant, self.now(), &form.person);
        let authenticator = form.credential.authenticator.as_str();
        let event = Event::new("person.registered", &tenant.id, now, origin).with(authenticator);
        let turn = self.turn(&tenant.id, &form.pseudonym, now).await?;
        let mut writes = Vec::new();
        let letter = match taken {
            None => {
                writes.push(Write::PersonInsert(person.clone(), form.keys.clone()));
                writes.push(Write::CredentialInsert(form.credential.clone()));
                writes.push(Write::Audit(event.about(Some(person.id))));
                if turn.free {
                    writes.push(self.waits_for(person, form.email.clone(), &form.token, None)?);
                }
                letter_with_link(person, form.email.clone(), form.link.clone())
            }
            Some(what) => {
                let (why, template) = match what {
                    Taken::Address => ("address-taken", "address-taken"),
                    Taken::Name => ("name-taken", "username-taken"),
                };
                writes.push(Write::Audit(event.but(why)));
                bare(template, &form.email)
            }
        };
        let person = taken.is_none().then_some(person);
        let sender = Sender { tenant, person, pseudonym: form.pseudonym, authenticator, now };
        let letters = turn.free.then_some(letter).into_iter().collect();
        let mut posted = self.post(&sender, letters, origin).await?;
        writes.push(turn.write);
        writes.extend(posted.writes());
        Ok((writes, posted))
    }
}

fn refused(code: &str, message: &str) -> Problem {
    Problem::violations(vec![Violation { code: code.to_owned(), message: message.to_owned() }])
}

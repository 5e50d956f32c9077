//! People register themselves. What is taken is said by mail alone: the reply, the letters and the work are the same. An
//! address is nobody's until it is proven: whoever gives one that is taken has an account like any other, without an address.

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
    throttle::{CounterKey, Lasts, Rule},
    token::{HashedToken, PlainToken},
};
use gatewright_contract::{Body, Call, Enrolment, Pseudonym, Violation};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const DAY: Duration = Duration::from_secs(86_400);
/// Accounts that one network makes in one tenant in a day.
const MADE: Rule =
    Rule { limit: 50, window: DAY, first_block: DAY, max_block: DAY, in_a_row: None, lasts: Lasts::Doubled };
/// How often it is tried anew because somebody else was first.
const ROUNDS: usize = 4;

/// What is to be written, as far as it does not matter who has the names.
struct Form {
    tenant: Arc<Tenant>,
    person: Person,
    keys: Keys,
    email: String,
    /// The address as it is compared.
    address: String,
    credential: StoredCredential,
    token: PlainToken,
    link: String,
    /// Of the address.
    pseudonym: Pseudonym,
}

/// What somebody else has already.
#[derive(Clone, Copy)]
struct Taken {
    /// There is no account then.
    name: bool,
    /// There is one without an address.
    address: bool,
}

impl Engine {
    /// Makes an account with this credential, and without an address: that one comes to it when it is proven. The reply is the
    /// same where the name or the address is taken: then whoever has the address is told by mail. `link`: the address of the page
    /// that takes the token by which the mailbox is proven.
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
        let (person, keys, address) = self.drafted(who, email)?;
        let loaded = self.anybody(who, origin).await?;
        // Judged before anybody looks who has the names: a proof that is refused is refused to all.
        let credential = self.first_credential(&loaded, &person, (authenticator, proof), origin).await?;
        self.count_registration(&tenant, origin).await?;
        let pseudonym = self.addressee(&tenant.id, &address).await?;
        let (token, email) = (self.token("gwv")?, email.to_owned());
        let link = link(&token);
        let form = Form { tenant, person, keys, email, address, credential, token, link, pseudonym };
        self.write_account(&form, origin).await
    }

    /// Counted beside wrong answers, and by a rule of its own: whoever makes accounts keeps nobody behind the same address from
    /// theirs.
    async fn count_registration(&self, tenant: &Tenant, origin: &Origin) -> Result<()> {
        let Some(address) = origin.address else { return Ok(()) };
        let (now, CounterKey(network)) = (self.now(), CounterKey::address(address, &MADE));
        let name = [b"register|", tenant.id.as_str().as_bytes(), b"|", &network.0].concat();
        match self.store.reserve(&[(CounterKey(HashedToken::of(&name)), MADE)], now).await?.result {
            Reserved::Granted => Ok(()),
            Reserved::Blocked { until, .. } => Err(Problem::too_fast(until.since(now))),
        }
    }

    /// The person, who has no address yet; their names as they are compared, and the address so.
    fn drafted(&self, who: &Anybody, email: &str) -> Result<(Person, Keys, String)> {
        let new = NewPerson {
            tenant: who.tenant.clone(),
            username: who.username.clone(),
            display_name: None,
            email: Some(email.to_owned()),
            administrator: false,
        };
        let person = Person { email: None, ..self.draft_person((new, false))? };
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
                Err(StoreError::Conflict(Subject::Person)) if !taken.name => taken.name = true,
                // Another letter to the same address has been counted meanwhile.
                Err(StoreError::Conflict(Subject::Document)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Problem::conflict("The same address is being registered at the same time. Try again."))
    }

    /// Who has these names. Both questions are always asked.
    async fn taken(&self, form: &Form) -> Result<Taken> {
        let tenant = &form.tenant.id;
        let by_name = self.store.person_by_username(tenant, &form.keys.username).await?;
        let address = self.store.person_by_email(tenant, &form.address).await?.is_some();
        // Where addresses are login names, one that somebody has is taken as a name too.
        let is_name = form.keys.username == form.address
            && !self.settings_of(&form.tenant).vault.has_username_and_email;
        Ok(Taken { name: by_name.is_some() || (address && is_name), address })
    }

    async fn account_or_letter(
        &self,
        form: &Form,
        taken: Taken,
        origin: &Origin,
    ) -> Result<(Vec<Write>, Posted)> {
        let (tenant, now, person) = (&form.tenant, self.now(), &form.person);
        let authenticator = form.credential.authenticator.as_str();
        let event = Event::new("person.registered", &tenant.id, now, origin).with(authenticator);
        let turn = self.turn(&tenant.id, &form.pseudonym, now).await?;
        let mut writes = Vec::new();
        match taken.name {
            true => writes.push(Write::Audit(event.but("name-taken"))),
            false => {
                writes.push(Write::PersonInsert(person.clone(), form.keys.clone()));
                writes.push(Write::CredentialInsert(form.credential.clone()));
                writes.push(Write::Audit(event.about(Some(person.id))));
                // Also an address that is taken, and one that gets no letter: all accounts look the same from inside.
                writes.push(self.waits_for(person, form.email.clone(), &form.token, None)?);
            }
        }
        let letter = match taken {
            Taken { address: true, .. } => bare("address-taken", &form.email),
            Taken { name: true, .. } => bare("username-taken", &form.email),
            Taken { .. } => letter_with_link(person, form.email.clone(), form.link.clone()),
        };
        let person = (!taken.name).then_some(person);
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

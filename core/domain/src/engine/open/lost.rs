//! What was lost is replaced by a code that goes by mail, where the client carries no transaction: the code is all that it
//! takes.

use super::Anybody;
use crate::{
    Engine, Origin, Person, Tenant,
    engine::{
        Begin,
        address::CHANNEL,
        challenge::step_conflict,
        set_up::SetUp,
        step::{Loaded, claimed},
    },
    person::{email_key, username_key},
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
    throttle::CounterKey,
    token::{HashedToken, PlainToken},
    transaction::Proof,
};
use data_encoding::HEXLOWER;
use gatewright_contract::{Body, Fault, Message, Pseudonym, Purpose, Secret, TenantId};
use serde_json::{Value, json};

/// Where it is kept that a code has been asked for.
const AREA: &str = "mailed-reset";
/// Under which name a transaction notes whose mailbox was proven.
const MAILBOX: &str = "mailbox";

/// The code that was asked for last with a name and an address.
struct Last {
    /// Under which name it is kept.
    key: String,
    /// What letters for both are counted by.
    pair: Pseudonym,
    /// The revision of what is kept.
    rev: Option<u64>,
    /// It can still be used.
    counts: bool,
}

impl Engine {
    /// Mails a code by which `lost` can be replaced to who has this login name and this address, if the address is proven. The
    /// code names tenant and person by itself. The reply is the same for everybody else. While a code for the same name and
    /// address counts there is no other: whoever asks again does not cancel it. After a few in a day there is none until the next.
    ///
    /// # Errors
    /// 400 for a name that nobody can have, 404 for an unknown tenant, 409 where nothing is replaced by a message, 429.
    pub async fn mail_reset(&self, who: &Anybody, email: &str, lost: &str, origin: &Origin) -> Result<()> {
        let tenant = self.tenant(&who.tenant).await?;
        let step = self.reset_by_message(&tenant)?;
        self.admit(&tenant, origin)?;
        let (person, _) = self.named(&tenant, &who.username).await?;
        let theirs = person.filter(|person| has_proven(person, email));
        // From what was sent alone, so that a right pair and a wrong one take the same steps and commits.
        let last = self.last_code(&tenant.id, (&who.username, email)).await?;
        // Counted also for a pair that gets no letter.
        let turn = self.turn(&tenant.id, &last.pair, self.now()).await?;
        if last.counts || !turn.free {
            return Ok(());
        }
        let begin = Begin {
            reset: Some(lost.to_owned()),
            client: who.client.clone(),
            request: who.request.clone(),
            ..Begin::login(tenant.id.clone(), Some(self.name_for(who, theirs.as_ref())?))
        };
        let (mut loaded, _) = self.prepare(begin, origin).await?;
        let sends = self.sends_by_mail(&loaded, &step, origin).await?;
        let code = self.token("gwr")?;
        self.counts_as_mailbox(&mut loaded, &step, email, &code).await?;
        let to = theirs.and_then(|person| person.email).filter(|_| loaded.person.is_some());
        let letter = sends.then(|| letter(to.unwrap_or_default(), &code, &loaded));
        let mut posted =
            self.post(&self.sender(&loaded, &step), letter.into_iter().collect(), origin).await?;
        let mut writes = vec![
            turn.write,
            self.keep_code(&loaded, last, &code),
            Write::TransactionInsert(loaded.transaction),
        ];
        writes.extend(posted.writes());
        match self.store.commit(writes).await {
            Ok(()) => posted.ring(&self.bell),
            // Somebody else has asked at the same time: theirs is the code that counts.
            Err(StoreError::Conflict(Subject::Document)) => {}
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    /// Nobody has the other name: who gives a wrong address is answered like who does not exist, and uses up nothing of
    /// theirs. A name that looks like an address is looked for twice, so that one does too.
    fn name_for(&self, who: &Anybody, theirs: Option<&Person>) -> Result<String> {
        Ok(match (theirs, who.username.contains('@')) {
            (Some(_), _) => who.username.clone(),
            (None, true) => format!("{}@nobody.invalid", self.token("gwx")?.expose()),
            (None, false) => self.token("gwx")?.expose().to_owned(),
        })
    }

    /// What sends a code for this.
    fn reset_by_message(&self, tenant: &Tenant) -> Result<String> {
        let catalogue = self.catalogue();
        let sends = |id: &String| catalogue.manifest(id).is_some_and(|m| m.sends && !m.abilities.signal);
        let found = self.settings_of(tenant).policy.reset_steps(&catalogue).into_iter().find(sends);
        found.ok_or_else(not_by_mail)
    }

    /// Whether the step that the tenant's policy names would send something by mail now. It is asked as in every other reset,
    /// so that what it is told of ways and numbers holds here too; what it would send goes nowhere.
    async fn sends_by_mail(&self, loaded: &Loaded, step: &str, origin: &Origin) -> Result<bool> {
        let plugin = self.catalogue().get(step)?;
        let (asked, _) = self.pose(loaded, &*plugin, json!({}), false, origin).await?;
        match asked.effects.send.iter().any(|message| message.channel != CHANNEL) {
            true => Err(not_by_mail()),
            false => Ok(!asked.effects.send.is_empty()),
        }
    }

    /// Whoever comes with the code has read what was sent to this address. In which browser they read it does not matter.
    async fn counts_as_mailbox(
        &self,
        loaded: &mut Loaded,
        step: &str,
        email: &str,
        code: &PlainToken,
    ) -> Result<()> {
        let plugin = self.catalogue().get(step)?;
        let traits = &plugin.manifest().traits;
        let mailbox = self.mailbox(&loaded.tenant.id, email).await?;
        let transaction = &mut loaded.transaction;
        transaction.handle = code.hashed();
        transaction.body.browser = None;
        transaction.body.dialect = json!({ MAILBOX: mailbox });
        transaction.body.proofs.push(Proof {
            authenticator: step.to_owned(),
            credential: None,
            at: loaded.now,
            kind: traits.kind,
            amr: traits.amr.clone(),
            phishing_resistant: traits.phishing_resistant,
            user_verified: false,
            renew: false,
        });
        Ok(())
    }

    /// How a transaction names an address. Nobody outside can compute it; no login name has a NUL, so that none shares it.
    async fn mailbox(&self, tenant: &TenantId, email: &str) -> Result<String> {
        let address = email_key(email).unwrap_or_else(|| email.to_owned());
        Ok(HEXLOWER.encode(&self.pseudonym(tenant, &format!("\0mailbox|{address}")).await?.0))
    }

    async fn last_code(&self, tenant: &TenantId, (username, email): (&str, &str)) -> Result<Last> {
        let (name, address) = (claimed(username)?, email_key(email).unwrap_or_else(|| email.to_owned()));
        let pair = self.pseudonym(tenant, &format!("\0reset|{name}\0{address}")).await?;
        let (key, now) = (HEXLOWER.encode(&pair.0), self.now());
        let Some((hash, rev)) = self.store.document(AREA, tenant, &key, now).await? else {
            return Ok(Last { key, pair, rev: None, counts: false });
        };
        let handle =
            HashedToken::from_slice(&hash).ok_or_else(|| Fault::internal("a kept code is damaged"))?;
        let waits = self.store.transaction(&handle).await?.is_some_and(|t| t.expires > now);
        Ok(Last { key, pair, rev: Some(rev), counts: waits })
    }

    fn keep_code(&self, loaded: &Loaded, last: Last, code: &PlainToken) -> Write {
        Write::DocumentPut {
            plugin: AREA.to_owned(),
            tenant: loaded.tenant.id.clone(),
            key: last.key,
            expect: last.rev,
            value: code.hashed().0.to_vec(),
            expires: Some(loaded.transaction.expires),
            now: self.now(),
        }
    }

    /// Replaces what was lost, with the code of [`Engine::mail_reset`]: every session of the person ends. A refused proof does not
    /// spend the code until it has been tried too often.
    ///
    /// # Errors
    /// 400 for a code that is unknown, used, too old or of another name, alike; 422 for a proof that is refused; 429.
    pub async fn reset_by_code(
        &self,
        code: &PlainToken,
        username: &str,
        (lost, proof): (&str, Value),
        origin: &Origin,
    ) -> Result<()> {
        let found = self.by_code(code, lost, origin).await?;
        let tenant = match &found {
            Some(loaded) => loaded.tenant.clone(),
            None => self.tenant(&TenantId::default_tenant()).await?,
        };
        let guess = self.guess(&tenant, origin).await?;
        let (mut loaded, person) = self.whose(found, username).await?.ok_or_else(wrong_code)?;
        let plugin = self.open_to_all(lost)?;
        // The name that the proof is made for is the one that was typed now.
        loaded.transaction.body.typed = Some(username.to_owned());
        let held = self.held_by(&person, &*plugin).await?;
        self.may_replace_or_begin(&loaded, &held.stored).map_err(|_| wrong_code())?;
        let (mut writes, sent) = (Vec::new(), (Body(json!({})), proof));
        let set = self.set_up_beside(&loaded, (&person, held), &*plugin, sent, &mut writes, origin).await;
        let posted = match set {
            Ok(SetUp::Done(_, _, posted)) => posted,
            Ok(SetUp::Pending(_)) => return Err(Problem::unknown_authenticator()),
            Err(problem) => {
                // The code was right.
                self.store.commit(guess.forgive().into_iter().collect()).await?;
                return Err(if problem.status == 422 { self.tried(loaded, problem).await } else { problem });
            }
        };
        loaded.transaction.rev += 1;
        self.reset(&loaded, &person, &mut writes, origin);
        // Who was guessed at until nothing was right any more begins anew.
        let name = username_key(&person.username);
        writes.extend(name.map(|name| Write::CounterClear(CounterKey::username(&tenant.id, &name))));
        writes.extend(guess.forgive());
        let writes = counters_last(writes);
        match self.store.commit(writes).await {
            Ok(()) => posted.ring(&self.bell),
            Err(StoreError::Conflict(Subject::Transaction)) => return Err(wrong_code()),
            Err(other) => return Err(step_conflict(other)),
        }
        Ok(())
    }

    /// The reset of this code, where there is one that it finishes.
    async fn by_code(&self, code: &PlainToken, lost: &str, origin: &Origin) -> Result<Option<Loaded>> {
        let loaded = match self.load(code, origin).await {
            Ok(loaded) => loaded,
            Err(problem) if problem.status == 404 => return Ok(None),
            Err(other) => return Err(other),
        };
        let body = &loaded.transaction.body;
        let fits = body.purpose == Purpose::Reset && body.reset.as_deref() == Some(lost);
        Ok((fits && !body.proofs.is_empty()).then_some(loaded))
    }

    /// Whose reset it is, if they are called so and still have the mailbox that the code was sent to.
    async fn whose(&self, found: Option<Loaded>, username: &str) -> Result<Option<(Loaded, Person)>> {
        let Some(loaded) = found else { return Ok(None) };
        let (named, _) = self.named(&loaded.tenant, username).await?;
        let same = |person: &Person| named.is_some_and(|named| named.id == person.id);
        let Some(person) = loaded.person.clone().filter(same) else { return Ok(None) };
        let email = person.email.clone().filter(|email| has_proven(&person, email)).unwrap_or_default();
        let mailbox = self.mailbox(&loaded.tenant.id, &email).await?;
        let noted = loaded.transaction.body.dialect[MAILBOX].as_str();
        Ok((noted == Some(mailbox.as_str())).then_some((loaded, person)))
    }
}

/// Whether this address is known to be theirs.
fn has_proven(person: &Person, email: &str) -> bool {
    let known = person.email.as_deref().and_then(email_key);
    person.may_log_in() && person.email_verified && known.is_some() && known == email_key(email)
}

fn letter(to: String, code: &PlainToken, loaded: &Loaded) -> Message {
    let value = |name: &str, value: String| (name.to_owned(), Secret::new(value));
    let expires_in = loaded.transaction.expires.since(loaded.now);
    Message {
        channel: CHANNEL.to_owned(),
        to: Secret::new(to),
        template: "reset".to_owned(),
        values: vec![
            value("code", code.expose().to_owned()),
            value("minutes", (expires_in.as_secs() / 60).to_string()),
            value("kind", "email".to_owned()),
        ],
        expires_in,
    }
}

/// Counters once each, in the order in which a database holds them while tries are counted: else two wait for each other.
fn counters_last(writes: Vec<Write>) -> Vec<Write> {
    let key = |write: &Write| match write {
        Write::CounterForgive(key, _) | Write::CounterClear(key) => Some(key.0.0),
        _ => None,
    };
    let (mut counters, mut all): (Vec<_>, Vec<_>) = writes.into_iter().partition(|w| key(w).is_some());
    counters.sort_by_key(key);
    counters.dedup_by_key(|write| key(write));
    all.extend(counters);
    all
}

fn not_by_mail() -> Problem {
    Problem::out_of_order("This can't be replaced here: ask an administrator.")
}

/// Unknown, used, too old, somebody else's, and of somebody who may not replace anything so: alike.
fn wrong_code() -> Problem {
    let detail = "The code is wrong, used or too old, or it is for another username. Ask for a new one.";
    Problem { code: "invalid_code", ..Problem::invalid(detail) }
}

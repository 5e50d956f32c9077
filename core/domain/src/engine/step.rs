//! What every step has in common: finding its transaction, and saying what comes next.

use super::Engine;
use crate::{
    Catalogue, Grant, Origin, Person, Settings, Tenant,
    outbox::Sender,
    person::username_key,
    policy::Decision,
    problem::{Problem, Result},
    token::PlainToken,
    transaction::{Proof, Transaction},
};
use data_encoding::{BASE64, HEXLOWER};
use gatewright_contract::{
    Body, DynAuthenticator, Fault, Kind, PersonId, Pseudonym, Purpose, Scope, Timestamp,
};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// A transaction has begun.
#[derive(Clone, Debug)]
pub struct Started {
    /// For the next step.
    pub handle: PlainToken,
    /// When the transaction ends.
    pub expires: Timestamp,
    /// What may come.
    pub next: Next,
    /// Handed out with the proof, exactly once.
    pub reveal: Option<Body>,
}

/// What may come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// In which role.
    pub step: NextStep,
    /// Which authenticators, best first.
    pub authenticators: Vec<String>,
}

/// The role of what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The first proof.
    First,
    /// Another proof.
    Second,
    /// Setting something up.
    Enrol,
}

/// What a door wants besides the verdict.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Bind the access token to a cookie value, which the grant then holds.
    pub bind: bool,
    /// Remember the device once the login is done, where the tenant's policy allows it and a second factor was proven:
    /// what is said to the authenticator that remembers. The grant then holds what the device is to keep.
    pub remember: Option<Body>,
    /// The login name that the caller asks about: an answer that names somebody else is nobody's.
    pub named: Option<String>,
}

/// How far an answer has brought it. A wrong answer is [`Problem::refused`].
#[derive(Debug)]
pub enum Progress {
    /// Logged in.
    Done(Box<Grant>),
    /// Proven, but not enough.
    More(Started),
    /// Another round with the same authenticator.
    Continue {
        /// For the next step.
        handle: PlainToken,
        /// When the transaction ends.
        expires: Timestamp,
        /// Shown to the person.
        prompt: Body,
    },
    /// The person has said no on another device; the transaction is over.
    Declined {
        /// And that somebody else is trying.
        concern: bool,
    },
    /// What was lost has been replaced; there is no session: the person logs in with the new one.
    Reset,
    /// Nobody has decided yet; the handle stays good.
    Pending {
        /// When asking again makes sense.
        retry_after: Duration,
    },
}

/// A transaction with what belongs to it, read for one step.
pub(super) struct Loaded {
    pub(super) transaction: Transaction,
    pub(super) tenant: Arc<Tenant>,
    pub(super) person: Option<Person>,
    /// Authenticators that the person has; filled only once something has been proven.
    pub(super) enrolled: BTreeSet<String>,
    pub(super) now: Timestamp,
    pub(super) pseudonym: Pseudonym,
}

/// By how much the clocks of two nodes may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

impl Engine {
    /// Finds the transaction of a handle. Foreign, finished, expired and unknown are the same.
    pub(super) async fn load(&self, handle: &PlainToken, origin: &Origin) -> Result<Loaded> {
        let now = self.now();
        let found = self.store.transaction(&handle.hashed()).await?;
        let transaction =
            found.filter(|t| is_ours(t, now, origin)).ok_or_else(Problem::unknown_transaction)?;
        self.surround(transaction, now).await
    }

    pub(super) async fn surround(&self, transaction: Transaction, now: Timestamp) -> Result<Loaded> {
        let tenant = self.tenant(&transaction.tenant).await?;
        let longest = Duration::from_secs(u64::from(self.settings_of(&tenant).session.transaction_seconds));
        if transaction.expires.since(now) > longest + CLOCKS_DIFFER {
            // The clock was put back: a code that was good for ten minutes is not good for another hour.
            return Err(Problem::unknown_transaction());
        }
        // Somebody who is not there costs the same question.
        let id = transaction.body.person.unwrap_or_else(|| nobody(&transaction));
        let person = self.store.person(&tenant.id, id).await?;
        let mut enrolled = BTreeSet::new();
        if let (Some(person), false) = (&person, transaction.body.proofs.is_empty()) {
            let held = self.store.credentials(&tenant.id, person.id).await?;
            let there = |proof: &Proof| proof.credential.is_none_or(|id| held.iter().any(|c| c.id == id));
            if !transaction.body.proofs.iter().all(there) {
                // What was proven rests on something that is gone: a password that has been replaced.
                return Err(Problem::unknown_transaction());
            }
            enrolled.extend(held.into_iter().map(|c| c.authenticator));
        }
        let pseudonym = self.pseudonym(&tenant.id, &known_as(&transaction, person.as_ref())).await?;
        Ok(Loaded { transaction, tenant, person, enrolled, now, pseudonym })
    }

    pub(super) fn decide(&self, loaded: &Loaded) -> Decision {
        let (policy, catalogue) = (&self.settings(loaded).policy, self.catalogue());
        let body = &loaded.transaction.body;
        if let Some(lost) = body.reset.as_ref().filter(|_| body.purpose == Purpose::Reset) {
            return match body.proofs.is_empty() {
                true => Decision::First(policy.reset_steps(&catalogue)),
                false => Decision::Enrol(vec![lost.clone()]),
            };
        }
        let Some(old) = body.proofs.iter().find(|p| p.renew) else {
            return policy.decide(&catalogue, &body.proofs, &self.enrolled_for(loaded));
        };
        // Who sets up a new one is there: no device stands for their second factor.
        let now: Vec<Proof> = body.proofs.iter().filter(|p| p.kind != Kind::Remembered).cloned().collect();
        let real = |id: &&String| !catalogue.is_remembered(id);
        let enrolled = loaded.enrolled.iter().filter(real).cloned().collect();
        match policy.decide(&catalogue, &now, &enrolled) {
            Decision::Enough { .. } => Decision::Enrol(vec![old.authenticator.clone()]),
            other => other,
        }
    }

    /// What the person has that counts here: an earlier proof counts for a login and for nothing else.
    fn enrolled_for(&self, loaded: &Loaded) -> BTreeSet<String> {
        let login = loaded.transaction.body.purpose == Purpose::Login;
        let catalogue = self.catalogue();
        let counts = |id: &&String| login || !catalogue.is_remembered(id);
        loaded.enrolled.iter().filter(counts).cloned().collect()
    }

    pub(super) fn settings<'a>(&'a self, loaded: &'a Loaded) -> &'a Settings {
        self.settings_of(&loaded.tenant)
    }

    pub(super) fn scope(&self, loaded: &Loaded, origin: &Origin) -> Scope {
        let t = &loaded.transaction;
        Scope {
            tenant: t.tenant.clone(),
            transaction: t.id,
            purpose: t.body.purpose,
            now: loaded.now,
            person: loaded.person.as_ref().filter(|p| p.may_log_in()).map(Person::view),
            context: t.body.context.clone(),
            locale: origin.locale.clone(),
            address: origin.address,
            peer_certificates: origin.peer_certificates.clone(),
            first: t.body.proofs.is_empty(),
            site: self.site_of(&loaded.tenant),
            pseudonym: loaded.pseudonym,
            claimed: t.body.typed.clone().or_else(|| loaded.person.as_ref().map(|p| p.username.clone())),
            asker: self.asker_of(loaded, origin),
            keypad: self.settings(loaded).vault.keypad(),
        }
    }

    /// For whom and why a step sends something.
    pub(super) fn sender<'a>(&self, loaded: &'a Loaded, authenticator: &'a str) -> Sender<'a> {
        Sender {
            tenant: &loaded.tenant,
            person: loaded.person.as_ref(),
            pseudonym: loaded.pseudonym,
            authenticator,
            now: loaded.now,
        }
    }

    pub(super) async fn seal_state(&self, transaction: &Transaction, state: &Body) -> Result<String> {
        let plain = serde_json::to_vec(&state.0).map_err(|e| Fault::caused("a state can't be written", e))?;
        let context = transaction.seal_context();
        Ok(BASE64.encode(&self.sealer.seal(&transaction.tenant, &context, &plain).await?))
    }

    pub(super) async fn open_state(&self, transaction: &Transaction, state: &str) -> Result<Body> {
        let damaged = || Fault::internal("the state of a transaction is damaged");
        let sealed = BASE64.decode(state.as_bytes()).map_err(|_| damaged())?;
        let plain = self.sealer.open(&transaction.tenant, &transaction.seal_context(), &sealed).await?;
        Ok(Body(serde_json::from_slice(&plain).map_err(|_| damaged())?))
    }

    /// What a decision says to the caller; `None` when it is enough.
    pub(super) fn next_of(decision: Decision) -> Option<Next> {
        Some(match decision {
            Decision::First(authenticators) => Next { step: NextStep::First, authenticators },
            Decision::Second(authenticators) => Next { step: NextStep::Second, authenticators },
            Decision::Enrol(authenticators) => Next { step: NextStep::Enrol, authenticators },
            Decision::Enough { .. } | Decision::Unavailable => return None,
        })
    }

    /// What may come next in a transaction that is under way, without changing it.
    ///
    /// # Errors
    /// 404 for a transaction that is not there.
    pub async fn next(&self, handle: &PlainToken, origin: &Origin) -> Result<Next> {
        let loaded = self.load(handle, origin).await?;
        Self::next_of(self.decide(&loaded)).ok_or_else(Problem::unknown_transaction)
    }

    /// The dialect's own note in a transaction, and the name that was claimed.
    ///
    /// # Errors
    /// 404 for a transaction that is not there.
    pub async fn note(&self, handle: &PlainToken, origin: &Origin) -> Result<Noted> {
        let loaded = self.load(handle, origin).await?;
        let body = loaded.transaction.body;
        let waits = body.pending.as_ref().filter(|p| !p.enrolment);
        Ok(Noted {
            answerable: waits.is_some_and(|p| p.expires > loaded.now),
            client: body.client,
            dialect: body.dialect,
            pending: body.pending.as_ref().filter(|p| !p.enrolment).map(|p| p.authenticator.clone()),
            generation: body.pending.filter(|p| !p.enrolment).and_then(|p| p.generation),
            proofs: body.proofs.len(),
            purpose: body.purpose,
        })
    }

    /// Ends a transaction. Ending one that is not there is fine.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn cancel(&self, handle: &PlainToken, origin: &Origin) -> Result<()> {
        use crate::store::Write;
        match self.load(handle, origin).await {
            Ok(loaded) => {
                let t = &loaded.transaction;
                let event = crate::audit::Event::new("login.cancelled", &t.tenant, loaded.now, origin)
                    .about(t.body.person);
                let writes = vec![Write::TransactionDelete(t.id, t.rev), Write::Audit(event)];
                match self.store.commit(writes).await {
                    Ok(()) | Err(crate::store::StoreError::Conflict(_)) => Ok(()),
                    Err(other) => Err(other.into()),
                }
            }
            Err(p) if p.status == 404 => Ok(()),
            Err(p) => Err(p),
        }
    }
}

/// What a dialect may read of its transaction.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Program that asked.
    pub client: Option<String>,
    /// The dialect's note.
    pub dialect: Value,
    /// The authenticator whose challenge waits for an answer.
    pub pending: Option<String>,
    /// Which of those that served under its id has asked it.
    pub generation: Option<String>,
    /// Whether that challenge can still be answered.
    pub answerable: bool,
    /// How much has been proven.
    pub proofs: usize,
    /// Why it is held.
    pub purpose: Purpose,
}

impl Noted {
    /// Who would judge an answer to this authenticator now.
    ///
    /// # Errors
    /// Those of [`Catalogue::at`].
    pub fn asker(&self, catalogue: &Catalogue, authenticator: &str) -> Result<Arc<dyn DynAuthenticator>> {
        match self.pending.as_deref() == Some(authenticator) {
            true => catalogue.at(authenticator, self.generation.as_deref()),
            false => catalogue.get(authenticator),
        }
    }
}

/// Whether a transaction goes on for who asks from here. Foreign and expired ones don't.
pub(super) fn is_ours(transaction: &Transaction, now: Timestamp, origin: &Origin) -> bool {
    let body = &transaction.body;
    let browser = origin.browser.map(|b| HEXLOWER.encode(&b.0));
    // One that began without a browser is not lost because another window has set the cookie since.
    let same_browser = body.browser.is_none() || body.browser == browser;
    transaction.expires > now && body.door == origin.door && same_browser
}

/// The name that a pseudonym is made of: the claimed one, or that of the person, or of this login alone.
pub(super) fn known_as(transaction: &Transaction, person: Option<&Person>) -> String {
    let claimed = transaction.body.claimed.clone();
    let own = || person.and_then(|p| username_key(&p.username));
    claimed.or_else(own).unwrap_or_else(|| transaction.id.to_string())
}

/// An id that nobody has, for questions that must cost the same.
pub(super) fn nobody(transaction: &Transaction) -> PersonId {
    PersonId(transaction.id.0)
}

/// A login name in its compared form, or the problem to show.
pub(super) fn claimed(username: &str) -> Result<String> {
    username_key(username).ok_or_else(|| {
        Problem::invalid(
            "username: 1 to 256 bytes, without control or invisible characters or white space around it",
        )
    })
}

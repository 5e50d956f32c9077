//! Devices that are remembered: one that proved a second factor stands for it at later logins, as long as nothing
//! changes that this rests on.

use super::{
    Engine, Progress, Wish,
    credentials::{must_fit_beside, staying},
    step::Loaded,
};
use crate::{
    Origin, Person,
    audit::Event,
    credential::StoredCredential,
    engine::NextStep,
    problem::{Problem, Result},
    store::Write,
    token::PlainToken,
    transaction::Transaction,
};
use gatewright_contract::{Body, Call, Enrolment, PersonId, Purpose, TenantId};
use serde_json::{Value, json};

/// Devices of one person at most: a new one takes the place of the one that was not used for longest.
const MOST: usize = 20;
/// Two nonces and a fingerprint.
const MAX_DEVICE_BYTES: usize = 8192;

/// What came of an answer, and of the device that was shown with it.
#[derive(Debug)]
pub struct Answered {
    /// How far the login has come.
    pub progress: Progress,
    /// What the device is to do with what it keeps.
    pub device: OnDevice,
}

/// What a device is to do with what it keeps.
#[derive(Debug)]
pub enum OnDevice {
    /// It was not asked, and is not remembered anew.
    Untouched,
    /// It was asked and is not remembered (any more): what it keeps is worth nothing.
    Refused,
    /// It keeps this from now on: it was remembered just now, or has stood for the second factor.
    Keeps(Body),
}

impl Engine {
    /// [`Engine::answer`] on a device: where a second factor is due after it and the device is remembered, that stands
    /// for it. `device`: what the device answers; one that was shown at the beginning is asked otherwise.
    ///
    /// # Errors
    /// Those of [`Engine::answer`]. What goes wrong with the device is no error: the second factor is due then.
    pub async fn answer_on_device(
        &self,
        handle: &PlainToken,
        authenticator: &str,
        answer: Value,
        (wish, device): (Wish, Option<Value>),
        origin: &Origin,
    ) -> Result<Answered> {
        let progress = self.answer(handle, authenticator, answer, wish.clone(), origin).await?;
        let untouched = |progress| Ok(Answered { progress, device: OnDevice::Untouched });
        let mut started = match progress {
            Progress::More(started) => started,
            Progress::Done(mut grant) => {
                let device = kept(grant.device.take());
                return Ok(Answered { progress: Progress::Done(grant), device });
            }
            other => return untouched(other),
        };
        let remembers =
            started.next.authenticators.iter().find(|id| self.catalogue().is_remembered(id)).cloned();
        let Some(id) = remembers.filter(|_| started.next.step == NextStep::Second) else {
            return untouched(Progress::More(started));
        };
        let shown = match device {
            Some(device) => Some(device),
            None => self.shown_device(&started.handle, origin).await?,
        };
        let Some(device) = shown else { return untouched(Progress::More(started)) };
        match self.answer(&started.handle, &id, device, wish, origin).await {
            Ok(Progress::Done(mut grant)) => {
                let keeps = std::mem::replace(&mut grant.reveal, started.reveal.take());
                Ok(Answered { progress: Progress::Done(grant), device: kept(keeps) })
            }
            Ok(Progress::More(mut next)) => {
                let keeps = std::mem::replace(&mut next.reveal, started.reveal.take());
                Ok(Answered { progress: Progress::More(next), device: kept(keeps) })
            }
            Ok(other) => untouched(other),
            Err(problem) => {
                tracing::debug!(%problem, "a remembered device was not taken");
                let refused = matches!(problem.status, 400 | 401);
                let device = if refused { OnDevice::Refused } else { OnDevice::Untouched };
                Ok(Answered { progress: Progress::More(started), device })
            }
        }
    }

    /// Notes in a transaction which device was shown.
    ///
    /// # Errors
    /// 400 for one that is too large, 404 without a transaction, 409 when another step was first, 429 for too many steps.
    pub async fn show_device(&self, handle: &PlainToken, device: Value, origin: &Origin) -> Result<()> {
        let mut loaded = self.load(handle, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        loaded.transaction.body.device = self.sealed_device(&loaded.transaction, Some(Body(device))).await?;
        loaded.transaction.rev += 1;
        let write = Write::TransactionReplace(loaded.transaction);
        self.store.commit(vec![write]).await.map_err(super::challenge::step_conflict)
    }

    async fn shown_device(&self, handle: &PlainToken, origin: &Origin) -> Result<Option<Value>> {
        let transaction = self.load(handle, origin).await?.transaction;
        Ok(match &transaction.body.device {
            Some(sealed) => Some(self.open_state(&transaction, sealed).await?.0),
            None => None,
        })
    }

    pub(super) async fn sealed_device(
        &self,
        transaction: &Transaction,
        device: Option<Body>,
    ) -> Result<Option<String>> {
        match device {
            Some(device) if device.0.to_string().len() > MAX_DEVICE_BYTES => Err(Problem::invalid(
                "What the device sends is longer than any device's nonces and fingerprint.",
            )),
            Some(device) => self.seal_state(transaction, &device).await.map(Some),
            None => Ok(None),
        }
    }

    /// At the end of a login: remembers the device that asked for it, in the same commit. Not without a second factor
    /// that was proven in this login; and a device that can't be remembered keeps nobody out.
    pub(super) async fn remember(
        &self,
        loaded: &Loaded,
        person: &Person,
        wish: &Wish,
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<Option<Body>> {
        let (policy, body) = (&self.settings(loaded).policy, &loaded.transaction.body);
        let proven =
            body.purpose == Purpose::Login && policy.is_second_factor(&self.catalogue(), &body.proofs);
        let (Some(invite), true) = (&wish.remember, proven) else { return Ok(None) };
        let Some(id) = policy.remembers(&self.catalogue()) else { return Ok(None) };
        let plugin = self.enrollable(&id)?;
        let held = self.held_that_open(person, &*plugin).await?;
        let scope = gatewright_contract::Scope { purpose: Purpose::Enrol, ..self.scope(loaded, origin) };
        let call = Call { scope: &scope, credentials: &held.opened, body: invite.clone() };
        let draft = match plugin.invite(call).await.map_err(Problem::from) {
            Ok(invitation) if invitation.effects.is_none() => invitation.state,
            Ok(_) => {
                tracing::error!(
                    authenticator = id,
                    "a device is not remembered: its invitation sends or changes"
                );
                return Ok(None);
            }
            Err(problem) if problem.status < 500 => return Ok(None),
            Err(problem) => return Err(problem),
        };
        let call = Call { scope: &scope, credentials: &held.opened, body: (draft, Body(json!({}))) };
        let Enrolment::Enrolled { credential, label, lookup, reveal } = plugin.enrol(call).await? else {
            return Ok(None);
        };
        let room = self.room_for(&id, &held.stored);
        let new = self.new_credential(person, &*plugin, (&credential, label, lookup), loaded).await?;
        if must_fit_beside(&staying(held.stored, &room), &new).is_err() {
            return Ok(None);
        }
        writes.extend(room);
        writes.push(Write::CredentialInsert(new));
        let event = Event::new("credential.enrolled", &person.tenant, loaded.now, origin);
        writes.push(Write::Audit(event.about(Some(person.id)).with(&id)));
        Ok(Some(reveal))
    }

    /// In a session: only one that has seen a second factor remembers the device, and only where the tenant does.
    pub(super) async fn must_be_able_to_remember(&self, loaded: &Loaded, authenticator: &str) -> Result<()> {
        if !self.catalogue().is_remembered(authenticator) {
            return Ok(());
        }
        let remembers = self.settings(loaded).policy.remembers(&self.catalogue());
        if remembers.as_deref() != Some(authenticator) {
            return Err(Problem::unknown_authenticator());
        }
        match self.must_still_be_in_session(loaded).await?.second_factor {
            true => Ok(()),
            false => Err(Problem::elevation_required()),
        }
    }

    /// Whether a change of this authenticator's credentials forgets devices: all that may have been proven when one was
    /// remembered, and what nobody knows. Recovery codes are a substitute for that, as devices are.
    pub(crate) fn devices_rest_on(&self, authenticator: &str) -> bool {
        let catalogue = self.catalogue();
        let manifest = catalogue.manifest(authenticator);
        manifest.is_none_or(|m| !m.traits.steps.fallback) && !catalogue.is_remembered(authenticator)
    }

    /// Forgets every device of a person.
    pub(crate) fn forget_devices(&self, person: &Person) -> impl Iterator<Item = Write> + use<> {
        self.forget_devices_of(&person.tenant, person.id)
    }

    /// The same by id.
    pub(crate) fn forget_devices_of(
        &self,
        tenant: &TenantId,
        person: PersonId,
    ) -> impl Iterator<Item = Write> + use<> {
        let (tenant, catalogue) = (tenant.clone(), self.catalogue());
        let ids: Vec<String> = catalogue.iter().map(|a| a.manifest().id.clone()).collect();
        ids.into_iter()
            .filter(move |id| catalogue.is_remembered(id))
            .map(move |id| Write::CredentialsOfDelete(tenant.clone(), person, id))
    }

    /// What goes so that one more device finds room.
    pub(super) fn room_for(&self, authenticator: &str, stored: &[StoredCredential]) -> Vec<Write> {
        if !self.catalogue().is_remembered(authenticator) || stored.len() < MOST {
            return Vec::new();
        }
        let mut oldest: Vec<&StoredCredential> = stored.iter().collect();
        oldest.sort_by_key(|c| c.last_used.unwrap_or(c.created));
        let too_many = stored.len() + 1 - MOST;
        oldest.into_iter().take(too_many).map(|c| Write::CredentialDelete(c.id, c.rev)).collect()
    }
}

fn kept(keeps: Option<Body>) -> OnDevice {
    keeps.map_or(OnDevice::Untouched, OnDevice::Keeps)
}

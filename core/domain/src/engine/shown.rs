//! What may be seen of credentials, and the names that people give them.

use super::Engine;
use crate::{
    Origin,
    audit::Event,
    credential::StoredCredential,
    problem::{Problem, Result},
    session::Caller,
    store::{StoreError, Subject, Write},
};
use futures_util::future::{Either, join_all, select};
use gatewright_contract::{CredentialId, PersonId, TenantId, Timestamp, Violation};
use serde_json::Value;
use std::{pin::pin, time::Duration};

/// The longest name of a credential, in characters.
pub const LABEL_MAX: usize = 64;

/// How long a list waits for what a plugin says about its credentials.
const PATIENCE: Duration = Duration::from_millis(800);

/// What may be shown of a credential.
#[derive(Clone, Debug)]
pub struct CredentialView {
    /// The id.
    pub id: CredentialId,
    /// With which authenticator.
    pub authenticator: String,
    /// The name that the person gave it.
    pub label: Option<String>,
    /// When it was enrolled.
    pub created: Timestamp,
    /// When it last let the person in.
    pub last_used: Option<Timestamp>,
    /// What its authenticator says about it, an object; null where that has nothing to say.
    pub details: Value,
}

impl Engine {
    /// What a person has set up.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn credentials_of(&self, tenant: &TenantId, person: PersonId) -> Result<Vec<CredentialView>> {
        Ok(self.views(self.store.credentials(tenant, person).await?).await)
    }

    /// What a person has set up with one authenticator; the others are not asked.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn credentials_with(
        &self,
        tenant: &TenantId,
        person: PersonId,
        authenticator: &str,
    ) -> Result<Vec<CredentialView>> {
        let mut all = self.store.credentials(tenant, person).await?;
        all.retain(|c| c.authenticator == authenticator);
        Ok(self.views(all).await)
    }

    /// All are described at the same time: a plugin that hangs costs its own details, and the list a moment.
    async fn views(&self, all: Vec<StoredCredential>) -> Vec<CredentialView> {
        join_all(all.into_iter().map(|stored| self.view(stored))).await
    }

    async fn view(&self, stored: StoredCredential) -> CredentialView {
        CredentialView {
            id: stored.id,
            details: self.details(&stored).await,
            authenticator: stored.authenticator,
            label: stored.label,
            created: stored.created,
            last_used: stored.last_used,
        }
    }

    /// One that can't be read, or whose plugin does not run, is shown all the same: or else nobody could remove it.
    async fn details(&self, stored: &StoredCredential) -> Value {
        let Ok(authenticator) = self.catalogue().get(&stored.authenticator) else { return Value::Null };
        let described = pin!(async {
            let doc = self.open_document(stored, &*authenticator).await?;
            Ok::<_, Problem>(authenticator.describe(doc).await?)
        });
        let described = match select(described, self.world.sleep(PATIENCE)).await {
            Either::Left((described, _)) => described,
            Either::Right(_) => Err(Problem::unavailable(None)),
        };
        described.unwrap_or_else(|problem| {
            tracing::warn!(credential = %stored.id, %problem, "a credential can't be described");
            Value::Null
        })
    }

    /// Gives a credential of the caller another name; an empty one takes it away. It weakens nothing, so that the login
    /// need not be recent.
    ///
    /// # Errors
    /// 404 when the caller has no such credential, 409 when it was changed at the same time, 422 for a name that can't
    /// be shown.
    pub async fn rename_credential(
        &self,
        caller: &Caller,
        id: CredentialId,
        label: &str,
        origin: &Origin,
    ) -> Result<CredentialView> {
        let label = Some(legible(label)?).filter(|label| !label.is_empty());
        let person = self.person_of(caller).await?;
        let all = self.store.credentials(&person.tenant, person.id).await?;
        let old = all.into_iter().find(|c| c.id == id).ok_or_else(|| Problem::not_found("credential"))?;
        let event = Event::new("credential.renamed", &person.tenant, self.now(), origin)
            .about(Some(person.id))
            .by(Some(person.id))
            .with(&old.authenticator)
            .within(caller.session.id);
        let renamed = StoredCredential { label, rev: old.rev + 1, ..old };
        let writes = vec![
            Write::SessionThere(caller.session.id),
            Write::CredentialReplace(renamed.clone()),
            Write::Audit(event),
        ];
        match self.store.commit(writes).await {
            Ok(()) => {}
            Err(StoreError::Conflict(Subject::Session)) => return Err(Problem::unauthenticated()),
            Err(StoreError::Conflict(Subject::Credential)) => {
                return Err(Problem::conflict("This credential was changed at the same time. Try again."));
            }
            Err(other) => return Err(other.into()),
        }
        Ok(self.view(renamed).await)
    }
}

/// A name as it is kept: without white space around it, and with nothing in it that can't be seen.
fn legible(label: &str) -> Result<String> {
    let label = label.trim();
    let hidden = |c: char| c.is_control() || crate::person::is_invisible(c);
    match label.chars().count() > LABEL_MAX || label.chars().any(hidden) {
        true => Err(Problem::violations(vec![Violation {
            code: "label".to_owned(),
            message: format!("At most {LABEL_MAX} characters, without control or invisible characters."),
        }])),
        false => Ok(label.to_owned()),
    }
}

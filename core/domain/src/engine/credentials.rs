//! Credentials as an authenticator gets them, and its changes as writes.

use super::{Engine, step::Loaded};
use crate::{
    Person,
    credential::StoredCredential,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{Body, CredentialChange, CredentialId, DynAuthenticator, Fault, Held, Timestamp};

/// A person's credentials with one authenticator, opened.
pub(super) struct HeldCredentials {
    pub(super) opened: Vec<Held<Body>>,
    pub(super) stored: Vec<StoredCredential>,
}

impl Engine {
    /// Those of the transaction's person; none for nobody, for somebody who is disabled and for a service.
    pub(super) async fn held(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
    ) -> Result<HeldCredentials> {
        match loaded.person.as_ref().filter(|p| p.may_log_in()) {
            Some(person) => self.held_by(person, plugin).await,
            None => {
                // Somebody who is not there, or may not, costs the same question.
                self.store.credentials(&loaded.tenant.id, super::step::nobody(&loaded.transaction)).await?;
                Ok(HeldCredentials { opened: Vec::new(), stored: Vec::new() })
            }
        }
    }

    pub(super) async fn held_by(
        &self,
        person: &Person,
        plugin: &dyn DynAuthenticator,
    ) -> Result<HeldCredentials> {
        let all = self.store.credentials(&person.tenant, person.id).await?;
        let id = &plugin.manifest().id;
        let stored: Vec<_> = all.into_iter().filter(|c| c.authenticator == *id).collect();
        let mut opened = Vec::with_capacity(stored.len());
        for credential in &stored {
            opened.push(Held {
                id: credential.id,
                label: credential.label.clone(),
                created: credential.created,
                last_used: credential.last_used,
                doc: self.open_document(credential, plugin).await?,
            });
        }
        Ok(HeldCredentials { opened, stored })
    }

    /// The document in the shape that this one knows.
    pub(super) async fn open_document(
        &self,
        c: &StoredCredential,
        plugin: &dyn DynAuthenticator,
    ) -> Result<Body> {
        let context = StoredCredential::seal_context(&c.tenant, c.person, &c.authenticator, c.id);
        let plain = self.sealer.open(&c.tenant, &context, &c.sealed).await?;
        let doc = serde_json::from_slice(&plain)
            .map_err(|_| Fault::internal("a credential document is damaged"))?;
        let wanted = plugin.manifest().document_version;
        if c.document_version == wanted {
            return Ok(Body(doc));
        }
        if c.document_version > wanted {
            let current = self.catalogue().get(&c.authenticator)?;
            if current.generation() != plugin.generation() {
                // Its successor has been at it already: this one must not touch what it can't read.
                return Err(Problem::superseded());
            }
            return Err(Fault::internal(format!(
                "credential {} was written by a newer {} (document version {}, this one knows {wanted})",
                c.id, c.authenticator, c.document_version
            ))
            .into());
        }
        Ok(plugin.migrate(c.document_version, Body(doc)).await?)
    }

    pub(super) async fn seal_document(
        &self,
        person: &Person,
        authenticator: &str,
        id: CredentialId,
        doc: &Body,
    ) -> Result<Vec<u8>> {
        let plain =
            serde_json::to_vec(&doc.0).map_err(|e| Fault::caused("a credential can't be written", e))?;
        let context = StoredCredential::seal_context(&person.tenant, person.id, authenticator, id);
        Ok(self.sealer.seal(&person.tenant, &context, &plain).await?)
    }

    /// The changes of a step; nothing for nobody.
    pub(super) async fn effect_writes(
        &self,
        loaded: &Loaded,
        held: &HeldCredentials,
        plugin: &dyn DynAuthenticator,
        changes: Vec<CredentialChange<Body>>,
    ) -> Result<Vec<Write>> {
        match &loaded.person {
            Some(person) => self.change_writes(person, &held.stored, plugin, changes, loaded.now).await,
            None => Ok(Vec::new()),
        }
    }

    /// Each change with the condition that nobody else has changed the same since it was read.
    async fn change_writes(
        &self,
        person: &Person,
        stored: &[StoredCredential],
        plugin: &dyn DynAuthenticator,
        changes: Vec<CredentialChange<Body>>,
        now: Timestamp,
    ) -> Result<Vec<Write>> {
        let (authenticator, version) = (plugin.manifest().id.as_str(), plugin.manifest().document_version);
        let read = |id: CredentialId| {
            stored.iter().find(|c| c.id == id).ok_or_else(|| {
                Fault::internal(format!("{authenticator} changes a credential that it was not given"))
            })
        };
        let mut writes = Vec::new();
        for change in changes {
            writes.push(match change {
                CredentialChange::Remove { id } => Write::CredentialDelete(id, read(id)?.rev),
                CredentialChange::Replace { id, doc } => {
                    let old = read(id)?.clone();
                    let sealed = self.seal_document(person, authenticator, id, &doc).await?;
                    Write::CredentialReplace(StoredCredential {
                        sealed,
                        document_version: version,
                        rev: old.rev + 1,
                        ..old
                    })
                }
                CredentialChange::Add { doc, label, lookup } => {
                    let id = self.credential_id(now)?;
                    let sealed = self.seal_document(person, authenticator, id, &doc).await?;
                    Write::CredentialInsert(StoredCredential {
                        id,
                        tenant: person.tenant.clone(),
                        person: person.id,
                        authenticator: authenticator.to_owned(),
                        lookup,
                        label,
                        sealed,
                        document_version: version,
                        created: now,
                        last_used: None,
                        rev: 1,
                    })
                }
            });
        }
        Ok(writes)
    }
}

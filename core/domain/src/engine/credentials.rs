//! Credentials as an authenticator gets them, and its changes as writes.

use super::{Engine, step::Loaded};
use crate::{
    Person,
    credential::StoredCredential,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{Body, CredentialChange, CredentialId, DynAuthenticator, Fault, Held, Timestamp};

/// The documents of one person with one authenticator are handed over together, in a message of 1 MiB at most.
const MOST_SEALED: usize = 512 << 10;

/// A person's credentials with one authenticator, opened.
#[derive(Default)]
pub(super) struct HeldCredentials {
    pub(super) opened: Vec<Held<Body>>,
    pub(super) stored: Vec<StoredCredential>,
    /// Some of those that are stored could not be opened.
    pub(super) left_out: bool,
}

/// Why a document is not at hand.
pub(super) enum Unopened {
    /// It says nothing about the document, which another one or another moment may open.
    Step(Problem),
    /// This document: it is damaged, newer than its plugin, or its plugin does not migrate it.
    Document(Problem),
}

impl From<Unopened> for Problem {
    fn from(unopened: Unopened) -> Self {
        match unopened {
            Unopened::Step(problem) | Unopened::Document(problem) => problem,
        }
    }
}

impl Engine {
    /// Those of the transaction's person; none for nobody, for somebody who is disabled and for a service.
    pub(super) async fn held(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
    ) -> Result<HeldCredentials> {
        match loaded.person.as_ref().filter(|p| p.may_log_in()) {
            Some(person) => self.held_that_open(person, plugin).await,
            None => {
                // Somebody who is not there, or may not, costs the same question.
                self.store.credentials(&loaded.tenant.id, super::step::nobody(&loaded.transaction)).await?;
                Ok(HeldCredentials::default())
            }
        }
    }

    /// All of them: what replaces one must know the others.
    pub(super) async fn held_by(
        &self,
        person: &Person,
        plugin: &dyn DynAuthenticator,
    ) -> Result<HeldCredentials> {
        let stored = self.stored_with(person, plugin).await?;
        let mut opened = Vec::with_capacity(stored.len());
        for credential in &stored {
            opened.push(held(credential, self.open_document(credential, plugin).await?));
        }
        Ok(HeldCredentials { opened, stored, left_out: false })
    }

    /// Those that can be opened. Where people log in, somebody of whom none can be looks like somebody who has none: an
    /// error would tell that there is such a person.
    pub(super) async fn held_that_open(
        &self,
        person: &Person,
        plugin: &dyn DynAuthenticator,
    ) -> Result<HeldCredentials> {
        let stored = self.stored_with(person, plugin).await?;
        let mut opened = Vec::with_capacity(stored.len());
        let (version, mut silent) = (plugin.manifest().document_version, false);
        for credential in &stored {
            if silent && credential.document_version < version {
                continue;
            }
            match self.open_document(credential, plugin).await {
                Ok(doc) => opened.push(held(credential, doc)),
                Err(Unopened::Step(problem)) => return Err(problem),
                Err(Unopened::Document(problem)) => {
                    tracing::error!(
                        credential = %credential.id, authenticator = credential.authenticator, %problem,
                        cause = problem.cause.as_ref().map(ToString::to_string),
                        "a credential can't be opened and is left out of a login"
                    );
                    // One that hangs is not waited for once more for each of its documents.
                    silent |= matches!(problem.cause, Some(Fault::Unavailable { .. }));
                }
            }
        }
        let left_out = opened.len() < stored.len();
        Ok(HeldCredentials { opened, stored, left_out })
    }

    async fn stored_with(
        &self,
        person: &Person,
        plugin: &dyn DynAuthenticator,
    ) -> Result<Vec<StoredCredential>> {
        let mut all = self.store.credentials(&person.tenant, person.id).await?;
        all.retain(|c| c.authenticator == plugin.manifest().id);
        Ok(all)
    }

    /// The document in the shape that this one knows.
    pub(super) async fn open_document(
        &self,
        c: &StoredCredential,
        plugin: &dyn DynAuthenticator,
    ) -> std::result::Result<Body, Unopened> {
        let of_document = |fault: Fault| Unopened::Document(fault.into());
        let context = StoredCredential::seal_context(&c.tenant, c.person, &c.authenticator, c.id);
        let plain = match self.sealer.open(&c.tenant, &context, &c.sealed).await {
            Ok(plain) => plain,
            // The keys can't be had now, for nobody.
            Err(fault @ Fault::Unavailable { .. }) => return Err(Unopened::Step(fault.into())),
            Err(fault) => return Err(of_document(fault)),
        };
        let doc = serde_json::from_slice(&plain)
            .map_err(|_| of_document(Fault::internal("a credential document is damaged")))?;
        let wanted = plugin.manifest().document_version;
        if c.document_version == wanted {
            return Ok(Body(doc));
        }
        if c.document_version > wanted {
            let current = self.catalogue().get(&c.authenticator).map_err(Unopened::Step)?;
            if current.generation() != plugin.generation() {
                // Its successor has been at it already: this one must not touch what it can't read.
                return Err(Unopened::Step(Problem::superseded()));
            }
            return Err(of_document(Fault::internal(format!(
                "credential {} was written by a newer {} (document version {}, this one knows {wanted})",
                c.id, c.authenticator, c.document_version
            ))));
        }
        plugin.migrate(c.document_version, Body(doc)).await.map_err(of_document)
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
        let adds = changes.iter().any(|c| matches!(c, CredentialChange::Add { .. }));
        if adds && held.left_out && !plugin.manifest().traits.many {
            // It would have two, and has not seen the first.
            return Err(Fault::unavailable("a credential of this person can't be opened").into());
        }
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

fn held(stored: &StoredCredential, doc: Body) -> Held<Body> {
    Held {
        id: stored.id,
        label: stored.label.clone(),
        created: stored.created,
        last_used: stored.last_used,
        doc,
    }
}

/// Those that these writes do not delete.
pub(super) fn staying(stored: Vec<StoredCredential>, writes: &[Write]) -> Vec<StoredCredential> {
    let goes = |id: CredentialId| {
        writes.iter().any(|w| matches!(w, Write::CredentialDelete(gone, _) if *gone == id))
    };
    stored.into_iter().filter(|c| !goes(c.id)).collect()
}

/// A person has room for one more.
///
/// # Errors
/// 409 when those that stay and the new one are larger together than can be handed over.
pub(super) fn must_fit_beside(stay: &[StoredCredential], new: &StoredCredential) -> Result<()> {
    let sealed = stay.iter().map(|c| c.sealed.len()).fold(new.sealed.len(), usize::saturating_add);
    match sealed <= MOST_SEALED {
        true => Ok(()),
        false => Err(Problem::conflict(format!(
            "What is set up with {} would take more than {} KiB on this account. Remove one of them first.",
            new.authenticator,
            MOST_SEALED >> 10
        ))),
    }
}

//! Documents of an older version, brought to the newest without waiting for their people to log in.

use super::Engine;
use crate::{
    Origin,
    audit::Event,
    credential::StoredCredential,
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
};
use gatewright_contract::{Body, CredentialId, DynAuthenticator, Fault, TenantId};

/// How often a credential that somebody uses at the same time is tried.
const ROUNDS: usize = 4;
/// So many documents one after the other that could not be migrated because the plugin did not answer are no accident.
const PATIENCE: u32 = 10;

/// What came of bringing the documents of one authenticator up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The version that they have now.
    pub version: u32,
    /// How many were brought to it.
    pub done: u64,
    /// How many of these (or of the busy) were used at the same moment, and tried again.
    pub again: u64,
    /// How many are of a newer version than this plugin knows. They are as they were.
    pub newer: u64,
    /// How many can't be opened, or are no document. They are as they were.
    pub damaged: u64,
    /// How many the plugin could not bring to it. They are as they were.
    pub refused: u64,
    /// How many were used each time they were tried. They are migrated when they are read.
    pub busy: u64,
}

/// What is told while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing<'a> {
    /// So far.
    Sum(&'a Migrated),
    /// This one has a newer version.
    Newer(CredentialId, u32),
    /// This one is damaged.
    Damaged(CredentialId),
    /// The plugin could not migrate this one.
    Refused(CredentialId),
}

/// What became of one credential.
enum One {
    Ready(Box<StoredCredential>),
    Newer,
    Damaged,
    Refused { silent: bool },
}

impl Engine {
    /// Brings every document of an authenticator to the version that it knows, `batch` at a time. Each is written only
    /// where it is still the one that was read: a login at the same time wins, and it is tried again.
    ///
    /// # Errors
    /// 400 for an authenticator that is not there; when the store, the keys or the plugin do not answer. What was done
    /// until then is done, and can be gone on with.
    pub async fn migrate_documents(
        &self,
        authenticator: &str,
        batch: u32,
        tell: &mut (dyn FnMut(Passing<'_>) + Send),
        origin: &Origin,
    ) -> Result<Migrated> {
        let plugin = self.catalogue().get(authenticator)?;
        let mut sum = Migrated { version: plugin.manifest().document_version, ..Migrated::default() };
        let ended = self.migrate_pages(&*plugin, batch.max(1), &mut sum, tell).await;
        let left = sum.newer + sum.damaged + sum.refused + sum.busy;
        if sum.done + left > 0 || ended.is_err() {
            let event = Event::new("credential.migrated", &TenantId::default_tenant(), self.now(), origin)
                .with(authenticator)
                .on(format!("document-version:{}", sum.version));
            let event = if left > 0 || ended.is_err() { event.but("incomplete") } else { event };
            self.store.commit(vec![Write::Audit(event)]).await?;
        }
        ended.map(|()| sum)
    }

    async fn migrate_pages(
        &self,
        plugin: &dyn DynAuthenticator,
        batch: u32,
        sum: &mut Migrated,
        tell: &mut (dyn FnMut(Passing<'_>) + Send),
    ) -> Result<()> {
        let (mut after, mut silent) = (None, 0);
        loop {
            let id = &plugin.manifest().id;
            let page = self.store.credentials_not_at(id, sum.version, after, batch).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            let mut ready = Vec::new();
            for old in page {
                match self.migrated(&old, plugin).await? {
                    One::Ready(new) => {
                        silent = 0;
                        ready.push(*new);
                    }
                    other => silent = count(&old, &other, silent, sum, tell),
                }
                if silent >= PATIENCE {
                    let what = format!("the plugin {id}");
                    return Err(Fault::Unavailable { what, retry_after: None }.into());
                }
            }
            self.write_page(ready, plugin, sum).await?;
            tell(Passing::Sum(sum));
        }
    }

    /// All of them in one commit; where one of them has changed, each by itself.
    async fn write_page(
        &self,
        ready: Vec<StoredCredential>,
        plugin: &dyn DynAuthenticator,
        sum: &mut Migrated,
    ) -> Result<()> {
        if ready.is_empty() {
            return Ok(());
        }
        match self.store.commit(ready.iter().cloned().map(Write::CredentialReplace).collect()).await {
            Ok(()) => {
                sum.done += ready.len() as u64;
                return Ok(());
            }
            Err(StoreError::Conflict(_)) => {}
            Err(other) => return Err(other.into()),
        }
        for new in ready {
            self.write_one(new, plugin, sum).await?;
        }
        Ok(())
    }

    async fn write_one(
        &self,
        new: StoredCredential,
        plugin: &dyn DynAuthenticator,
        sum: &mut Migrated,
    ) -> Result<()> {
        let mut next = new;
        for round in 0..ROUNDS {
            let (tenant, person, id) = (next.tenant.clone(), next.person, next.id);
            match self.store.commit(vec![Write::CredentialReplace(next)]).await {
                Ok(()) => {
                    sum.done += 1;
                    return Ok(());
                }
                Err(StoreError::Conflict(Subject::Credential)) => sum.again += u64::from(round == 0),
                Err(other) => return Err(other.into()),
            }
            let all = self.store.credentials(&tenant, person).await?;
            let Some(now) = all.into_iter().find(|c| c.id == id) else { return Ok(()) };
            if now.document_version == sum.version {
                // Whoever was first has migrated it.
                return Ok(());
            }
            match self.migrated(&now, plugin).await? {
                One::Ready(new) => next = *new,
                // The next run tells of it.
                _ => break,
            }
        }
        sum.busy += 1;
        Ok(())
    }

    /// What would be written in the place of a credential.
    async fn migrated(&self, old: &StoredCredential, plugin: &dyn DynAuthenticator) -> Result<One> {
        let version = plugin.manifest().document_version;
        if old.document_version > version {
            return Ok(One::Newer);
        }
        let context = StoredCredential::seal_context(&old.tenant, old.person, &old.authenticator, old.id);
        let plain = match self.sealer.open(&old.tenant, &context, &old.sealed).await {
            Ok(plain) => plain,
            // The keys can't be had now: that says nothing about the document.
            Err(fault @ Fault::Unavailable { .. }) => return Err(fault.into()),
            Err(_) => return Ok(One::Damaged),
        };
        let Ok(doc) = serde_json::from_slice(&plain) else { return Ok(One::Damaged) };
        let doc = match plugin.migrate(old.document_version, Body(doc)).await {
            Ok(doc) => doc,
            Err(fault) => {
                tracing::warn!(credential = %old.id, error = %fault, "a document can't be migrated");
                return Ok(One::Refused { silent: matches!(fault, Fault::Unavailable { .. }) });
            }
        };
        let plain =
            serde_json::to_vec(&doc.0).map_err(|e| Fault::caused("a credential can't be written", e))?;
        let sealed = self.sealer.seal(&old.tenant, &context, &plain).await.map_err(Problem::from)?;
        let (document_version, rev) = (version, old.rev + 1);
        Ok(One::Ready(Box::new(StoredCredential { sealed, document_version, rev, ..old.clone() })))
    }
}

/// Counts what is left as it is; returns how many the plugin has been silent about, one after the other.
fn count(
    old: &StoredCredential,
    left: &One,
    silent: u32,
    sum: &mut Migrated,
    tell: &mut (dyn FnMut(Passing<'_>) + Send),
) -> u32 {
    match left {
        One::Ready(_) => {}
        One::Newer => {
            sum.newer += 1;
            tell(Passing::Newer(old.id, old.document_version));
        }
        One::Damaged => {
            sum.damaged += 1;
            tell(Passing::Damaged(old.id));
        }
        One::Refused { silent: was } => {
            sum.refused += 1;
            tell(Passing::Refused(old.id));
            return if *was { silent + 1 } else { 0 };
        }
    }
    silent
}

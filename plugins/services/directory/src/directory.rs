//! One directory with its connections.

use crate::{
    config::Server,
    connection::{self, Entry, Trouble},
};
use gatewright_contract::{Fault, Secret};
use ldap3::{Ldap, LdapConnSettings};
use rustls::ClientConfig;
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// A directory. Searches go over connections that are kept; each password is checked on a fresh one, since a bind
/// decides who the connection speaks for.
pub(crate) struct Directory {
    name: String,
    server: Server,
    settings: LdapConnSettings,
    idle: Mutex<Vec<Ldap>>,
    searches: Semaphore,
    binds: Semaphore,
    trouble: Mutex<Option<String>>,
}

impl Directory {
    pub(crate) fn new(name: String, server: Server, tls: Arc<ClientConfig>) -> Self {
        Self {
            name,
            settings: LdapConnSettings::new().set_config(tls),
            idle: Mutex::new(Vec::new()),
            searches: Semaphore::new(usize::from(server.search_connections)),
            binds: Semaphore::new(usize::from(server.bind_connections)),
            trouble: Mutex::new(None),
            server,
        }
    }

    /// What went wrong last, if the last thing went wrong.
    pub(crate) fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().map(|text| format!("{}: {text}", self.name))
    }

    /// Who has this name.
    ///
    /// # Errors
    /// [`Fault::Unavailable`].
    pub(crate) async fn find(
        self: &Arc<Self>,
        username: String,
        attributes: Vec<String>,
    ) -> Result<Vec<Entry>, Fault> {
        let this = self.clone();
        self.within(async move { this.search(&username, attributes).await }).await
    }

    /// Whether this is the password of this entry; without an entry the same work for nothing.
    ///
    /// # Errors
    /// [`Fault::Unavailable`].
    pub(crate) async fn bind(
        self: &Arc<Self>,
        dn: Option<String>,
        password: Secret<String>,
    ) -> Result<bool, Fault> {
        let this = self.clone();
        self.within(async move {
            let _turn = this.binds.acquire().await.map_err(|e| Trouble::Other(e.to_string()))?;
            let nobody = || match this.server.base.as_str() {
                "" => "cn=gatewright-nobody".to_owned(),
                base => format!("cn=gatewright-nobody,{base}"),
            };
            let is_somebody = dn.is_some();
            let mut ldap = connection::open(&this.server, &this.settings).await?;
            let right = connection::bind(&mut ldap, &dn.unwrap_or_else(nobody), password.expose()).await?;
            Ok(right && is_somebody)
        })
        .await
    }

    async fn search(&self, username: &str, attributes: Vec<String>) -> Result<Vec<Entry>, Trouble> {
        let _turn = self.searches.acquire().await.map_err(|e| Trouble::Other(e.to_string()))?;
        while let Some(mut kept) = self.take() {
            match connection::find(&mut kept, &self.server, username, attributes.clone()).await {
                Ok(found) => {
                    self.keep(kept);
                    return Ok(found);
                }
                // The server has closed it in the meantime: the next one, and at last a fresh one.
                Err(Trouble::Gone(_)) => {}
                Err(other) => return Err(other),
            }
        }
        let mut fresh = connection::open_reader(&self.server, &self.settings).await?;
        let found = connection::find(&mut fresh, &self.server, username, attributes).await?;
        self.keep(fresh);
        Ok(found)
    }

    fn take(&self) -> Option<Ldap> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain_mut(|ldap| !ldap.is_closed());
        idle.pop()
    }

    fn keep(&self, ldap: Ldap) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(ldap);
    }

    /// Runs it within the time limit and in a task of its own: the library panics at an answer that is no LDAP, and a
    /// client that goes away must not leave half a conversation on a connection that is kept.
    async fn within<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Fault> {
        let limit = Duration::from_millis(u64::from(self.server.timeout_ms));
        #[allow(clippy::disallowed_methods, reason = "ends within the limit; see above")]
        let task = tokio::spawn(timeout(limit, work));
        let trouble = match task.await {
            Ok(Ok(Ok(value))) => {
                *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return Ok(value);
            }
            Ok(Ok(Err(trouble))) => trouble.into_text(),
            Ok(Err(_)) => {
                // What a firewall has forgotten looks open for ever.
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                format!("no answer within {} ms", self.server.timeout_ms)
            }
            Err(_) => "an answer that is no LDAP".to_owned(),
        };
        tracing::warn!(directory = %self.name, %trouble, "a directory does not answer");
        let what = format!("the directory `{}`: {trouble}", self.name);
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        Err(Fault::unavailable(what))
    }
}

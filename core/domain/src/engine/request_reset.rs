//! Asking for a new password where the client does not carry a transaction: the code goes by mail, and the handle is kept
//! under the name for who comes back with it.

use super::{Begin, Engine};
use crate::{
    Origin, Tenant,
    person::{email_key, username_key},
    problem::{Problem, Result},
};
use gatewright_contract::TenantId;
use serde_json::json;

impl Engine {
    /// Sends a code by which `lost` can be replaced, to the one who has this login name and this address, if the address
    /// is proven. The reply is the same for everybody else, and nobody gets a message.
    ///
    /// # Errors
    /// 400 for a name that nobody can have, 404 for an unknown tenant, 409 where nothing is replaced by a message, 429.
    pub async fn request_reset(
        &self,
        tenant: &TenantId,
        lost: &str,
        (username, email): (&str, &str),
        client: Option<String>,
        origin: &Origin,
    ) -> Result<()> {
        let tenant = self.tenant(tenant).await?;
        let step = self.reset_by_message(&tenant)?;
        let (person, _) = self.named(&tenant, username).await?;
        let address = email_key(email);
        let theirs = person
            .as_ref()
            .and_then(|person| email_key(person.email.as_deref()?))
            .is_some_and(|known| address == Some(known));
        // Nobody has the other name: who gives a wrong address is answered like who does not exist, and ends nothing that the
        // right one has begun.
        let name = match person.filter(|_| theirs) {
            Some(person) => person.username,
            None => self.token("gwx")?.expose().to_owned(),
        };
        let kept = kept_reset(&name);
        let begin =
            Begin { reset: Some(lost.to_owned()), client, ..Begin::login(tenant.id.clone(), Some(name)) };
        let asked = self.begin_with(begin, &step, json!({}), origin).await?;
        self.take_handle(&tenant.id, &kept).await?;
        match self.keep_handle(&tenant.id, &kept, &asked.handle, asked.expires).await {
            // Somebody else has asked at the same time: theirs is the newest code.
            Err(problem) if problem.status == 409 => Ok(()),
            other => other,
        }
    }

    /// What sends a code for this.
    fn reset_by_message(&self, tenant: &Tenant) -> Result<String> {
        let catalogue = self.catalogue();
        let sends = |id: &String| catalogue.manifest(id).is_some_and(|m| m.sends && !m.abilities.signal);
        let found = self.settings_of(tenant).policy.reset_steps(&catalogue).into_iter().find(sends);
        found.ok_or_else(|| Problem::out_of_order("This can't be replaced here: ask an administrator."))
    }
}

/// Where the handle of somebody's reset is kept.
fn kept_reset(username: &str) -> String {
    format!("reset|{}", username_key(username).unwrap_or_default())
}

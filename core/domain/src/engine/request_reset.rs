//! Asking for a new password where the client does not carry a transaction: the code goes by mail, and the handle is kept
//! under name and address for who comes back with both.

use super::{Begin, Engine, step::claimed};
use crate::{
    Origin, Tenant,
    person::email_key,
    problem::{Problem, Result},
    token::PlainToken,
};
use data_encoding::HEXLOWER;
use gatewright_contract::TenantId;
use serde_json::json;

impl Engine {
    /// Sends a code by which `lost` can be replaced, to the one who has this login name and this address, if the address
    /// is proven. The reply is the same for everybody else, and nobody gets a message. While a code of the same name and
    /// address counts there is no other: whoever asks again does not cancel it.
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
        // From what was sent alone, so that a right pair and a wrong one take the same steps and commits.
        let kept = self.kept_reset(&tenant.id, (username, email)).await?;
        if self.keeps_handle(&tenant.id, &kept).await? {
            return self.admit(&tenant, origin);
        }
        // Nobody has the other name: who gives a wrong address is answered like who does not exist. A name that looks like an
        // address is looked for twice, so that one does too.
        let name = match (theirs, username.contains('@')) {
            (true, _) => username.to_owned(),
            (false, true) => format!("{}@nobody.invalid", self.token("gwx")?.expose()),
            (false, false) => self.token("gwx")?.expose().to_owned(),
        };
        let begin =
            Begin { reset: Some(lost.to_owned()), client, ..Begin::login(tenant.id.clone(), Some(name)) };
        let asked = self.begin_with(begin, &step, json!({}), origin).await?;
        match self.keep_handle(&tenant.id, &kept, &asked.handle, asked.expires).await {
            // Somebody else has asked at the same time: theirs is the code that counts.
            Err(problem) if problem.status == 409 => Ok(()),
            other => other,
        }
    }

    /// Takes the handle of the reset that was asked for with this login name and this address, for who comes back with the
    /// code. Good once.
    ///
    /// # Errors
    /// 400 for a name that nobody can have; when the store or the keys can't be had.
    pub async fn take_reset(&self, tenant: &TenantId, who: (&str, &str)) -> Result<Option<PlainToken>> {
        let kept = self.kept_reset(tenant, who).await?;
        self.take_handle(tenant, &kept).await
    }

    /// Under which name the handle is kept. Nobody outside can compute it.
    async fn kept_reset(&self, tenant: &TenantId, (username, email): (&str, &str)) -> Result<String> {
        let (name, address) = (claimed(username)?, email_key(email).unwrap_or_else(|| email.to_owned()));
        // No login name has a NUL, so that none shares this with a reset, and no two pairs share one.
        let pair = self.pseudonym(tenant, &format!("\0reset|{name}\0{address}")).await?;
        Ok(format!("reset|{}", HEXLOWER.encode(&pair.0)))
    }

    /// What sends a code for this.
    fn reset_by_message(&self, tenant: &Tenant) -> Result<String> {
        let catalogue = self.catalogue();
        let sends = |id: &String| catalogue.manifest(id).is_some_and(|m| m.sends && !m.abilities.signal);
        let found = self.settings_of(tenant).policy.reset_steps(&catalogue).into_iter().find(sends);
        found.ok_or_else(|| Problem::out_of_order("This can't be replaced here: ask an administrator."))
    }
}

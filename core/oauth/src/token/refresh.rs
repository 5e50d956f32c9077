//! `refresh_token` (RFC 6749, section 6): each is good once. One that comes again is in two hands, and the grant ends
//! (RFC 9700, section 4.14.2).

use super::{Call, narrow, tokens::About};
use crate::{
    ErrorCode, OAuthError, Provider, Result,
    grant::{GRANT, Grant},
    issue::{RefreshToken, TokenReply},
};
use gatewright_core::{
    oidc::OidcRules,
    store::{Record, Write},
};
use uuid::Uuid;

impl Provider {
    pub(super) async fn by_refresh_token(&self, call: Call<'_>) -> Result<TokenReply> {
        let shown =
            RefreshToken::received(call.form.required("refresh_token")?).ok_or_else(OAuthError::grant)?;
        let record = self.engine.store().record_uncached(&call.tenant.id, GRANT, shown.grant).await?;
        let record = record.ok_or_else(OAuthError::grant)?;
        let grant: Grant = record.value()?;
        let own = grant.terms.client_id == call.client.client_id;
        if !own || !shown.is_of(grant.family.as_ref()) {
            return Err(OAuthError::grant());
        }
        if !shown.is_now(grant.refresh.as_ref()) {
            return self.reused(&call, shown.grant).await;
        }
        self.is_good(&call, &grant)?;
        let done = self.rotate(&call, record, grant, &shown).await;
        match done.as_ref().err().map(|error| error.code) {
            Some(ErrorCode::InvalidGrant) if self.was_used(&call, &shown).await? => {
                self.reused(&call, shown.grant).await
            }
            _ => done,
        }
    }

    /// Whether what the token is bound to was shown, and it was neither left lying nor has it ended.
    fn is_good(&self, call: &Call<'_>, grant: &Grant) -> Result<()> {
        let (now, rules) = (self.engine.now(), self.rules(call.tenant));
        let bound = |kept: &Option<String>, shown: &Option<String>| kept.is_none() || kept == shown;
        let shown = bound(&grant.bound.jkt, &call.bound.jkt) && bound(&grant.bound.x5t, &call.bound.x5t);
        let idle = grant.used.plus(OidcRules::seconds(rules.refresh_idle_seconds));
        match shown && now < grant.expires && now < idle {
            true => Ok(()),
            false => Err(OAuthError::grant()),
        }
    }

    async fn rotate(
        &self,
        call: &Call<'_>,
        record: Record,
        mut grant: Grant,
        shown: &RefreshToken,
    ) -> Result<TokenReply> {
        let Call { client, form, .. } = call;
        let (now, id) = (self.engine.now(), record.id);
        let person = self.still_there(call, &grant.terms).await?;
        let scopes = narrow::scopes(form, &narrow::still(client, &grant.terms.scopes))?;
        let audience = narrow::resources(form, &grant.terms.resources, &grant.terms.resources)?;
        let next = self.refresh_token(id, Some(shown))?;
        let (terms, until, nonce) = (&grant.terms, grant.expires, None);
        let about = About { person: &person, terms, grant: id, scopes, audience, nonce, until };
        let mut writes = Vec::with_capacity(3);
        let reply = self.tokens_about(call, about, &mut writes).await?;
        if !grant.terms.offline {
            writes.push(Write::SessionThere(grant.terms.session));
        }
        (grant.refresh, grant.used) = (Some(next.hash()), now);
        writes.push(Write::RecordReplace(record.next(&grant)?));
        self.commit_once(writes).await?;
        Ok(TokenReply { refresh_token: Some(next.into_text()), ..reply })
    }

    /// Whether somebody else has used the token since it was read.
    async fn was_used(&self, call: &Call<'_>, shown: &RefreshToken) -> Result<bool> {
        let record = self.engine.store().record_uncached(&call.tenant.id, GRANT, shown.grant).await?;
        let Some(record) = record else { return Ok(false) };
        Ok(!shown.is_now(record.value::<Grant>()?.refresh.as_ref()))
    }

    async fn reused(&self, call: &Call<'_>, grant: Uuid) -> Result<TokenReply> {
        tracing::warn!(%grant, "a refresh token was used twice: the grant ends");
        self.take_back(&call.tenant.id, grant, "refresh_token_used_twice", call.origin).await?;
        Err(OAuthError::grant())
    }
}

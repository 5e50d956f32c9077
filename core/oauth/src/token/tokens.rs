//! The tokens of a grant: an access token, and an ID token where `openid` was granted.

use super::Call;
use crate::{
    Provider, Result,
    grant::Terms,
    issue::{IdToken, Making, TokenReply},
};
use gatewright_contract::Timestamp;
use gatewright_core::{Person, store::Write};
use uuid::Uuid;

/// What the tokens are about.
pub(super) struct About<'a> {
    pub(super) person: &'a Person,
    pub(super) terms: &'a Terms,
    pub(super) grant: Uuid,
    pub(super) scopes: Vec<String>,
    pub(super) audience: Vec<String>,
    /// For the first ID token alone.
    pub(super) nonce: Option<&'a str>,
    /// When the grant ends.
    pub(super) until: Timestamp,
}

impl Provider {
    /// Makes them; what must be stored of them is added to the writes.
    pub(super) async fn tokens_about(
        &self,
        call: &Call<'_>,
        about: About<'_>,
        writes: &mut Vec<Write>,
    ) -> Result<TokenReply> {
        let Call { tenant, client, .. } = call;
        let About { person, terms, grant, scopes, audience, nonce, until } = about;
        let sub = self.subject(&tenant.id, client, person.id).await?;
        let making = Making {
            client,
            sub: sub.clone(),
            terms: Some(terms),
            grant: Some(grant),
            scopes,
            audience,
            bound: call.bound.clone(),
            actor: None,
            until: Some(until),
        };
        let (text, access) = self.access_token(tenant, making, writes).await?;
        let id_token = match access.scopes.iter().any(|scope| scope == "openid") {
            true => {
                let (scopes, access_token) = (access.scopes.as_slice(), Some(text.as_str()));
                let of = IdToken { client, sub: &sub, person, terms, scopes, nonce, access_token };
                Some(self.id_token(tenant, of).await?)
            }
            false => None,
        };
        Ok(TokenReply { id_token, ..TokenReply::of(text, &access) })
    }

    /// An ID token and nothing else, for a client that asked for no more than that.
    pub(super) async fn login_alone(
        &self,
        call: &Call<'_>,
        person: &Person,
        terms: &Terms,
    ) -> Result<TokenReply> {
        let sub = &self.subject(&call.tenant.id, call.client, person.id).await?;
        let (client, scopes, nonce) = (call.client, terms.scopes.as_slice(), terms.nonce.as_deref());
        let of = IdToken { client, sub, person, terms, scopes, nonce, access_token: None };
        Ok(TokenReply {
            id_token: Some(self.id_token(call.tenant, of).await?),
            token_type: "Bearer",
            expires_in: u64::from(self.rules(call.tenant).id_token_seconds),
            scope: terms.scopes.join(" "),
            ..TokenReply::default()
        })
    }
}

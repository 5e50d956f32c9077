//! What a person has agreed to becomes a grant with its first tokens.

use super::{Call, end::grant_event, tokens::About};
use crate::{
    OAuthError, Provider, Result,
    client::GrantType,
    grant::{Bound, GRANT, Grant, Terms},
    issue::{RefreshToken, TokenReply},
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    Person,
    audit::Event,
    oidc::OidcRules,
    store::{Record, StoreError, Write},
};
use uuid::Uuid;

/// What becomes a grant.
pub(super) struct Beginning {
    pub(super) id: Uuid,
    pub(super) terms: Terms,
    /// For whom the first access token is.
    pub(super) audience: Vec<String>,
    /// What spends that from which it becomes: in one commit with the grant.
    pub(super) writes: Vec<Write>,
}

impl Provider {
    /// Makes a grant and its first tokens, and writes both at once.
    pub(super) async fn begin(&self, call: &Call<'_>, beginning: Beginning) -> Result<TokenReply> {
        let Beginning { id, terms, audience, mut writes } = beginning;
        let (now, tenant) = (self.engine.now(), call.tenant);
        let person = self.still_there(call, &terms).await?;
        self.fits_together(call.client, &terms.scopes)?;
        // Also where it will outlive the session: who has been thrown out meanwhile begins nothing.
        writes.push(Write::SessionThere(terms.session));
        if terms.scopes.iter().any(|scope| scope == "2fa") {
            writes.push(Write::Audit(begun("login.confirmed", call, now, &terms)));
            let reply = self.login_alone(call, &person, &terms).await?;
            self.commit_once(writes).await?;
            return Ok(reply);
        }
        let refresh = match call.client.may(GrantType::RefreshToken) {
            true => Some(self.refresh_token(id, None)?),
            false => None,
        };
        let until = self.end_of(call, &terms, refresh.is_some(), now).await?;
        let (scopes, nonce) = (terms.scopes.clone(), terms.nonce.as_deref());
        let about = About { person: &person, terms: &terms, grant: id, scopes, audience, nonce, until };
        let reply = self.tokens_about(call, about, &mut writes).await?;
        writes.push(Write::Audit(begun("grant.begun", call, now, &terms)));
        let grant = Grant {
            // Who proves who it is with each request needs no other proof for what it was given.
            bound: if call.client.is_confidential() { Bound::default() } else { call.bound.clone() },
            family: refresh.as_ref().map(RefreshToken::family_hash),
            refresh: refresh.as_ref().map(RefreshToken::hash),
            used: now,
            expires: until,
            terms,
        };
        let mut record = Record::new(&tenant.id, GRANT, id, now, &grant)?;
        (record.owner, record.due) = (Some(person.id.0), Some(until));
        writes.push(Write::RecordInsert(record));
        self.commit_once(writes).await?;
        Ok(TokenReply { refresh_token: refresh.map(RefreshToken::into_text), ..reply })
    }

    /// Notes that the client knows this session, where no code has done so: it hears when that ends. First, and by itself: two
    /// logins of a client at once both want it noted, and each gets its tokens.
    pub(super) async fn note_client(&self, call: &Call<'_>, terms: &Terms) -> Result<()> {
        let session = self.engine.session_alive(terms.session).await?;
        let session = session.ok_or_else(OAuthError::grant)?;
        let note = self.note_login(&call.tenant.id, &terms.client_id, &session).await?;
        let Some(note) = note else { return Ok(()) };
        match self.engine.store().commit(vec![Write::SessionThere(session.id), note]).await {
            // The other one has; or the session has been ended, which what follows sees.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// The person of these terms, who may still log in, in a session that still lives.
    pub(super) async fn still_there(&self, call: &Call<'_>, terms: &Terms) -> Result<Person> {
        let person = self.engine.store().person(&call.tenant.id, terms.person).await?;
        let person = person.filter(Person::may_log_in).ok_or_else(OAuthError::grant)?;
        match self.session_allows(&call.tenant.id, terms).await? {
            true => Ok(person),
            false => Err(OAuthError::grant()),
        }
    }

    /// When a grant of these terms ends at the latest: where nobody can come again, with its one access token. A page that asks
    /// anew every few minutes leaves no heap of grants behind.
    async fn end_of(
        &self,
        call: &Call<'_>,
        terms: &Terms,
        lasting: bool,
        now: Timestamp,
    ) -> Result<Timestamp> {
        let rules = self.rules(call.tenant);
        let seconds = match lasting || terms.offline {
            true => rules.refresh_token_seconds,
            false => rules.access_token_seconds,
        };
        let end = now.plus(OidcRules::seconds(seconds));
        if terms.offline {
            return Ok(end);
        }
        let session = self.engine.store().session(terms.session).await?;
        Ok(session.map_or(now, |session| end.min(session.expires)))
    }
}

fn begun(kind: &str, call: &Call<'_>, now: Timestamp, terms: &Terms) -> Event {
    grant_event(kind, &call.tenant.id, now, call.origin, terms)
}

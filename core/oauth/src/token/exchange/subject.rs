//! About whom the new token is.

use super::{ACCESS_TOKEN, ID_TOKEN, judged, not_good};
use crate::{
    OAuthError, Provider, Result,
    access::Access,
    grant::{Bound, Grant},
    issue::ID_TOKEN_TYP,
    token::{Call, held::Held},
};
use gatewright_contract::{PersonId, SessionId, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What is exchanged.
pub(super) struct Subject {
    /// What it says, or would say if it were an access token.
    pub(super) access: Access,
    /// What it came from; none where a client is on its own behalf.
    pub(super) grant: Option<Grant>,
}

impl Subject {
    pub(super) fn person(&self) -> Option<PersonId> {
        self.grant.as_ref().map(|grant| grant.terms.person)
    }
}

impl Provider {
    pub(super) async fn subject_of(&self, call: &Call<'_>) -> Result<Subject> {
        let token = call.form.required("subject_token")?;
        match call.form.required("subject_token_type")? {
            ACCESS_TOKEN => self.of_access_token(call, token).await,
            ID_TOKEN => self.of_id_token(call, token).await?.ok_or_else(|| not_good("subject_token")),
            _ => Err(OAuthError::invalid(format!(
                "subject_token_type: {ACCESS_TOKEN} or {ID_TOKEN}, of this server."
            ))),
        }
    }

    async fn of_access_token(&self, call: &Call<'_>, token: &str) -> Result<Subject> {
        let checked = judged("subject_token", self.check(call.tenant, token).await)?;
        let (access, client) = (checked.access, &call.client.client_id);
        let own = access.client_id == *client;
        // Whoever finds a token must not make one of their own of it: it is theirs, or was sent to them.
        if !own && !access.audience.contains(client) {
            return Err(not_good("subject_token"));
        }
        // A client shows that it holds what its own token is bound to; where the token was sent, it can't.
        if own && access.bound != Bound::default() && access.bound != call.bound {
            return Err(not_good("subject_token"));
        }
        Ok(Subject { access, grant: checked.grant })
    }

    /// An ID token stands for the grant that was given in its session. Without one it opens nothing.
    async fn of_id_token(&self, call: &Call<'_>, token: &str) -> Result<Option<Subject>> {
        let (tenant, client) = (call.tenant, call.client);
        let Some(claims) = self.own_jwt(&tenant.id, token, Some(ID_TOKEN_TYP)).await? else {
            return Ok(None);
        };
        let issuer = self.issuer(tenant);
        let Some(read) = Read::of(&claims) else { return Ok(None) };
        if read.iss != issuer || read.aud != client.client_id || read.expires <= self.engine.now() {
            return Ok(None);
        }
        let Some(session) = self.engine.session_alive(read.session).await? else { return Ok(None) };
        if session.tenant != tenant.id || self.subject(&tenant.id, client, session.person).await? != read.sub
        {
            return Ok(None);
        }
        let given = |grant: &Grant| grant.terms.session == session.id;
        let Some(Held { id, grant }) = self.held(call, session.person, given).await? else { return Ok(None) };
        let access = of_grant(read, id, &grant, issuer);
        Ok(Some(Subject { access, grant: Some(grant) }))
    }
}

/// What counts of an ID token.
struct Read<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    session: SessionId,
    issued: Timestamp,
    expires: Timestamp,
}

impl<'a> Read<'a> {
    fn of(claims: &'a Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name)?.as_str();
        let time = |name: &str| claims.get(name)?.as_i64().map(Timestamp::from_secs);
        Some(Self {
            iss: text("iss")?,
            sub: text("sub")?,
            aud: text("aud")?,
            session: SessionId::parse(text("sid")?)?,
            issued: time("iat")?,
            expires: time("exp")?,
        })
    }
}

/// The access token that the grant would give.
fn of_grant(read: Read<'_>, id: Uuid, grant: &Grant, issuer: String) -> Access {
    let terms = &grant.terms;
    Access {
        client_id: terms.client_id.clone(),
        sub: read.sub.to_owned(),
        person: Some(terms.person),
        session: Some(terms.session),
        grant: Some(id),
        scopes: terms.scopes.clone(),
        audience: if terms.resources.is_empty() { vec![issuer] } else { terms.resources.clone() },
        bound: Bound::default(),
        actor: None,
        issued: read.issued,
        expires: read.expires,
        id: String::new(),
    }
}

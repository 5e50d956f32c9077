//! Clients that register themselves and look after themselves (RFC 7591, RFC 7592).

use super::{
    Client,
    admin::{checked, deletion, target},
    metadata,
};
use crate::{
    ErrorCode, OAuthError, Provider, Result,
    provider::{hex, key_of},
};
use gatewright_core::{
    HashedToken, Origin, PlainToken, Problem, Tenant,
    access::{Action, Resource},
    audit::Event,
    oidc::Registration,
    session::Caller,
    store::{Record, StoreError, Subject, Write},
};
use serde_json::{Map, Value, json};

/// Prefix of a registration access token.
const PREFIX: &str = "gwcr";

/// What a client gets back: its metadata, and what it was given.
pub struct Registered {
    /// The body of the reply (RFC 7591, section 3.2.1; RFC 7592, section 3). Not printed: there may be a secret in it.
    pub body: Map<String, Value>,
}

impl Provider {
    /// Registers a client, which gets a secret where it has one, and a token with which it looks after itself.
    ///
    /// # Errors
    /// `insufficient_scope` (403) where registration is off or the caller may not; `invalid_redirect_uri` and
    /// `invalid_client_metadata` for what can't be.
    pub async fn register(
        &self,
        tenant: &Tenant,
        caller: &Caller,
        sent: &Map<String, Value>,
        origin: &Origin,
    ) -> Result<Registered> {
        self.registration_is_on(tenant)?;
        let on = Resource::of(&tenant.id);
        self.engine.allow(caller, Action::ClientsWrite, &on).await.map_err(not_allowed)?;
        self.engine.must_be_fresh(caller).await.map_err(not_allowed)?;
        self.has_room(&tenant.id).await?;
        let mut client = metadata::read(sent, &Client::default())?;
        let secret = self.secret_where_needed(&mut client)?;
        let token = self.secret(PREFIX)?;
        client.registration = Some(key_of(&token));
        let record = self.new_client(&tenant.id, client).map_err(not_valid)?;
        let kept: Client = record.value()?;
        let event = Event::new("client.registered", &tenant.id, self.engine.now(), origin)
            .by(Some(caller.session.person))
            .within(caller.session.id)
            .on(target(&kept.client_id));
        let reply = self.reply(tenant, &kept, &record, (secret, token.expose()));
        let there = Write::SessionThere(caller.session.id);
        match self.engine.store().commit(vec![there, Write::RecordInsert(record), Write::Audit(event)]).await
        {
            Ok(()) => Ok(reply),
            Err(StoreError::Conflict(Subject::Session)) => Err(OAuthError::token()),
            Err(other) => Err(other.into()),
        }
    }

    /// What a client that registered itself is now.
    ///
    /// # Errors
    /// `invalid_token` for every token that is not its own.
    pub async fn registered(&self, tenant: &Tenant, client_id: &str, token: &str) -> Result<Registered> {
        let (record, client) = self.by_registration_token(tenant, client_id, token).await?;
        Ok(self.reply(tenant, &client, &record, (None, token)))
    }

    /// Replaces what a client has registered. Its token is replaced too: the old one is no longer good.
    ///
    /// # Errors
    /// Those of [`Provider::registered`] and of [`Provider::register`].
    pub async fn change_registered(
        &self,
        tenant: &Tenant,
        client_id: &str,
        token: &str,
        sent: &Map<String, Value>,
        origin: &Origin,
    ) -> Result<Registered> {
        let (record, old) = self.by_registration_token(tenant, client_id, token).await?;
        self.is_about(&old, sent)?;
        let mut client = metadata::read(sent, &old)?;
        let secret = self.secret_where_needed(&mut client)?;
        let token = self.secret(PREFIX)?;
        client.registration = Some(key_of(&token));
        checked(&client).map_err(not_valid)?;
        let next = record.next(&client)?;
        let event = Event::new("client.changed", &tenant.id, self.engine.now(), origin);
        let event = event.on(target(&client.client_id));
        let reply = self.reply(tenant, &client, &next, (secret, token.expose()));
        self.engine.store().commit(vec![Write::RecordReplace(next), Write::Audit(event)]).await?;
        Ok(reply)
    }

    /// Deletes a client that registered itself.
    ///
    /// # Errors
    /// Those of [`Provider::registered`]; `access_denied` (403) for one that an administrator has locked.
    pub async fn delete_registered(
        &self,
        tenant: &Tenant,
        client_id: &str,
        token: &str,
        origin: &Origin,
    ) -> Result<()> {
        let (record, client) = self.by_registration_token(tenant, client_id, token).await?;
        if client.locked {
            let text = "An administrator has locked this client: it can't be deleted.";
            return Err(OAuthError::new(ErrorCode::InsufficientScope, text));
        }
        let event = Event::new("client.deleted", &tenant.id, self.engine.now(), origin);
        let event = event.on(target(&client.client_id));
        self.engine.store().commit(deletion(&record, event)).await?;
        Ok(self.end_grants(&tenant.id, &client.client_id).await?)
    }

    fn registration_is_on(&self, tenant: &Tenant) -> Result<()> {
        match self.rules(tenant).registration {
            Registration::Token => Ok(()),
            Registration::Off => Err(OAuthError::new(
                ErrorCode::InsufficientScope,
                "Registration is off in this tenant. Ask its administrator for a client.",
            )),
        }
    }

    /// The client of a token. One that is unknown, disabled or made by an administrator is like a wrong token.
    async fn by_registration_token(
        &self,
        tenant: &Tenant,
        client_id: &str,
        token: &str,
    ) -> Result<(Record, Client)> {
        self.registration_is_on(tenant)?;
        let token = PlainToken::received(token).ok_or_else(OAuthError::token)?;
        let shown = hex(&HashedToken::of(token.expose().as_bytes()));
        let record = match self.kept_record(&tenant.id, client_id).await {
            Ok(record) => record,
            Err(Problem { status: 404, .. }) => return Err(OAuthError::token()),
            Err(other) => return Err(other.into()),
        };
        let client: Client = record.value()?;
        let known = client.registration.as_deref().unwrap_or_default();
        let same: bool = subtle::ConstantTimeEq::ct_eq(known.as_bytes(), shown.as_bytes()).into();
        match same && !client.disabled {
            true => Ok((record, client)),
            false => Err(OAuthError::token()),
        }
    }

    /// What a request to change a client must and must not say (RFC 7592, section 2.2).
    fn is_about(&self, old: &Client, sent: &Map<String, Value>) -> Result<()> {
        const NOT_SENT: [&str; 4] = [
            "registration_access_token",
            "registration_client_uri",
            "client_secret_expires_at",
            "client_id_issued_at",
        ];
        if sent.get("client_id").and_then(Value::as_str) != Some(&old.client_id) {
            return Err(OAuthError::invalid("client_id must be there, and be that of the URL."));
        }
        if let Some(name) = NOT_SENT.iter().find(|name| sent.contains_key(**name)) {
            return Err(OAuthError::invalid(format!("{name} is the server's to say: leave it out.")));
        }
        match sent.get("client_secret") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::String(secret)) if old.is_secret(secret, self.engine.now()) => Ok(()),
            Some(_) => {
                Err(OAuthError::invalid("client_secret is not the one of this client; nobody chooses one."))
            }
        }
    }

    /// Gives a client that needs a secret its first one; takes those away from one that needs none.
    fn secret_where_needed(&self, client: &mut Client) -> Result<Option<PlainToken>> {
        if !client.auth_method.has_secret() {
            client.secrets.clear();
            return Ok(None);
        }
        if !client.secrets.is_empty() {
            return Ok(None);
        }
        let (plain, stored) = self.client_secret()?;
        client.secrets.push(stored);
        Ok(Some(plain))
    }

    fn reply(
        &self,
        tenant: &Tenant,
        client: &Client,
        record: &Record,
        (secret, token): (Option<PlainToken>, &str),
    ) -> Registered {
        let mut body = metadata::write(client);
        let place = format!("{}/register/{}", self.issuer(tenant), client.client_id);
        body.insert("client_id_issued_at".to_owned(), json!(record.created.as_secs()));
        body.insert("registration_client_uri".to_owned(), json!(place));
        body.insert("registration_access_token".to_owned(), json!(token));
        if let Some(secret) = secret {
            body.insert("client_secret".to_owned(), json!(secret.expose()));
            body.insert("client_secret_expires_at".to_owned(), json!(0));
        }
        Registered { body }
    }
}

/// Refused as a bearer token that is not good for this is (RFC 6750, section 3.1).
fn not_allowed(problem: Problem) -> OAuthError {
    match problem.status {
        403 | 404 => OAuthError::new(ErrorCode::InsufficientScope, problem.detail),
        401 => OAuthError::token(),
        _ => problem.into(),
    }
}

/// What can't be, in the words of RFC 7591, section 3.2.2.
fn not_valid(problem: Problem) -> OAuthError {
    if problem.violations.is_empty() {
        return problem.into();
    }
    let uris = |code: &String| code == "redirect_uris";
    let code = match problem.violations.iter().map(|v| &v.code).any(uris) {
        true => ErrorCode::InvalidRedirectUri,
        false => ErrorCode::InvalidClientMetadata,
    };
    OAuthError::new(code, problem.detail)
}

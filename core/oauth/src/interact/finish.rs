//! The end of a request that is granted: everything that follows, as one list of writes.

use super::{Somebody, judge::Granted};
use crate::{
    Provider, Result,
    code::Code,
    grant::Terms,
    request::{AuthorizationRequest, OFFLINE, Pending, Respond, wants_auth_time},
};
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    Origin, Session,
    audit::Event,
    store::{Record, Write},
};
use serde::{Deserialize, Serialize};

/// The kind of the record that a client knows a session; its owner is the session, its key `session|client_id`. It says who
/// is told when the session ends.
pub const LOGIN: &str = "oauth-login";

/// A client that knows a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginNote {
    /// Which.
    pub client_id: String,
    /// Whose session it is.
    pub person: PersonId,
}

impl Provider {
    /// The code for the client, and what is written with it.
    pub(super) async fn granted(
        &self,
        pending: &Pending,
        somebody: &Somebody,
        granted: Granted,
        origin: &Origin,
    ) -> Result<(Respond, Vec<Write>)> {
        let (request, tenant, session) = (&pending.request, &pending.tenant, &somebody.session);
        let mut writes = self.settled(pending, somebody, origin);
        if granted.asked {
            writes.extend(self.remember(pending, somebody.person.id, &granted.scopes).await?);
        }
        writes.extend(self.note_login(&tenant.id, &request.client_id, session).await?);
        let (code, write) = self.make_code(
            tenant,
            Code {
                terms: terms(request, session, granted),
                redirect_uri: Some(request.redirect_uri.clone()),
                code_challenge: request.code_challenge.clone(),
                dpop_jkt: request.dpop_jkt.clone(),
                expires: self.engine.now(),
                grant: None,
            },
        )?;
        writes.push(write);
        let what = vec![("code", code.expose().to_owned())];
        Ok((Respond::to(request, &self.issuer(tenant), what), writes))
    }

    /// The ID token for Entra, and what is written with it.
    pub(super) async fn proved(
        &self,
        pending: &Pending,
        somebody: &Somebody,
        (acr, amr): (&str, &str),
        origin: &Origin,
    ) -> Result<(Respond, Vec<Write>)> {
        let (tenant, client, request) = (&pending.tenant, &pending.client, &pending.request);
        let subject = request.entra.as_ref().map(|asked| asked.subject.as_str()).unwrap_or_default();
        let respond = self.entra_answer((tenant, client), request, (subject, acr, amr)).await?;
        Ok((respond, self.settled(pending, somebody, origin)))
    }

    /// What every answer but a refusal rests on: nobody else has answered, and the person may still log in.
    fn settled(&self, pending: &Pending, somebody: &Somebody, origin: &Origin) -> Vec<Write> {
        let (tenant, session, person) = (&pending.tenant.id, &somebody.session, &somebody.person);
        let event = Event::new("authorization.granted", tenant, self.engine.now(), origin);
        let event = event.about(Some(person.id)).within(session.id);
        vec![
            pending.answered(),
            Write::SessionThere(session.id),
            Write::PersonUnchanged(tenant.clone(), person.id, person.rev),
            Write::Audit(event.on(format!("client:{}", pending.client.client_id))),
        ]
    }

    /// The write that notes that a client knows this session; none where it is noted.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_login(
        &self,
        tenant: &TenantId,
        client_id: &str,
        session: &Session,
    ) -> Result<Option<Write>> {
        let key = format!("{}|{client_id}", session.id);
        if self.engine.store().record_by_key(tenant, LOGIN, &key).await?.is_some() {
            return Ok(None);
        }
        let note = LoginNote { client_id: client_id.to_owned(), person: session.person };
        let mut record = Record::new(tenant, LOGIN, self.record_id()?, self.engine.now(), &note)?;
        record.key = Some(key);
        record.owner = Some(session.id.0);
        record.due = Some(session.expires);
        Ok(Some(Write::RecordInsert(record)))
    }
}

/// What a person has agreed to, and how they had logged in.
pub(super) fn terms(request: &AuthorizationRequest, session: &Session, granted: Granted) -> Terms {
    let offline = granted.scopes.iter().any(|scope| scope == OFFLINE);
    Terms {
        client_id: request.client_id.clone(),
        person: session.person,
        session: session.id,
        scopes: granted.scopes,
        resources: request.resources.clone(),
        nonce: request.nonce.clone(),
        claims: request.claims.clone(),
        auth_time: session.authenticated,
        wants_auth_time: request.max_age.is_some() || wants_auth_time(&request.claims),
        acr: granted.acr,
        amr: session.amr.clone(),
        offline,
    }
}

//! `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): a token for one that is for less, or for somebody else.
//!
//! What may be exchanged: an access token that this client got or that names it as its audience, or an ID token that this
//! client got. What comes out ends with what went in and with the same grant, has no scope that it had not, and is for
//! resources of this client alone. With an actor token, which is the client's own, it says who acts.

mod actor;
mod subject;

use super::{Call, narrow};
use crate::{
    ErrorCode, OAuthError, Provider, Result,
    access::Access,
    issue::{Making, TokenReply},
};
use gatewright_core::{audit::Event, store::Write};
use subject::Subject;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// What stays with the client that a person has agreed to.
const NOT_PASSED_ON: &[&str] = &["offline_access", "2fa", "2fa_link"];

impl Provider {
    pub(super) async fn by_exchange(&self, call: Call<'_>) -> Result<TokenReply> {
        if !call.client.is_confidential() {
            let text = "A public client exchanges nothing: anybody can say that it is this one.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, text));
        }
        if call.form.get("requested_token_type").is_some_and(|wanted| wanted != ACCESS_TOKEN) {
            return Err(OAuthError::invalid(format!(
                "requested_token_type: only {ACCESS_TOKEN} is made here."
            )));
        }
        let subject = self.subject_of(&call).await?;
        let actor = self.actor_of(&call, &subject).await?;
        let sub = match subject.person() {
            Some(person) => self.subject(&call.tenant.id, call.client, person).await?,
            None => subject.access.sub.clone(),
        };
        let making = Making {
            client: call.client,
            sub,
            terms: subject.grant.as_ref().map(|grant| &grant.terms),
            grant: subject.access.grant,
            scopes: scopes(&call, &subject)?,
            audience: audience(&call, &subject)?,
            bound: call.bound.clone(),
            actor,
            until: Some(subject.access.expires),
        };
        let mut writes = Vec::with_capacity(2);
        let (text, access) = self.access_token(call.tenant, making, &mut writes).await?;
        writes.push(Write::Audit(self.exchanged(&call, &subject, &access)));
        self.commit_once(writes).await?;
        Ok(TokenReply { issued_token_type: Some(ACCESS_TOKEN), ..TokenReply::of(text, &access) })
    }

    fn exchanged(&self, call: &Call<'_>, subject: &Subject, access: &Access) -> Event {
        let event = Event::new("token.exchanged", &call.tenant.id, self.engine.now(), call.origin);
        let event = event.about(subject.person()).on(format!("client:{}", access.client_id));
        match access.session {
            Some(session) => event.within(session),
            None => event,
        }
    }
}

fn scopes(call: &Call<'_>, subject: &Subject) -> Result<Vec<String>> {
    let mut may = narrow::still(call.client, &subject.access.scopes);
    may.retain(|scope| !NOT_PASSED_ON.contains(&scope.as_str()));
    narrow::scopes(call.form, &may)
}

/// Resources of this client, or those that its own token is for already; where its person has agreed to some, no others. A
/// token that came from elsewhere is for the client itself: what comes of it must say for whom it is.
fn audience(call: &Call<'_>, subject: &Subject) -> Result<Vec<String>> {
    let own = subject.access.client_id == call.client.client_id;
    let kept: &[String] = if own { &subject.access.audience } else { &[] };
    // A token that was exchanged before rests on another client's grant, which says nothing of this one's resources.
    let granted = subject.grant.as_ref().map(|grant| &grant.terms);
    let granted = granted.filter(|terms| own && terms.client_id == call.client.client_id);
    let allowed = match granted.filter(|terms| !terms.resources.is_empty()) {
        Some(terms) => terms.resources.clone(),
        None => [&call.client.resources, kept].concat(),
    };
    let asked = call.form.all("resource").chain(call.form.all("audience"));
    match narrow::named(asked, &allowed, kept)? {
        none if none.is_empty() => {
            let text = "Name the resource that the token is to be for: one of those of this client.";
            Err(OAuthError::new(ErrorCode::InvalidTarget, text))
        }
        some => Ok(some),
    }
}

/// A token that is shown as subject or actor and is not good for it (section 2.2.2): the same words for every reason.
fn not_good(name: &str) -> OAuthError {
    OAuthError::invalid(format!(
        "{name} is unknown, ended, revoked, of another type, or not for this client."
    ))
}

/// What a check says, in the words of an exchange; a server that can't answer is still one.
fn judged<T>(name: &str, checked: Result<T>) -> Result<T> {
    checked.map_err(|error| match error.code {
        ErrorCode::InvalidToken => not_good(name),
        _ => error,
    })
}

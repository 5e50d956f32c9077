//! For which application somebody logs in, and what its request asks for.

use crate::{layout::source_of, visit::Visit};
use gatewright_core::{PlainToken, Problem, look::is_picture};
use gatewright_oauth::{Client, OAuthError, request::AuthorizationRequest};
use std::sync::Arc;
use url::Url;

/// What a page says of it.
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) logo: Option<String>,
    /// Its home, its privacy policy, its terms: addresses that may be linked to.
    pub(crate) home: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) terms: Option<String>,
}

impl Application {
    pub(crate) fn of(client: &Client) -> Self {
        let about = &client.about;
        let page = |uri: &Option<String>| uri.as_ref().filter(|uri| is_page(uri)).cloned();
        let name = if client.name.is_empty() { &client.client_id } else { &client.name };
        Self {
            name: name.clone(),
            logo: about.logo_uri.as_ref().filter(|uri| is_picture(uri)).cloned(),
            home: page(&about.client_uri),
            policy: page(&about.policy_uri),
            terms: page(&about.tos_uri),
        }
    }
}

/// A request that waits for its person.
pub(crate) struct Asked {
    pub(crate) application: Application,
    request: AuthorizationRequest,
}

impl Asked {
    /// Of this name, which proves nothing.
    ///
    /// # Errors
    /// 404 where it is unknown, answered, forgotten, or of another tenant, alike.
    pub(crate) async fn find(visit: &Visit, name: &str) -> Result<Self, Problem> {
        let name = token(name)?;
        let pending = visit.house.provider.pending(&name).await.map_err(problem)?;
        if pending.tenant.id != visit.tenant.id {
            return Err(Problem::unknown_transaction());
        }
        let client: &Arc<Client> = &pending.client;
        Ok(Self { application: Application::of(client), request: pending.request })
    }

    /// Where its answer goes in the end, as a policy names it.
    pub(crate) fn leads_to(&self) -> Option<String> {
        source_of(&self.request.redirect_uri)
    }

    /// The name that the request gives.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.request.login_hint.as_deref()
    }

    pub(crate) fn scopes(&self) -> &[String] {
        &self.request.scopes
    }

    pub(crate) fn resources(&self) -> &[String] {
        &self.request.resources
    }

    /// The languages that it asks for.
    pub(crate) fn languages(&self) -> &[String] {
        &self.request.ui_locales
    }
}

/// The name of a request, as it came.
///
/// # Errors
/// 404 for what can't be one.
pub(crate) fn token(name: &str) -> Result<PlainToken, Problem> {
    PlainToken::received(name).ok_or_else(Problem::unknown_transaction)
}

/// What OAuth refuses, for a page.
pub(crate) fn problem(error: OAuthError) -> Problem {
    match error.cause {
        Some(problem) => *problem,
        None => Problem::unknown_transaction(),
    }
}

/// Whether a page may link to it.
fn is_page(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() == "https" || url.scheme() == "http")
}

//! The answer to an authorization request, on its way through the browser.

use super::{AuthorizationRequest, redirect};
use crate::OAuthError;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// How the answer reaches the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts there (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// As a message to the window that opened this one.
    WebMessage,
}

impl ResponseMode {
    /// Those that there are, as discovery names them.
    pub const WORDS: [&str; 3] = ["query", "form_post", "web_message"];

    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            "web_message" => Some(Self::WebMessage),
            _ => None,
        }
    }
}

/// An answer. It goes to the redirect URI and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Respond {
    /// Where to: registered for the client.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// What: `code` or `error`, `state`, `iss` (RFC 9207).
    pub params: Vec<(&'static str, String)>,
}

impl Respond {
    /// An answer to a request.
    pub(crate) fn to(
        request: &AuthorizationRequest,
        issuer: &str,
        what: Vec<(&'static str, String)>,
    ) -> Self {
        Self::of((&request.redirect_uri, request.response_mode), request.state.as_deref(), issuer, what)
    }

    pub(super) fn of(
        (redirect_uri, mode): (&str, ResponseMode),
        state: Option<&str>,
        issuer: &str,
        mut params: Vec<(&'static str, String)>,
    ) -> Self {
        params.extend(state.map(|state| ("state", state.to_owned())));
        params.push(("iss", issuer.to_owned()));
        Self { redirect_uri: redirect_uri.to_owned(), mode, params }
    }

    /// An answer that has its issuer within: an ID token.
    pub(crate) fn without_issuer(request: &AuthorizationRequest, what: Vec<(&'static str, String)>) -> Self {
        let mut respond = Self::to(request, "", what);
        respond.params.retain(|(name, _)| *name != "iss");
        respond
    }

    /// A refusal (RFC 6749, section 4.1.2.1), as parameters.
    pub(crate) fn error(error: &OAuthError) -> Vec<(&'static str, String)> {
        vec![("error", error.code.as_str().to_owned()), ("error_description", error.description.clone())]
    }

    /// The redirect URI with the answer in its query. The query that it has stays (RFC 6749, section 3.1.2).
    pub fn location(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.params).finish();
        let mark = match self.redirect_uri.find('?') {
            None => "?",
            Some(at) if at + 1 == self.redirect_uri.len() => "",
            Some(_) => "&",
        };
        format!("{}{mark}{query}", self.redirect_uri)
    }

    /// The origin of the redirect URI; none where that is an app's own scheme.
    pub fn origin(&self) -> Option<String> {
        redirect::origin(&self.redirect_uri)
    }

    /// One of its parameters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for Respond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.params.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Respond").field("mode", &self.mode).field("params", &names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(uri: &str) -> String {
        Respond::of((uri, ResponseMode::Query), Some("a b&c"), "https://i", vec![("code", "x".to_owned())])
            .location()
    }

    #[test]
    fn the_query_of_the_redirect_uri_stays() {
        assert_eq!(to("https://rp/cb"), "https://rp/cb?code=x&state=a+b%26c&iss=https%3A%2F%2Fi");
        assert_eq!(to("https://rp/cb?q=1"), "https://rp/cb?q=1&code=x&state=a+b%26c&iss=https%3A%2F%2Fi");
        assert_eq!(to("app:/cb?"), "app:/cb?code=x&state=a+b%26c&iss=https%3A%2F%2Fi");
    }

    #[test]
    fn a_code_is_not_printed() {
        let text = format!(
            "{:?}",
            Respond::of(("https://rp", ResponseMode::Query), None, "i", vec![("code", "s3cret".to_owned())])
        );
        assert!(!text.contains("s3cret") && text.contains("code"), "{text}");
    }
}

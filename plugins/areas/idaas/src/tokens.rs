//! Tokens in the header, tokens in bodies, and the cookie of a web session.

use gatewright_core::PlainToken;
use gatewright_plugin::{cookie, request::Secure};
use poem::Request;
use poem_openapi::{SecurityScheme, auth::ApiKey};

/// The cookie that a token can be bound to.
const WEB_SESSION: &str = "INTELLITRUST_SESSION_ID";

/// The token of the reply before, in the header: bare or with `Bearer` before it.
#[derive(SecurityScheme)]
#[oai(rename = "idaasToken", ty = "api_key", key_name = "Authorization", key_in = "header")]
pub(crate) struct IdaasToken(pub(crate) ApiKey);

/// The header, or nothing: whether it is needed is decided with the rest of the request, so that a missing
/// token and a bad one are answered alike.
#[derive(SecurityScheme)]
pub(crate) enum MaybeToken {
    /// Sent.
    Sent(IdaasToken),
    /// Not sent.
    #[oai(fallback)]
    Missing,
}

impl MaybeToken {
    /// The token, where there is one that could be ours.
    pub(crate) fn read(&self) -> Option<PlainToken> {
        match self {
            Self::Sent(token) => received(&token.0.key),
            Self::Missing => None,
        }
    }
}

/// A token as clients send it. Public clients send it bare on completion and with `Bearer` on logout.
pub(crate) fn received(text: &str) -> Option<PlainToken> {
    let text = text.trim();
    let bare = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => text,
    };
    PlainToken::received(bare)
}

/// The cookie that a token may be bound to.
pub(crate) fn web_session(request: &Request) -> Option<PlainToken> {
    cookie(request, WEB_SESSION).and_then(|value| PlainToken::received(&value))
}

/// Hands out the cookie that a token is bound to. It lasts as long as the browser's session: when the token
/// ends, it binds nothing any more.
pub(crate) fn set_web_session(request: &Request, value: &PlainToken) -> String {
    format!("{WEB_SESSION}={}; {}", value.expose(), attributes(request))
}

/// Takes the cookie back, where there is one.
pub(crate) fn clear_web_session(request: &Request) -> Option<String> {
    let attributes = attributes(request);
    cookie(request, WEB_SESSION).map(|_| format!("{WEB_SESSION}=; Max-Age=0; {attributes}"))
}

fn attributes(request: &Request) -> &'static str {
    match request.extensions().get::<Secure>() {
        Some(Secure(true)) => "Path=/; HttpOnly; SameSite=Lax; Secure",
        _ => "Path=/; HttpOnly; SameSite=Lax",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "gwt_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH";

    #[test]
    fn a_token_may_stand_bare_or_after_the_word_bearer() {
        for sent in [TOKEN.to_owned(), format!("Bearer {TOKEN}"), format!("bearer  {TOKEN} ")] {
            assert_eq!(received(&sent).expect(&sent).expose(), TOKEN);
        }
    }

    #[test]
    fn anything_else_is_no_token() {
        for sent in
            ["", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "gwt_\u{0}", &format!("Bearer Bearer {TOKEN}")]
        {
            assert!(received(sent).is_none(), "{sent:?}");
        }
    }

    #[test]
    fn the_cookie_is_secure_where_the_connection_is() {
        let value = received(TOKEN).expect("a token");
        let mut request = Request::default();
        assert!(!set_web_session(&request, &value).contains("Secure"));
        request.extensions_mut().insert(Secure(true));
        let cookie = set_web_session(&request, &value);
        assert_eq!(
            cookie,
            format!("INTELLITRUST_SESSION_ID={TOKEN}; Path=/; HttpOnly; SameSite=Lax; Secure")
        );
        assert_eq!(clear_web_session(&request), None);
    }
}

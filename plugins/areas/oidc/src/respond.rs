//! The answer to an authorization request, as a redirect or a page.

use crate::page::{Rights, escaped, page};
use gatewright_contract::TenantId;
use gatewright_core::PlainToken;
use gatewright_oauth::{
    interact::Next,
    request::{Respond, ResponseMode},
};
use poem::{
    Response,
    http::{StatusCode, header},
};
use serde_json::{Map, Value};

/// Posts the form of the page.
const POST: &str = "document.forms[0].submit();";

/// Tells the window that opened this one, if it is of the origin that the answer is for.
const TELL: &str = "const d=document.querySelector('[data-response]').dataset;\
                    if(window.opener){window.opener.postMessage({type:'authorization_response',\
                    response:JSON.parse(d.response)},d.origin);window.close();}";

/// How it goes on with a request. `status` is that of redirects.
pub(crate) fn next(status: StatusCode, tenant: &TenantId, name: &PlainToken, next: &Next) -> Response {
    let page = |page: &str| redirect(status, &format!("/ui/{tenant}/{page}?auth_req_id={}", name.expose()));
    match next {
        Next::Login { .. } => page("login"),
        Next::Consent { .. } => page("consent"),
        Next::Respond(respond) => answer(status, respond),
    }
}

/// The answer in the way that the request asks for.
pub(crate) fn answer(status: StatusCode, respond: &Respond) -> Response {
    match (respond.mode, respond.origin()) {
        (ResponseMode::FormPost, Some(origin)) => form_post(respond, &origin),
        (ResponseMode::WebMessage, Some(origin)) => web_message(respond, &origin),
        _ => redirect(status, &respond.location()),
    }
}

/// A redirect that nobody keeps: there is a secret in it.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Response {
    Response::builder()
        .status(status)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .finish()
}

/// OAuth 2.0 Form Post Response Mode. Without scripts there is a button.
fn form_post(respond: &Respond, origin: &str) -> Response {
    let field = |(name, value): &(&str, String)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escaped(name), escaped(value))
    };
    let fields: String = respond.params.iter().map(field).collect();
    let body = format!(
        "<form method=\"post\" action=\"{}\">\n{fields}<button type=\"submit\">Continue</button>\n</form>",
        escaped(&respond.redirect_uri)
    );
    page(StatusCode::OK, "Continue", &body, &Rights { script: Some(POST), form_to: Some(origin) })
}

/// A message to the window that opened this one. The browser delivers it to the named origin only.
fn web_message(respond: &Respond, origin: &str) -> Response {
    let pairs = respond.params.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
    let json = Value::Object(Map::from_iter(pairs)).to_string();
    let body = format!(
        "<p data-origin=\"{}\" data-response=\"{}\">You can close this window.</p>",
        escaped(origin),
        escaped(&json)
    );
    page(StatusCode::OK, "Done", &body, &Rights { script: Some(TELL), form_to: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(mode: ResponseMode, uri: &str) -> Respond {
        let params = vec![("code", "c".to_owned()), ("state", "\"><script>x</script>".to_owned())];
        Respond { redirect_uri: uri.to_owned(), mode, params }
    }

    async fn read(mut response: Response) -> (String, String) {
        let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
        (policy, response.take_body().into_string().await.expect("a page"))
    }

    #[tokio::test]
    async fn what_comes_back_in_a_page_is_text() {
        for mode in [ResponseMode::FormPost, ResponseMode::WebMessage] {
            let response = answer(StatusCode::SEE_OTHER, &respond(mode, "https://rp.example/cb?a=1&b=2"));
            assert_eq!(response.headers()["cache-control"], "no-store");
            let (policy, html) = read(response).await;
            assert_eq!(html.matches("<script>").count(), 1, "{html}");
            assert!(policy.contains("script-src 'sha256-"), "{policy}");
            let form = if mode == ResponseMode::FormPost { "https://rp.example" } else { "'none'" };
            assert!(policy.ends_with(&format!("form-action {form}")), "{policy}");
        }
    }

    #[tokio::test]
    async fn a_form_goes_to_the_redirect_uri_whole() {
        let response =
            answer(StatusCode::SEE_OTHER, &respond(ResponseMode::FormPost, "https://rp.example/cb?a=1&b=2"));
        let (_, html) = read(response).await;
        assert!(html.contains("action=\"https://rp.example/cb?a=1&amp;b=2\""), "{html}");
        assert!(html.contains("name=\"code\" value=\"c\""), "{html}");
    }

    #[test]
    fn an_app_gets_a_redirect() {
        let response = answer(StatusCode::FOUND, &respond(ResponseMode::Query, "com.example:/cb"));
        assert_eq!(response.status(), 302);
        assert!(
            response.headers()["location"].to_str().is_ok_and(|to| to.starts_with("com.example:/cb?code=c&"))
        );
    }
}

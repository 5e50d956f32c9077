//! What a browser gets when it is done: a redirect, a page with frames of the others, or nothing.

use crate::{
    page::{Rights, escaped, page},
    respond::redirect,
};
use gatewright_oauth::logout::LoggedOut;
use gatewright_plugin::outcome::{cleared_session_cookie, secure};
use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use std::collections::BTreeSet;
use url::Url;

/// How long the frames have before the browser goes on.
const SECONDS: u8 = 3;

/// The answer. `status` is that of a redirect.
pub(super) fn answer(request: &Request, status: StatusCode, done: LoggedOut) -> Response {
    let mut response = match &done {
        LoggedOut { then: Some(then), frames, .. } if frames.is_empty() => redirect(status, then),
        done if wants_page(request) || !done.frames.is_empty() => logged_out(done),
        _ => Response::builder()
            .header(header::CACHE_CONTROL, "no-store")
            .content_type("application/json")
            .body("null"),
    };
    if done.own
        && let Ok(cookie) = HeaderValue::from_str(&cleared_session_cookie(secure(request)))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether somebody looks at it.
pub(super) fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn logged_out(done: &LoggedOut) -> Response {
    let mut body = "<h1>Logged out</h1>\n<p>You have been logged out.</p>\n".to_owned();
    if let Some(then) = &done.then {
        body.push_str(&format!("<p><a href=\"{}\">Continue</a></p>\n", escaped(then)));
    }
    for frame in &done.frames {
        body.push_str(&format!(
            "<iframe hidden title=\"Logging out\" src=\"{}\"></iframe>\n",
            escaped(frame)
        ));
    }
    let mut response = page(StatusCode::OK, "Logged out", &body, &Rights { script: None, form_to: None });
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy(&done.frames)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let refresh =
        done.then.as_ref().and_then(|then| HeaderValue::from_str(&format!("{SECONDS}; url={then}")).ok());
    if let Some(refresh) = refresh {
        headers.insert(header::REFRESH, refresh);
    }
    response
}

/// Frames of these origins and of no other (CSP Level 3, section 6.3).
fn policy(frames: &[String]) -> String {
    let origins: BTreeSet<String> = frames
        .iter()
        .filter_map(|frame| Url::parse(frame).ok())
        .map(|url| url.origin().ascii_serialization())
        .filter(|origin| origin != "null")
        .collect();
    let from = match origins.is_empty() {
        true => "'none'".to_owned(),
        false => origins.into_iter().collect::<Vec<_>>().join(" "),
    };
    format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; frame-src {from}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(accept: &str) -> Request {
        Request::builder().header(header::ACCEPT, accept).finish()
    }

    #[tokio::test]
    async fn frames_of_the_clients_and_of_nobody_else() {
        let done = LoggedOut {
            then: Some("https://rp.example/bye?state=%22%3E".to_owned()),
            frames: vec![
                "https://a.example/out?x=1&iss=y".to_owned(),
                "https://a.example/\"><script>".to_owned(),
            ],
            own: true,
        };
        let mut response = answer(&request("*/*"), StatusCode::FOUND, done);
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
        assert!(header("content-security-policy").ends_with("; frame-src https://a.example"));
        assert_eq!(header("refresh"), "3; url=https://rp.example/bye?state=%22%3E");
        assert!(header("set-cookie").starts_with("gatewright_session=; Path=/; Max-Age=0"));
        let html = response.take_body().into_string().await.expect("a page");
        assert!(
            html.contains("src=\"https://a.example/out?x=1&amp;iss=y\"") && !html.contains("<script>"),
            "{html}"
        );
    }

    #[tokio::test]
    async fn a_program_hears_nothing_and_a_person_something() {
        let mut quiet = answer(&request("*/*"), StatusCode::FOUND, LoggedOut::default());
        assert_eq!(quiet.take_body().into_string().await.expect("text"), "null");
        assert!(!quiet.headers().contains_key("set-cookie"));
        let page = answer(&request("text/html,*/*"), StatusCode::FOUND, LoggedOut::default());
        assert!(
            page.headers()["content-security-policy"].to_str().is_ok_and(|p| p.ends_with("frame-src 'none'"))
        );
        let then = LoggedOut { then: Some("https://rp.example/".to_owned()), ..LoggedOut::default() };
        assert_eq!(answer(&request("text/html"), StatusCode::SEE_OTHER, then).status(), 303);
    }
}

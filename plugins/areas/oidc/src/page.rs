//! The few pages that the provider writes itself: what a browser sends on without being asked, and what must not be sent on.

use data_encoding::BASE64;
use gatewright_core::{HashedToken, Problem};
use gatewright_oauth::OAuthError;
use poem::{
    Response,
    http::{StatusCode, header},
};
use std::fmt::Write;

/// What a page may load and do.
pub(crate) struct Rights<'a> {
    /// The one script that runs in it, as it stands there.
    pub(crate) script: Option<&'static str>,
    /// The one origin that its form may be sent to.
    pub(crate) form_to: Option<&'a str>,
}

impl Rights<'_> {
    /// `Content-Security-Policy` (CSP Level 3).
    fn policy(&self) -> String {
        let mut policy =
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'".to_owned();
        if let Some(script) = self.script {
            let hash = BASE64.encode(&HashedToken::of(script.as_bytes()).0);
            let _ = write!(policy, "; script-src 'sha256-{hash}'");
        }
        let _ = write!(policy, "; form-action {}", self.form_to.unwrap_or("'none'"));
        policy
    }
}

/// A page. `body` is HTML.
pub(crate) fn page(status: StatusCode, title: &str, body: &str, rights: &Rights<'_>) -> Response {
    let script = rights.script.map(|script| format!("<script>{script}</script>")).unwrap_or_default();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <link rel=\"stylesheet\" href=\"/ui/assets/ui.css\">\n</head>\n<body>\n<main>\n{body}\n</main>\n{script}\n</body>\n</html>\n",
        escaped(title)
    );
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CONTENT_SECURITY_POLICY, rights.policy())
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// What is told to the person, since it can't be told to an application: no redirect.
pub(crate) fn error_page(error: &OAuthError) -> Response {
    let status = error.cause.as_ref().map_or(400, |problem| match problem.status {
        status @ (404 | 429 | 500..) => status,
        _ => 400,
    });
    let body = format!(
        "<h1>This login can't go on</h1>\n<p>{}</p>\n<p><small>{}</small></p>",
        escaped(&error.description),
        escaped(error.code.as_str())
    );
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    page(status, "This login can't go on", &body, &Rights { script: None, form_to: None })
}

/// The same for what is not about OAuth.
pub(crate) fn problem_page(problem: Problem) -> Response {
    error_page(&problem.into())
}

/// Text as HTML, within an element or an attribute in quotation marks.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn text_stays_text() {
        let error = OAuthError::invalid("<script>alert('x')</script>");
        let mut response = error_page(&error);
        assert_eq!(response.status(), 400);
        let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(!policy.contains("script-src") && policy.contains("form-action 'none'"), "{policy}");
        let html = response.take_body().into_string().await.expect("a page");
        assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)") && !html.contains("<script>"), "{html}");
    }

    #[test]
    fn a_script_runs_by_its_hash() {
        // echo -n 'f()' | openssl dgst -sha256 -binary | base64
        let rights = Rights { script: Some("f()"), form_to: Some("https://rp.example") };
        let policy = rights.policy();
        assert!(
            policy.contains("script-src 'sha256-GcEEE0IkDzIP5EQ6DXZaDPORqT5RTBELX8Fyzyg9yvo='"),
            "{policy}"
        );
        assert!(policy.ends_with("form-action https://rp.example"), "{policy}");
    }
}

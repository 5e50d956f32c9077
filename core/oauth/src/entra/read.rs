//! The request of Entra, which is none of the usual ones.

use super::Asked;
use crate::{
    Client, ErrorCode, OAuthError, Params, Provider, Result,
    client::EntraFlow,
    request::{AuthorizationRequest, OPENID, Prompt, ResponseMode},
};
use gatewright_core::Tenant;
use serde_json::Value;

/// Where Entra takes answers, in its clouds. Nothing else, whatever is registered.
const ANSWERS: [&str; 3] = [
    "https://login.microsoftonline.com/common/federation/externalauthprovider",
    "https://login.microsoftonline.us/common/federation/externalauthprovider",
    "https://login.partner.microsoftonline.cn/common/federation/externalauthprovider",
];

/// Values of one claim at most.
const MOST: usize = 50;
const LONGEST_NONCE: usize = 1_024;
const LONGEST_CLAIMS: usize = 8 * 1_024;

impl Provider {
    /// Reads it. `plain`: a request with the redirect URI and state of this one, and nothing else.
    pub(crate) async fn entra_request(
        &self,
        (tenant, client, flow): (&Tenant, &Client, &EntraFlow),
        params: &Params,
        plain: AuthorizationRequest,
    ) -> Result<AuthorizationRequest> {
        if !ANSWERS.contains(&plain.redirect_uri.as_str()) {
            return Err(OAuthError::invalid("The redirect_uri is not one of Microsoft Entra."));
        }
        if params.required("response_type")? != "id_token" {
            let why = "A client of Microsoft Entra is answered response_type=id_token, and nothing else.";
            return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, why));
        }
        if params.get("response_mode") != Some("form_post") {
            return Err(OAuthError::invalid(
                "A client of Microsoft Entra is answered in response_mode=form_post.",
            ));
        }
        if !params.words("scope").iter().any(|scope| scope == OPENID) {
            return Err(OAuthError::new(ErrorCode::InvalidScope, "The scope must be openid."));
        }
        let nonce = params.required("nonce")?;
        if nonce.len() > LONGEST_NONCE {
            return Err(OAuthError::invalid("The parameter nonce is too long."));
        }
        let claims = params.required("claims")?;
        let (acr, amr) = (wanted(claims, "acr")?, wanted(claims, "amr")?);
        let hint = self.entra_hint(tenant, client, flow, params.required("id_token_hint")?).await?;
        let person = self.entra_person(&tenant.id, &hint).await?;
        let asked = Asked { subject: hint.subject, person: person.id, acr, amr };
        Ok(AuthorizationRequest {
            scopes: vec![OPENID.to_owned()],
            nonce: Some(nonce.to_owned()),
            response_mode: ResponseMode::FormPost,
            prompt: Prompt { login: true, ..Prompt::default() },
            login_hint: Some(person.username),
            entra: Some(asked),
            ..plain
        })
    }
}

/// The values of a claim of the ID token that will do.
fn wanted(claims: &str, name: &str) -> Result<Vec<String>> {
    let wrong =
        || OAuthError::invalid(format!("The parameter claims must name the values of {name} that will do."));
    let fits = claims.len() <= LONGEST_CLAIMS;
    let claims: Value = fits.then(|| serde_json::from_str(claims).ok()).flatten().ok_or_else(wrong)?;
    let asked = claims.get("id_token").and_then(|members| members.get(name)).ok_or_else(wrong)?;
    let many = asked.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let all = many.iter().chain(asked.get("value")).take(MOST);
    let values: Vec<String> = all.filter_map(Value::as_str).map(str::to_owned).collect();
    if values.is_empty() { Err(wrong()) } else { Ok(values) }
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn what_will_do_is_a_list_or_one() {
        let claims = r#"{"id_token":{"acr":{"essential":true,"value":"possession"},"amr":{"values":["otp","sms",7]}}}"#;
        assert_eq!(wanted(claims, "acr").expect("reads"), ["possession"]);
        assert_eq!(wanted(claims, "amr").expect("reads"), ["otp", "sms"]);
        let long = "x".repeat(9_000);
        for bad in
            ["{}", "[]", "x", r#"{"id_token":{"amr":null}}"#, r#"{"id_token":{"amr":{"values":[]}}}"#, &long]
        {
            assert!(wanted(bad, "amr").is_err(), "{bad}");
        }
    }
}

//! Signed requests by value (RFC 9101): the parameters are the claims of a JWT that the client has signed.

use crate::{Client, ErrorCode, OAuthError, Params, Provider, Result, jose::ALGORITHMS};
use gatewright_contract::Timestamp;
use gatewright_core::Tenant;
use serde_json::{Map, Value};

/// Seconds by which clocks may differ.
const APART: i64 = 60;

/// Claims about the object itself, which are no parameters.
const OF_THE_OBJECT: &[&str] = &["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

fn refused(why: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestObject, format!("The signed request is not good: {why}."))
}

impl Provider {
    /// The parameters that count: those of the request object where there is one, and then no other.
    pub(super) async fn unpacked(&self, tenant: &Tenant, client: &Client, params: &Params) -> Result<Params> {
        let Some(text) = params.get("request") else { return Ok(params.clone()) };
        if params.get("request_uri").is_some() {
            return Err(OAuthError::invalid("Send request or request_uri, and not both."));
        }
        let read = self.client_jwt(&tenant.id, client, text, ALGORITHMS).await?;
        let read = read.map_err(|flaw| refused(&flaw.to_string()))?;
        // Something else that the client has signed is no request (RFC 9101, section 10.8).
        if !matches!(read.typ().as_str(), "" | "jwt" | "oauth-authz-req+jwt") {
            return Err(refused("its typ is not oauth-authz-req+jwt"));
        }
        if !read.audience().contains(&self.issuer(tenant).as_str()) {
            return Err(refused("aud is not the issuer"));
        }
        judge(client, &read.claims, self.engine.now(), (read.time("exp"), read.time("nbf")))?;
        Ok(Params::of(pairs(&read.claims)?))
    }
}

fn judge(
    client: &Client,
    claims: &Map<String, Value>,
    now: Timestamp,
    (exp, nbf): (Option<i64>, Option<i64>),
) -> Result<()> {
    let is_client = |name: &str| claims.get(name).and_then(Value::as_str) == Some(client.client_id.as_str());
    let now = now.as_secs();
    if !is_client("iss") || !is_client("client_id") {
        return Err(refused("iss and client_id are not the client"));
    }
    if is_client("sub") {
        return Err(refused("it is an assertion of the client"));
    }
    if exp.is_none_or(|exp| exp <= now) || nbf.is_some_and(|nbf| nbf > now + APART) {
        return Err(refused("exp is missing or past, or nbf has not come"));
    }
    match ["request", "request_uri"].iter().any(|name| claims.contains_key(*name)) {
        true => Err(refused("there is another request in it")),
        false => Ok(()),
    }
}

/// Claims as parameters. What is no text there is JSON here, as in a query.
fn pairs(claims: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for (name, value) in claims.iter().filter(|(name, _)| !OF_THE_OBJECT.contains(&name.as_str())) {
        match value {
            Value::String(text) => pairs.push((name.clone(), text.clone())),
            Value::Array(many) if name == "resource" => {
                for one in many {
                    let text = one.as_str().ok_or_else(|| refused("resource is not a list of texts"))?;
                    pairs.push((name.clone(), text.to_owned()));
                }
            }
            Value::Null => {}
            other => pairs.push((name.clone(), other.to_string())),
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(more: Value) -> Map<String, Value> {
        let mut claims = json!({"iss": "c", "client_id": "c", "scope": "openid", "max_age": 5,
                                "resource": ["https://a", "https://b"], "claims": {"userinfo": {}}, "aud": "i"});
        let all = claims.as_object_mut().expect("an object");
        all.extend(more.as_object().cloned().unwrap_or_default());
        all.clone()
    }

    fn verdict(more: Value, exp: Option<i64>) -> bool {
        let client = Client { client_id: "c".to_owned(), ..Client::default() };
        judge(&client, &claims(more), Timestamp::from_secs(1_000), (exp, None)).is_ok()
    }

    #[test]
    fn it_is_of_this_client_for_now_and_has_no_other_within() {
        assert!(verdict(json!({}), Some(1_001)));
        assert!(!verdict(json!({}), Some(1_000)) && !verdict(json!({}), None));
        for bad in [
            json!({"iss": "d"}),
            json!({"client_id": "d"}),
            json!({"client_id": null}),
            json!({"sub": "c"}),
            json!({"request": "x"}),
            json!({"request_uri": "x"}),
        ] {
            assert!(!verdict(bad.clone(), Some(1_001)), "{bad}");
        }
    }

    #[test]
    fn claims_are_parameters() {
        let params = Params::of(pairs(&claims(json!({}))).expect("reads"));
        assert_eq!((params.get("max_age"), params.get("claims")), (Some("5"), Some("{\"userinfo\":{}}")));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
        assert_eq!((params.get("iss"), params.get("aud")), (None, None));
    }
}

//! `claims`: which claims are asked for one by one (OpenID Connect Core, section 5.5).

use super::Acr;
use crate::{OAuthError, Params, Result};
use serde_json::Value;

/// Bytes at most.
const LONGEST: usize = 8 * 1024;
/// How deep it may be at most: member, claim, its object, its list of values.
const DEEPEST: usize = 5;

/// Reads the parameter.
pub(super) fn read(params: &Params) -> Result<Option<Value>> {
    let Some(text) = params.get("claims") else { return Ok(None) };
    let wrong = |what: &str| Err(OAuthError::invalid(format!("The parameter claims {what}.")));
    if text.len() > LONGEST {
        return wrong("is too long");
    }
    let Ok(claims) = serde_json::from_str::<Value>(text) else { return wrong("is not JSON") };
    if depth(&claims) > DEEPEST {
        return wrong("is nested too deeply");
    }
    let members = ["id_token", "userinfo"].map(|name| claims.get(name));
    if !claims.is_object() || members.iter().flatten().any(|member| !member.is_object()) {
        return wrong("must be an object with the members id_token and userinfo");
    }
    Ok(Some(claims))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// What is asked of one claim of the ID token.
fn of_id_token<'a>(claims: &'a Option<Value>, name: &str) -> Option<&'a Value> {
    claims.as_ref()?.get("id_token")?.get(name)
}

/// The values that will do.
fn values(asked: &Value) -> Vec<String> {
    let many = asked.get("values").and_then(Value::as_array);
    let all = many.into_iter().flatten().chain(asked.get("value"));
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_essential(asked: &Value) -> bool {
    asked.get("essential").and_then(Value::as_bool).unwrap_or(false)
}

/// `acr` of the ID token; else `acr_values`, which is never essential (section 3.1.2.1).
pub(super) fn acr(params: &Params, claims: &Option<Value>) -> Option<Acr> {
    let asked =
        of_id_token(claims, "acr").map(|asked| Acr { values: values(asked), essential: is_essential(asked) });
    let listed = || Acr { values: params.words("acr_values"), essential: false };
    let acr = asked.filter(|acr| !acr.values.is_empty()).unwrap_or_else(listed);
    (!acr.values.is_empty()).then_some(acr)
}

/// The `sub` that is asked for (section 5.5.1).
pub(super) fn subject(claims: &Option<Value>) -> Option<String> {
    of_id_token(claims, "sub")?.get("value")?.as_str().map(str::to_owned)
}

/// Whether `auth_time` is asked for.
pub(crate) fn wants_auth_time(claims: &Option<Value>) -> bool {
    of_id_token(claims, "auth_time").is_some_and(is_essential)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_asked_of_the_id_token_is_found() {
        let text = r#"{"id_token":{"acr":{"essential":true,"values":["aal2","aal3"]},"sub":{"value":"s"},
                       "auth_time":{"essential":true}},"userinfo":{"email":null}}"#;
        let claims = read(&params(&[("claims", text)])).expect("reads");
        let acr = acr(&params(&[("acr_values", "aal1")]), &claims).expect("asked for");
        assert_eq!((acr.values.join(" "), acr.essential), ("aal2 aal3".to_owned(), true));
        assert_eq!(subject(&claims).as_deref(), Some("s"));
        assert!(wants_auth_time(&claims) && !wants_auth_time(&None));
        let listed = super::acr(&params(&[("acr_values", "b a")]), &None).expect("asked for");
        assert_eq!((listed.values.join(" "), listed.essential), ("b a".to_owned(), false));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let deep = format!("{{\"id_token\":{{\"x\":{}1{}}}}}", "[".repeat(9), "]".repeat(9));
        let long = format!("{{\"id_token\":{{\"x\":\"{}\"}}}}", "y".repeat(LONGEST));
        for bad in ["[]", "7", "{", "{\"id_token\":[]}", "{\"userinfo\":\"x\"}", &deep, &long] {
            assert!(read(&params(&[("claims", bad)])).is_err(), "{bad}");
        }
        assert!(read(&params(&[])).expect("reads").is_none());
    }
}

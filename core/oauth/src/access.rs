//! Access tokens as they are stored, or signed.

use crate::grant::Bound;
use gatewright_contract::{PersonId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The kind of the record of an opaque access token: its key is the hash of the token, its owner the grant, or, where there is
/// none, the record of the client.
pub const TOKEN: &str = "oauth-token";

/// The kind of the record of a JWT that was revoked before its end: its key is the `jti`.
pub const REVOKED: &str = "oauth-revoked";

/// Prefix of an opaque access token.
pub const OPAQUE: &str = "gwo";

/// `typ` of the header of a signed access token (RFC 9068, section 2.1): an ID token has another.
pub const TYP: &str = "at+jwt";

/// What an access token says, whether it is stored or signed.
///
/// About a person only a token with a grant is: who it is and in which session is read there, so that a signed token says
/// neither to its client, which may know the person by another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The client that it was issued to.
    pub client_id: String,
    /// What that client calls the person; its own name where there is no person.
    pub sub: String,
    /// The person; none for a client on its own behalf.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The session behind it; none for a client, and for a grant that outlives its session.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// The grant: when it is gone, the token is.
    #[serde(default)]
    pub grant: Option<Uuid>,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// For whom it is: resources, or the issuer itself.
    pub audience: Vec<String>,
    /// What it must be shown with.
    #[serde(default)]
    pub bound: Bound,
    /// Who acts for the person (RFC 8693, section 4.1).
    #[serde(default)]
    pub actor: Option<Value>,
    /// When it was made.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Its name: of a JWT the `jti`, of an opaque one the id of its record.
    pub id: String,
}

impl Access {
    /// The claims of a signed token (RFC 9068, section 2.2). Who signs may add what says more of the login.
    pub fn claims(&self, issuer: &str) -> Map<String, Value> {
        let audience = match self.audience.as_slice() {
            [one] => json!(one),
            all => json!(all),
        };
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(issuer));
        put("sub", json!(self.sub));
        put("aud", audience);
        put("client_id", json!(self.client_id));
        put("iat", json!(self.issued.as_secs()));
        put("exp", json!(self.expires.as_secs()));
        put("jti", json!(self.id));
        if !self.scopes.is_empty() {
            put("scope", json!(self.scopes.join(" ")));
        }
        if self.bound != Bound::default() {
            put("cnf", json!(self.bound));
        }
        if let Some(actor) = &self.actor {
            put("act", actor.clone());
        }
        if let Some(grant) = &self.grant {
            put("grant_id", json!(grant));
        }
        claims
    }

    /// From the claims of a signed token whose signature was verified; none where one of them has not its shape.
    pub fn of_claims(claims: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name)?.as_str().map(str::to_owned);
        let time = |name: &str| claims.get(name)?.as_i64().map(Timestamp::from_secs);
        let audience = match claims.get("aud")? {
            Value::String(one) => vec![one.clone()],
            Value::Array(all) => all.iter().map(|a| a.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            _ => return None,
        };
        let bound = claims.get("cnf").map(|cnf| serde_json::from_value(cnf.clone())).transpose();
        let grant = claims.get("grant_id").map(|id| serde_json::from_value(id.clone())).transpose();
        Some(Self {
            client_id: text("client_id")?,
            sub: text("sub")?,
            person: None,
            session: None,
            grant: grant.ok()?,
            scopes: text("scope").unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect(),
            audience,
            bound: bound.ok()?.unwrap_or_default(),
            actor: claims.get("act").cloned(),
            issued: time("iat")?,
            expires: time("exp")?,
            id: text("jti")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access {
            client_id: "shop".into(),
            sub: "pairwise-name".into(),
            person: None,
            session: None,
            grant: Some(Uuid::from_u128(7)),
            scopes: vec!["openid".into(), "email".into()],
            audience: vec!["https://api.example.com".into()],
            bound: Bound { jkt: Some("thumbprint".into()), x5t: None },
            actor: Some(json!({"sub": "robot"})),
            issued: Timestamp::from_secs(1_000),
            expires: Timestamp::from_secs(1_600),
            id: "one".into(),
        }
    }

    #[test]
    fn what_is_signed_is_read_again() {
        let mut access = access();
        let claims = access.claims("https://id.example.com/api/oidc/default");
        assert_eq!(claims["aud"], "https://api.example.com");
        assert_eq!((&claims["scope"], &claims["cnf"]["jkt"]), (&json!("openid email"), &json!("thumbprint")));
        assert_eq!(Access::of_claims(&claims).as_ref(), Some(&access));
        access.audience.push("https://other.example.com".into());
        access.grant = None;
        assert_eq!(Access::of_claims(&access.claims("i")).as_ref(), Some(&access));
    }

    #[test]
    fn a_person_is_never_named_beside_the_subject() {
        let access = Access { person: Some(PersonId(Uuid::from_u128(5))), ..access() };
        let text = Value::Object(access.claims("i")).to_string();
        assert!(!text.contains(&Uuid::from_u128(5).to_string()));
    }

    #[test]
    fn claims_of_another_shape_are_no_access_token() {
        for (name, bad) in
            [("aud", json!(7)), ("exp", json!("soon")), ("grant_id", json!("x")), ("cnf", json!(1))]
        {
            let mut claims = access().claims("i");
            claims.insert(name.into(), bad);
            assert_eq!(Access::of_claims(&claims), None, "{name}");
        }
        for name in ["client_id", "sub", "aud", "iat", "exp", "jti"] {
            let mut claims = access().claims("i");
            claims.remove(name);
            assert_eq!(Access::of_claims(&claims), None, "{name}");
        }
    }
}

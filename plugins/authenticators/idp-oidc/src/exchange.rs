//! From the code to what the provider says (RFC 6749, section 4.1.3; OpenID Connect Core 1.0, sections 3.1.3 and 5.3).

use crate::{
    config::{ClientAuth, Provider},
    fetch::{End, fetch},
    flow::{Flow, Said},
    id_token::{Expected, Flaw, check},
    known::Known,
    metadata::Metadata,
};
use data_encoding::BASE64;
use gatewright_contract::{Host, Timestamp};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded::{Serializer, byte_serialize};

const MAX_ANSWER: usize = 64 * 1024;
/// Bounds of what is kept of the claims, in bytes of JSON: of one and of all.
const MAX_CLAIM: usize = 2 * 1024;
const MAX_CLAIMS: usize = 8 * 1024;
/// Claims about the token and not about the person.
const OF_THE_TOKEN: &[&str] =
    &["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "jti", "sid"];

/// What an exchange is made with.
pub(crate) struct Exchange<'a> {
    pub(crate) host: &'a Host,
    pub(crate) known: &'a Known,
    pub(crate) name: &'a str,
    pub(crate) provider: &'a Provider,
    pub(crate) metadata: &'a Metadata,
    pub(crate) flow: &'a Flow,
    pub(crate) now: Timestamp,
    pub(crate) leeway: i64,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Exchange<'_> {
    /// The whole way.
    pub(crate) async fn run(&self, code: &str) -> Result<Said, End> {
        let tokens = self.redeem(code).await?;
        let id_token = tokens.id_token.ok_or(End::Refused("there is no ID token in the answer"))?;
        let access_token = tokens.access_token.as_deref();
        let mut claims = self.checked(&id_token, access_token).await?;
        // Only what is signed counts as that.
        let amr = self.provider.trust_amr.then(|| amr(&claims));
        if let (true, Some(url)) = (self.provider.userinfo, &self.metadata.userinfo) {
            let access_token = access_token.ok_or(End::Refused("there is no access token in the answer"))?;
            self.userinfo(url, access_token, &mut claims).await?;
        }
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Said { subject, amr, claims: kept(claims) })
    }

    async fn redeem(&self, code: &str) -> Result<Tokens, End> {
        let answer = fetch(self.host, "its token endpoint", self.request(code)).await?;
        match answer.status {
            200 => answer.json("what its token endpoint says"),
            400 if answer.json::<Refusal>("").is_ok_and(|said| said.error == "invalid_grant") => {
                Err(End::Refused("the code is not good (any more)"))
            }
            // A wrong secret, a client that is not known: the operator's, not the person's.
            status => Err(End::Down(format!("its token endpoint refuses us with status {status}"))),
        }
    }

    fn request(&self, code: &str) -> Value {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.flow.redirect_uri)
            .append_pair("code_verifier", self.flow.verifier.expose());
        let mut headers = json!({
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded",
        });
        let client_id = &self.provider.client_id;
        match self.provider.auth() {
            None => {
                form.append_pair("client_id", client_id);
            }
            Some((ClientAuth::Post, secret)) => {
                form.append_pair("client_id", client_id).append_pair("client_secret", secret.expose());
            }
            Some((ClientAuth::Basic, secret)) => {
                // Each is encoded before they are joined (RFC 6749, section 2.3.1).
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(client_id), encoded(secret.expose()));
                headers["authorization"] = format!("Basic {}", BASE64.encode(pair.as_bytes())).into();
            }
        }
        json!({
            "method": "POST",
            "url": self.metadata.token,
            "headers": headers,
            "body": form.finish(),
            "limit": MAX_ANSWER,
        })
    }

    async fn checked(&self, token: &str, access_token: Option<&str>) -> Result<Map<String, Value>, End> {
        let algorithms: Vec<Algorithm> = self.provider.algorithms.iter().map(|one| one.jws()).collect();
        let acr = if self.provider.require_acr { self.provider.acr_values.as_slice() } else { &[] };
        let expected = Expected {
            issuer: &self.provider.issuer,
            client_id: &self.provider.client_id,
            audiences: &self.provider.audiences,
            algorithms: &algorithms,
            nonce: &self.flow.nonce,
            access_token,
            now: self.now.as_secs(),
            leeway: self.leeway,
            begun: self.flow.begun,
            max_age: self.flow.max_age,
            acr,
        };
        for anew in [false, true] {
            let place = (self.name, self.metadata.keys.as_str());
            let keys = self.known.keys(self.host, place, self.now, anew).await?;
            match check(token, &keys, &expected) {
                Ok(claims) => return Ok(claims),
                Err(Flaw::Bad(why)) => return Err(End::Refused(why)),
                Err(Flaw::Key) => {}
            }
        }
        Err(End::Refused("the key of the ID token is not among the provider's"))
    }

    /// Adds what the ID token does not say. An answer about somebody else is an attack (section 5.3.2).
    async fn userinfo(
        &self,
        url: &str,
        access_token: &str,
        claims: &mut Map<String, Value>,
    ) -> Result<(), End> {
        let headers =
            json!({"accept": "application/json", "authorization": format!("Bearer {access_token}")});
        let ask = json!({"url": url, "headers": headers, "limit": MAX_ANSWER});
        let answer = fetch(self.host, "its user info", ask).await?;
        if answer.status != 200 {
            return Err(End::Down(format!("its user info endpoint answers with status {}", answer.status)));
        }
        let more: Map<String, Value> = answer.json("its user info")?;
        if more.get("sub") != claims.get("sub") {
            return Err(End::Refused("the user info is about somebody else"));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }
}

/// The words of the provider, where they look like those of RFC 8176.
fn amr(claims: &Map<String, Value>) -> Vec<String> {
    let word = |text: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        (1..=32).contains(&text.len()) && text.bytes().all(plain)
    };
    let said = claims.get("amr").and_then(Value::as_array).into_iter().flatten();
    let said = said.filter_map(Value::as_str).filter(word).take(8).map(str::to_owned);
    std::iter::once("fed".to_owned()).chain(said).collect()
}

/// What is worth keeping, as much as there is room for.
fn kept(claims: Map<String, Value>) -> Map<String, Value> {
    let mut room = MAX_CLAIMS;
    let mut fits = |name: &str, value: &Value| {
        let size = name.len() + value.to_string().len();
        let fits = size <= MAX_CLAIM && size <= room && !OF_THE_TOKEN.contains(&name);
        room -= if fits { size } else { 0 };
        fits
    };
    claims.into_iter().filter(|(name, value)| fits(name, value)).collect()
}

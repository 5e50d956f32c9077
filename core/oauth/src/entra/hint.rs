//! `id_token_hint` of Entra: whose account there is meant. It proves nothing about who holds the browser, and may come again.

use crate::{
    Client, ErrorCode, OAuthError, Provider, Result,
    client::EntraFlow,
    jose::{Flaw, Verified, verify},
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{Person, Tenant};
use uuid::Uuid;

/// How old a hint may be, in seconds: Entra gives up then. It is over when it comes, by design.
const OLDEST: i64 = 600;
/// Seconds by which clocks may differ.
const APART: i64 = 60;

/// An account of Entra.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hint {
    /// What Entra calls the person for this client.
    pub(super) subject: String,
    /// The directory.
    pub(super) directory: Uuid,
    /// The account in it. Names change owners; this does not.
    pub(super) object: Uuid,
}

fn refused(why: &str) -> OAuthError {
    OAuthError::invalid(format!("The id_token_hint is not good: {why}."))
}

impl Provider {
    pub(super) async fn entra_hint(
        &self,
        tenant: &Tenant,
        client: &Client,
        flow: &EntraFlow,
        text: &str,
    ) -> Result<Hint> {
        let url = self.entra_keys(&tenant.id, flow).await?;
        let judged = verify(text, &self.keys_at(&tenant.id, &url, false).await?, &["RS256"]);
        let judged = match judged {
            Err(Flaw::Key) => verify(text, &self.keys_at(&tenant.id, &url, true).await?, &["RS256"]),
            judged => judged,
        };
        let read = judged.map_err(|flaw| refused(&flaw.to_string()))?;
        judge(&read, client, flow, self.engine.now())
    }

    /// Who has this account here.
    pub(super) async fn entra_person(&self, tenant: &TenantId, hint: &Hint) -> Result<Person> {
        let linked = self.entra_linked(tenant, hint.directory, hint.object).await?;
        let person = match linked {
            Some(person) => self.engine.store().person(tenant, person).await?,
            None => None,
        };
        // Whether there is nobody, or somebody who may not log in, Entra need not know.
        person.filter(Person::may_log_in).ok_or_else(|| {
            OAuthError::new(
                ErrorCode::AccessDenied,
                "This account is not linked to anybody who can log in here.",
            )
        })
    }
}

fn judge(read: &Verified, client: &Client, flow: &EntraFlow, now: Timestamp) -> Result<Hint> {
    if read.text("iss") != Some(flow.issuer.as_str()) {
        return Err(refused("iss is not the issuer that the client is registered with"));
    }
    if read.audience() != [client.client_id.as_str()] {
        return Err(refused("aud is not the client"));
    }
    let age = read.time("iat").map(|issued| now.as_secs().saturating_sub(issued));
    if !age.is_some_and(|age| (-APART..=OLDEST).contains(&age)) {
        return Err(refused("it is older than ten minutes, or of the future"));
    }
    let id = |name: &str| read.text(name).and_then(|text| Uuid::try_parse(text).ok());
    let (directory, object) = (id("tid"), id("oid"));
    let (Some(directory), Some(object), Some(subject)) = (directory, object, read.text("sub")) else {
        return Err(refused("tid, oid or sub is missing"));
    };
    if !flow.issuer.contains(&format!("/{directory}/")) {
        return Err(refused("tid is not that of its issuer"));
    }
    match subject.len() {
        1..=255 => Ok(Hint { subject: subject.to_owned(), directory, object }),
        _ => Err(refused("sub is not 1 to 255 bytes long")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const TID: &str = "9a4ee5a0-6d11-4b6c-8a4b-0f8a0f2f3b11";
    const OID: &str = "1c1c1c1c-6d11-4b6c-8a4b-0f8a0f2f3b11";

    fn judged(change: Value) -> Result<Hint> {
        let issuer = format!("https://login.microsoftonline.com/{TID}/v2.0");
        let mut claims =
            json!({"iss": issuer, "aud": "app", "tid": TID, "oid": OID, "sub": "s", "iat": 9_500, "exp": 1});
        let all = claims.as_object_mut().expect("an object");
        all.extend(change.as_object().cloned().unwrap_or_default());
        let read = Verified { header: json!({}), claims: all.clone() };
        let client = Client { client_id: "app".to_owned(), ..Client::default() };
        judge(&read, &client, &EntraFlow { issuer }, Timestamp::from_secs(10_000))
    }

    #[test]
    fn a_hint_is_of_this_directory_for_this_client_and_young() {
        let good = judged(json!({})).expect("good, though it is over");
        assert_eq!((good.subject.as_str(), good.object.to_string()), ("s", OID.to_owned()));
        assert!(judged(json!({"iat": 9_400})).is_ok() && judged(json!({"iat": 10_060})).is_ok());
        for bad in [
            json!({"iat": 9_399}),
            json!({"iat": 10_061}),
            json!({"iat": null}),
            json!({"iss": "https://login.microsoftonline.com/other/v2.0"}),
            json!({"aud": "others"}),
            json!({"aud": ["app", "others"]}),
            json!({"tid": OID}),
            json!({"tid": null}),
            json!({"oid": "ann@example.com"}),
            json!({"sub": ""}),
        ] {
            assert!(judged(bad.clone()).is_err(), "{bad}");
        }
    }
}

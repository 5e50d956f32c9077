//! `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523, section 2.1).
//!
//! A client signs with its own keys that it comes for a person. That is the client's word alone; so it gets no more than it
//! could have by a refresh token: the person has a grant for this client that is good now, and the token is of that grant, for
//! its scopes and resources or fewer. There is no refresh token and no ID token. A client that knows people by pairwise names
//! can't name one here.

use super::{Call, held::Held, narrow};
use crate::{
    ErrorCode, OAuthError, Provider, Result,
    client::SubjectType,
    grant::Grant,
    issue::{Making, TokenReply},
    jose::{ALGORITHMS, Verified},
};
use gatewright_contract::{PersonId, Timestamp};
use gatewright_core::store::Write;
use std::time::Duration;

/// How far ahead its end may be, and how far clocks may differ, in seconds.
const MOST_AHEAD: i64 = 600;
const SKEW: i64 = 60;
/// Bytes of its `jti` at most.
const LONGEST_ID: usize = 255;

impl Provider {
    pub(super) async fn by_assertion(&self, call: Call<'_>) -> Result<TokenReply> {
        let Call { tenant, client, form, .. } = &call;
        if !client.is_confidential() || client.subject_type != SubjectType::Public {
            let text = "This grant is for confidential clients that know people by public names.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, text));
        }
        let text = form.required("assertion")?;
        let read = self.client_jwt(&tenant.id, client, text, ALGORITHMS).await?;
        let read = read.map_err(|flaw| refused(&call, &flaw.to_string()))?;
        let issuer = self.issuer(tenant);
        let names = [format!("{issuer}/token"), call.url.to_owned(), issuer];
        let now = self.engine.now();
        let good = judge(&read, &client.client_id, &names, now).map_err(|why| refused(&call, why))?;
        let until = Timestamp::from_secs(good.expires).plus(Duration::from_secs(2 * SKEW.unsigned_abs()));
        let key = format!("{} {}", client.client_id, good.jti);
        if !self.use_once(&tenant.id, "jwt-bearer", &key, until).await? {
            return Err(refused(&call, "its jti was used before"));
        }
        let held = self.held(&call, good.person, |_| true).await?;
        let Held { id, grant } =
            held.ok_or_else(|| refused(&call, "the person has given this client nothing"))?;
        self.of_held(&call, id, &grant).await
    }

    async fn of_held(&self, call: &Call<'_>, id: uuid::Uuid, grant: &Grant) -> Result<TokenReply> {
        let terms = &grant.terms;
        self.still_there(call, terms).await?;
        let making = Making {
            client: call.client,
            sub: self.subject(&call.tenant.id, call.client, terms.person).await?,
            terms: Some(terms),
            grant: Some(id),
            scopes: narrow::scopes(call.form, &narrow::still(call.client, &terms.scopes))?,
            audience: narrow::resources(call.form, &terms.resources, &terms.resources)?,
            bound: call.bound.clone(),
            actor: None,
            until: Some(grant.expires),
        };
        let mut writes = Vec::with_capacity(2);
        let (text, access) = self.access_token(call.tenant, making, &mut writes).await?;
        let now = self.engine.now();
        let event = super::end::grant_event("token.asserted", &call.tenant.id, now, call.origin, terms);
        writes.push(Write::Audit(event));
        self.commit_once(writes).await?;
        Ok(TokenReply::of(text, &access))
    }
}

/// What an assertion says.
#[derive(Debug, PartialEq, Eq)]
struct Good {
    person: PersonId,
    jti: String,
    expires: i64,
}

/// All but the signature, and whether it was used before (section 3).
fn judge(
    read: &Verified,
    client_id: &str,
    names: &[String],
    now: Timestamp,
) -> std::result::Result<Good, &'static str> {
    // A request object is signed with the same key, and is not for this (RFC 8725, section 3.11).
    if !matches!(&*read.typ(), "" | "jwt") {
        return Err("its typ is that of another sort of JWT");
    }
    if read.text("iss") != Some(client_id) {
        return Err("iss is not the client_id");
    }
    let person = read.text("sub").and_then(|sub| Some((sub, PersonId::parse(sub)?)));
    let (_, person) = person.filter(|(sub, person)| *sub == person.to_string()).ok_or("sub is nobody")?;
    let audience = read.audience();
    if audience.is_empty() || !audience.iter().all(|one| names.iter().any(|name| name == one)) {
        return Err("aud is not the issuer or the token endpoint, and nothing else");
    }
    let now = now.as_secs();
    let expires = read.time("exp").filter(|exp| *exp > now - SKEW).ok_or("exp is missing or past")?;
    if expires > now + MOST_AHEAD + SKEW {
        return Err("exp is more than 10 minutes ahead");
    }
    let begun = |name| read.claims.get(name).is_none() || read.time(name).is_some_and(|at| at <= now + SKEW);
    if !begun("nbf") || !begun("iat") {
        return Err("nbf or iat is ahead of the server's time");
    }
    let jti = read.text("jti").filter(|jti| (1..=LONGEST_ID).contains(&jti.len()));
    Ok(Good { person, jti: jti.ok_or("jti is missing, or longer than 255 bytes")?.to_owned(), expires })
}

/// The caller is told what everybody is told; the operator is told why.
fn refused(call: &Call<'_>, why: &str) -> OAuthError {
    tracing::info!(client = call.client.client_id, why, "an assertion about a person is refused");
    OAuthError::grant()
}

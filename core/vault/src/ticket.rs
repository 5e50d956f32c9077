//! The nonce of a login outside any authorization request: spent at `/sign-in` by the browser that proved who it is, for its
//! session.

use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{Grant, Origin, PlainToken, Problem};
use gatewright_plugin::House;
use std::time::Duration;

/// The way from the reply of a login to the next request of the same browser.
const LASTS: Duration = Duration::from_secs(60);

/// A nonce for the session that has just begun, good once, in the browser of `origin`.
///
/// # Errors
/// When randomness, store or keys can't be had.
pub async fn issue(house: &House, grant: &Grant, origin: &Origin) -> Result<PlainToken, Problem> {
    let nonce = PlainToken::new("gwn", house.engine.world())?;
    let unbound = || Problem::internal(Fault::internal("a nonce for no browser"));
    let name = name(&nonce, origin).ok_or_else(unbound)?;
    let until = house.engine.now().plus(LASTS);
    house.engine.keep_handle(&home(), &name, &grant.session_token, until).await?;
    Ok(nonce)
}

/// The session token that a nonce stands for; none where it is unknown, used, too old or of another browser, alike.
///
/// # Errors
/// When store or keys can't be had.
pub async fn spend(
    house: &House,
    nonce: &PlainToken,
    origin: &Origin,
) -> Result<Option<PlainToken>, Problem> {
    match name(nonce, origin) {
        Some(name) => house.engine.take_handle(&home(), &name).await,
        None => Ok(None),
    }
}

/// Where it is kept, whosever session it is: `/sign-in` is told no tenant.
fn home() -> TenantId {
    TenantId::default_tenant()
}

/// Under which name it is kept. The browser is in it: a link with a nonce that somebody sends around logs nobody in as them.
fn name(nonce: &PlainToken, origin: &Origin) -> Option<String> {
    let browser = origin.browser.as_ref()?;
    Some(format!("sign-in|{}|{}", HEXLOWER.encode(&nonce.hashed().0), HEXLOWER.encode(&browser.0)))
}

//! Keys that clients seal commitments to. They follow from the host's keyring and change by themselves: nothing is stored.

use crate::vp1::KeyPair;
use gatewright_contract::{Fault, Host, Scope};

/// How long one key is handed out, in seconds: thirty days.
const EPOCH: i64 = 30 * 86_400;

/// The key that is handed out now.
pub(crate) async fn current(host: &Host, scope: &Scope) -> Result<KeyPair, Fault> {
    of_epoch(host, scope, scope.now.as_secs().div_euclid(EPOCH)).await
}

/// The key of this name: the one that is handed out now, or the one before it.
pub(crate) async fn named(host: &Host, scope: &Scope, kid: &[u8; 8]) -> Result<Option<KeyPair>, Fault> {
    let now = scope.now.as_secs().div_euclid(EPOCH);
    for epoch in [now, now - 1] {
        let key = of_epoch(host, scope, epoch).await?;
        if key.kid() == *kid {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

async fn of_epoch(host: &Host, scope: &Scope, epoch: i64) -> Result<KeyPair, Fault> {
    let material = host.secret(&scope.tenant, &format!("hpke|{epoch}")).await?;
    Ok(KeyPair::derive(material.expose()))
}

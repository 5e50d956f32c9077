//! Every operation refuses the anonymous, or stands on a list that may only shrink.

use super::schema::{encoded, operations};
use kit::{Call, Kit};

/// Operations that anybody may call. Add nothing here without knowing why it is safe.
///
/// A device (`device_`) signs what it asks; OpenAPI has no word for that.
const FOR_EVERYBODY: &[&str] = &[
    "docs_",
    "pages_",
    "healthz",
    "readyz",
    "metrics",
    "jwks",
    "login_",
    "enrol_",
    "transaction_",
    "callback_",
    "device_",
];

/// Operation ids of the published contracts that begin a login, and so can't ask for one, or that clients prove who they are at
/// in ways of their own.
const OF_CONTRACTS: &[&str] = &[
    "authenticate",
    "authorize",
    "authorizeByForm",
    "authorizeInApp",
    "beginDeviceAuthorization",
    "endSession",
    "endSessionByForm",
    "getAuthorizationServerMetadata",
    "getChallenge",
    "getClient",
    "getClientTenant",
    "getDiscovery",
    "getJwks",
    "getPasskeyAuthOptions",
    "introspectToken",
    "oidcLogout",
    "oidcLogoutRedirect",
    "pushAuthorizationRequest",
    "register",
    "requestPasskeyChallengeUsingPOST",
    "requestResetPassword",
    "resetPasswordCode",
    "resumeAuthorization",
    "revokeToken",
    "signIn",
    "tokenExchange",
    "tokenExchangeStandard",
    "tokenExchangeTenant",
    "userAuthenticateUsingPOST",
    "userAuthenticatorQueryUsingPOST",
    "userChallengeUsingPOST",
    "verifyPasskeyAuth",
];

/// Ours that begin with one of the prefixes above but are not for everybody.
const NOT_THESE: &[&str] = &[];

fn is_for_everybody(id: &str) -> bool {
    !NOT_THESE.contains(&id)
        && (OF_CONTRACTS.contains(&id) || FOR_EVERYBODY.iter().any(|prefix| id.starts_with(prefix)))
}

#[tokio::test]
async fn every_other_operation_refuses_the_anonymous() {
    let kit = Kit::memory().await;
    let mut refused = 0;
    for operation in operations(&kit.app.document()) {
        if is_for_everybody(operation.id()) {
            continue;
        }
        let mut call = Call::new(&operation.method, &operation.path_filled());
        if let Some((media, example)) = operation.body_example() {
            call = call.raw(media, encoded(media, example));
        }
        let reply = kit.send(call).await;
        assert!(
            matches!(reply.status.as_u16(), 401 | 403),
            "{} ({}) answers the anonymous with {}: {}",
            operation.id(),
            operation.name(),
            reply.status,
            reply.text()
        );
        refused += 1;
    }
    assert!(refused >= 6, "only {refused} operations ask who is calling");
}

#[tokio::test]
async fn an_operation_that_says_it_is_guarded_is_guarded() {
    let kit = Kit::memory().await;
    for operation in operations(&kit.app.document()) {
        let schemes = operation.value["security"].as_array().expect("security is stated");
        let guarded =
            !schemes.is_empty() && schemes.iter().all(|s| s.as_object().is_some_and(|s| !s.is_empty()));
        if !is_for_everybody(operation.id()) {
            let optional = schemes.iter().any(|s| s.as_object().is_some_and(serde_json::Map::is_empty));
            assert!(guarded || optional, "{} is guarded, but the document does not say so", operation.id());
        }
    }
}

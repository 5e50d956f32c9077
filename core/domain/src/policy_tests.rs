//! What a login is said to rest on.

use super::*;
use gatewright_contract::{
    Authenticator, Call, Challenge, DynAuthenticator, Erased, Fault, Host, Nothing, Refusal, Steps,
    Timestamp, Traits, Verdict, testing::Desk,
};
use std::sync::Arc;

/// An authenticator that says `face`, and looks itself or not.
struct Says<const LOOKS: bool>;

impl<const LOOKS: bool> Authenticator for Says<LOOKS> {
    const ID: &'static str = if LOOKS { "looks" } else { "claims" };
    const ABOUT: &'static str = "";
    const ASSURANCE: Assurance = if LOOKS { Assurance::ServerVerified } else { Assurance::Ordinary };
    type Config = Nothing;
    type Credential = Nothing;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Nothing;

    fn new(_: Nothing, _: Host) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["face".to_owned()],
            kind: Kind::Inherence,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: true,
            steps: Steps { first: true, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Nothing>,
    ) -> Result<Challenge<Nothing, Nothing, Nothing>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        _: Call<'_, (Nothing, Nothing), Nothing>,
    ) -> Result<Verdict<Nothing, Nothing, Nothing>, Fault> {
        Ok(Verdict::refused(Refusal::Wrong))
    }
}

fn made<const LOOKS: bool>() -> Arc<dyn DynAuthenticator> {
    let host: Host = Arc::new(Desk::counting(Timestamp(0)));
    Arc::new(Erased::<Says<LOOKS>>::new("1", serde_json::json!({}), host).expect("made"))
}

fn proof(authenticator: &str, amr: &[&str]) -> Proof {
    Proof {
        authenticator: authenticator.to_owned(),
        credential: None,
        at: Timestamp(0),
        kind: Kind::Inherence,
        amr: amr.iter().map(|word| (*word).to_owned()).collect(),
        phishing_resistant: false,
        user_verified: false,
        renew: false,
    }
}

fn told(proofs: &[Proof]) -> Vec<String> {
    let catalogue = Catalogue::new([made::<true>(), made::<false>()]);
    match Policy::default().decide(&catalogue, proofs, &BTreeSet::new()) {
        Decision::Enough { amr, .. } => amr,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_face_is_told_only_where_the_server_has_looked() {
    assert_eq!(told(&[proof("looks", &["face"])]), ["face"]);
    for claims in ["claims", "of-somebody-else"] {
        assert!(told(&[proof(claims, &["face"])]).is_empty(), "{claims}");
    }
    assert_eq!(told(&[proof("claims", &["face", "pop"]), proof("looks", &["face"])]), ["pop", "face"]);
    assert_eq!(told(&[proof("looks", &["face"]), proof("claims", &["face", "pop"])]), ["face", "pop"]);
    assert_eq!(told(&[proof("claims", &["pin"])]), ["pin"]);
}

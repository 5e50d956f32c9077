//! What Entra is told: one method, and only one that was proven for this request.

use super::Asked;
use crate::{
    Client, Provider, Result,
    request::{AuthorizationRequest, Respond},
};
use gatewright_core::{Session, Tenant, oidc::OidcRules};
use serde_json::json;

/// Methods of a login that say something to Entra, the strongest first, with what they rest on. A password is none of them:
/// Entra has asked for one itself.
const METHODS: &[(&str, Rests)] = &[
    ("fido", Rests::Possession),
    ("hwk", Rests::Possession),
    ("sc", Rests::Possession),
    ("pop", Rests::Possession),
    ("swk", Rests::Possession),
    ("face", Rests::Inherence),
    ("fpt", Rests::Inherence),
    ("iris", Rests::Inherence),
    ("retina", Rests::Inherence),
    ("vbm", Rests::Inherence),
    ("otp", Rests::Possession),
    ("tel", Rests::Possession),
    ("sms", Rests::Possession),
];

/// What a proof rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rests {
    Possession,
    Inherence,
}

impl Rests {
    /// Whether a word of Entra for sorts of proof has this one in it.
    fn is_in(self, acr: &str) -> bool {
        let words: &[&str] = match self {
            Self::Possession => &[
                "possession",
                "possessionorinherence",
                "knowledgeorpossession",
                "knowledgeorpossessionorinherence",
            ],
            Self::Inherence => &[
                "inherence",
                "possessionorinherence",
                "knowledgeorinherence",
                "knowledgeorpossessionorinherence",
            ],
        };
        words.contains(&acr)
    }
}

/// `acr` and `amr` of the answer; none where nothing that was proven is what was asked for.
pub(crate) fn proven(asked: &Asked, session: &Session, rules: &OidcRules) -> Option<(String, String)> {
    let shown = |word: &str| session.amr.iter().any(|one| one == word);
    // A key of the device that was not there: only where the tenant has settled that it says more than was proven.
    let lent = |word: &str| word == "swk" && rules.entra_swk_without_key && session.second_factor;
    METHODS.iter().find_map(|(word, rests)| {
        let fits = (shown(word) || lent(word)) && asked.amr.iter().any(|one| one == word);
        let acr = asked.acr.iter().find(|acr| rests.is_in(acr)).filter(|_| fits)?;
        Some((acr.clone(), (*word).to_owned()))
    })
}

impl Provider {
    /// The ID token that answers.
    pub(crate) async fn entra_answer(
        &self,
        (tenant, client): (&Tenant, &Client),
        request: &AuthorizationRequest,
        (subject, acr, amr): (&str, &str, &str),
    ) -> Result<Respond> {
        let (issuer, now) = (self.issuer(tenant), self.engine.now());
        let lasts = OidcRules::seconds(self.rules(tenant).id_token_seconds);
        let claims = json!({
            "iss": issuer,
            "aud": client.client_id,
            "sub": subject,
            "iat": now.as_secs(),
            "exp": now.plus(lasts).as_secs(),
            "nonce": request.nonce,
            "acr": acr,
            "amr": [amr],
        });
        let token = self.sign(&tenant.id, client.signed_with(), "JWT", &claims).await?;
        Ok(Respond::without_issuer(request, vec![("id_token", token)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp};

    fn told(amr: &[&str], acr: &[&str], shown: &[&str], lend: bool) -> Option<String> {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (at, person) = (Timestamp(0), PersonId::from_parts(Timestamp(0), [1; 10]));
        let asked = Asked { subject: "s".to_owned(), person, acr: words(acr), amr: words(amr) };
        let session = Session {
            id: SessionId::from_parts(at, [2; 10]),
            tenant: TenantId::default_tenant(),
            person,
            created: at,
            authenticated: at,
            last_seen: at,
            expires: at,
            acr: "aal2".to_owned(),
            amr: words(shown),
            second_factor: true,
            door: "login".to_owned(),
            client: None,
            address: None,
            user_agent: None,
            idle_seconds: 1,
            rev: 1,
        };
        let rules = OidcRules { entra_swk_without_key: lend, ..OidcRules::default() };
        proven(&asked, &session, &rules).map(|(acr, amr)| format!("{acr} {amr}"))
    }

    const ALL: &[&str] =
        &["face", "fido", "fpt", "hwk", "iris", "otp", "pop", "retina", "sc", "sms", "swk", "tel", "vbm"];

    #[test]
    fn one_method_that_was_proven_and_asked_for() {
        let either = &["possessionorinherence"][..];
        assert_eq!(
            told(ALL, either, &["pwd", "otp", "mfa"], false).as_deref(),
            Some("possessionorinherence otp")
        );
        assert_eq!(told(ALL, either, &["pop", "otp"], false).as_deref(), Some("possessionorinherence pop"));
        assert_eq!(
            told(&["otp"], either, &["pop", "otp"], false).as_deref(),
            Some("possessionorinherence otp")
        );
        assert_eq!(
            told(ALL, &["knowledge", "possession"], &["sms"], false).as_deref(),
            Some("possession sms")
        );
    }

    #[test]
    fn a_password_and_a_remembered_device_are_none() {
        let either = &["possessionorinherence"][..];
        for shown in [&["pwd"][..], &["pwd", "kba"], &["pwd", "remembered", "mfa"], &["fed"], &[]] {
            assert_eq!(told(ALL, either, shown, false), None, "{shown:?}");
        }
        assert_eq!(told(ALL, &["knowledge"], &["pop"], false), None);
        assert_eq!(told(ALL, &["inherence"], &["pop"], false), None);
        assert_eq!(told(&["pwd"], &["knowledge"], &["pwd"], false), None);
    }

    /// A secret picture, a PIN and a pattern are something one knows (`docs/decisions/0032-…`): Entra has asked for that itself.
    #[test]
    fn a_secret_picture_is_none_whatever_else_is_asked_for() {
        let kinds = [
            "possession",
            "inherence",
            "possessionorinherence",
            "knowledgeorpossession",
            "knowledgeorinherence",
            "knowledgeorpossessionorinherence",
            "knowledge",
        ];
        for acr in kinds {
            for shown in [&["pin"][..], &["pwd", "pin"], &["pin", "kba", "mfa"]] {
                assert_eq!(told(ALL, &[acr], shown, false), None, "{acr} {shown:?}");
                for word in ["face", "fido", "swk", "pop", "pin"] {
                    assert_eq!(told(&[word], &[acr], shown, false), None, "{acr} {shown:?} {word}");
                }
            }
        }
    }

    #[test]
    fn a_face_that_the_server_has_looked_at_is_inherence() {
        let shown = &["pin", "face", "mfa"][..];
        assert_eq!(told(ALL, &["possession", "inherence"], shown, false).as_deref(), Some("inherence face"));
        assert_eq!(told(ALL, &["possession"], shown, false), None);
    }

    #[test]
    fn what_was_not_proven_is_said_only_where_the_tenant_wants_it() {
        let either = &["possessionorinherence"][..];
        assert_eq!(told(ALL, either, &["pwd", "kba"], true).as_deref(), Some("possessionorinherence swk"));
        assert_eq!(told(&["otp"], either, &["pwd", "kba"], true), None);
    }
}

//! Clients as the vault contract writes them, its odd spellings included.

use crate::words::{AuthWay, ClientAlgorithm, ClientGrant, ClientKind, ConsentRule, all};
use gatewright_core::{Problem, signing::Algorithm};
use gatewright_oauth::client::{
    self, AuthMethod, ClientType, Consent, ENTRA_REDIRECTS, EntraFlow, GrantType,
};
use gatewright_plugin::Text;
use poem_openapi::{Enum, Object, types::Example};

/// The one way to prove who it is for which the contract has a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "ClientTokenAuthMethod")]
pub(crate) enum TokenAuth {
    /// Its secret in the form.
    #[oai(rename = "client_secret_post")]
    ClientSecretPost,
}

/// What sort of flow it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "ClientFlowType")]
pub(crate) enum FlowType {
    /// An external authentication method of Microsoft Entra.
    #[oai(rename = "microsoft-mfa")]
    MicrosoftMfa,
}

/// Marks a client as an external authentication method of Microsoft Entra: RS256, and the three places of Entra.
#[derive(Object)]
#[oai(rename = "ClientFlow", deny_unknown_fields, example)]
pub(crate) struct ClientFlow {
    /// The only one that there is.
    #[oai(rename = "type")]
    kind: FlowType,
    /// Who signs its `id_token_hint`: `https://login.microsoftonline.com/{tenant id}/v2.0`.
    #[oai(validator(max_length = 256))]
    issuer: Text,
}

impl Example for ClientFlow {
    fn example() -> Self {
        let issuer = "https://login.microsoftonline.com/5f3b1b0e-1111-4222-8333-444455556666/v2.0";
        Self { kind: FlowType::MicrosoftMfa, issuer: issuer.into() }
    }
}

/// An application that logs people in.
#[derive(Object)]
#[oai(rename = "Client", deny_unknown_fields, example)]
pub(crate) struct Client {
    /// Its name in the protocol: unique in its tenant.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(crate) client_id: Text,
    /// Its name for people.
    #[oai(validator(min_length = 1, max_length = 128))]
    name: Text,
    /// The tenant that it is in.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub(crate) tenant_id: Text,
    /// Where codes may go: https, http on the machine of the person, or a scheme of an app's own.
    #[oai(default, validator(max_items = 50))]
    redirect_uris: Vec<Text>,
    /// Where a person may be sent after a logout.
    #[oai(default, validator(max_items = 50))]
    post_logout_redirect_uri: Vec<Text>,
    /// The scopes that it may ask for. Left out: `openid profile email`.
    #[oai(validator(max_items = 100), skip_serializing_if_is_none)]
    allowed_scopes: Option<Vec<Text>>,
    /// How it shows its secret. Left out in replies where the contract has no word for its way.
    #[oai(skip_serializing_if_is_none)]
    token_endpoint_auth_method: Option<TokenAuth>,
    /// Its picture: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    logo_uri: Option<Text>,
    /// Its privacy policy: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    op_policy_url: Option<Text>,
    /// Its terms of service: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    op_tos_url: Option<Text>,
    /// Its user agreement: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    op_user_agreement_url: Option<Text>,
    /// Its home: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    client_uri: Option<Text>,
    /// Where a person logs out of it: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    client_logout_uri: Option<Text>,
    /// Whether its login page offers to register.
    #[oai(default)]
    register_enable: bool,
    /// The name of its tenant that its login page shows.
    #[oai(validator(max_length = 128), skip_serializing_if_is_none)]
    tenant_name: Option<Text>,
    /// Its secret: made by the server, and only in the reply that registers it. One that somebody else chose is refused.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    pub(crate) client_secret: Option<Text>,
    /// Whether it can keep a secret. Left out: `confidential`.
    #[oai(skip_serializing_if_is_none)]
    client_type: Option<ClientKind>,
    /// Whether it can't be deleted.
    #[oai(default)]
    is_lock: bool,
    /// How its tokens are signed. Left out: `EdDSA`.
    #[oai(skip_serializing_if_is_none)]
    sing_alg: Option<ClientAlgorithm>,
    /// An external authentication method of Microsoft Entra, and nothing else.
    #[oai(skip_serializing_if_is_none)]
    flow: Option<ClientFlow>,
    /// How it proves who it is, in all our words. Left out: `client_secret_post`, or `none` for a public client; of one
    /// that is there, as before.
    #[oai(skip_serializing_if_is_none)]
    auth_method: Option<AuthWay>,
    /// The grants that it may use. Left out: code and refresh token; of one that is there, as before.
    #[oai(validator(max_items = 7), skip_serializing_if_is_none)]
    grant_types: Option<Vec<ClientGrant>>,
    /// Whether people are asked. Left out: `ask`; of one that is there, as before.
    #[oai(skip_serializing_if_is_none)]
    consent: Option<ConsentRule>,
    /// Whether it gets nothing any more. Left out: no; of one that is there, as before.
    #[oai(skip_serializing_if_is_none)]
    disabled: Option<bool>,
}

/// Some clients.
#[derive(Object)]
#[oai(rename = "ClientList", example)]
pub(crate) struct ClientList {
    /// The clients, the oldest first.
    pub(crate) clients: Vec<Client>,
}

impl Client {
    /// As it is kept; `secret`: shown now, and never again.
    pub(crate) fn of(kept: &client::Client, tenant: &str, secret: Option<&str>) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(Text::from);
        let texts = |all: &[String]| all.iter().map(|one| Text::from(one.as_str())).collect::<Vec<_>>();
        let about = &kept.about;
        let post = kept.auth_method == AuthMethod::ClientSecretPost;
        Self {
            client_id: kept.client_id.as_str().into(),
            name: kept.name.as_str().into(),
            tenant_id: tenant.into(),
            redirect_uris: texts(&kept.redirect_uris),
            post_logout_redirect_uri: texts(&kept.logout.redirect_uris),
            allowed_scopes: Some(texts(&kept.scopes)),
            token_endpoint_auth_method: post.then_some(TokenAuth::ClientSecretPost),
            logo_uri: text(&about.logo_uri),
            op_policy_url: text(&about.policy_uri),
            op_tos_url: text(&about.tos_uri),
            op_user_agreement_url: text(&about.user_agreement_uri),
            client_uri: text(&about.client_uri),
            client_logout_uri: text(&about.logout_uri),
            register_enable: about.register_enable,
            tenant_name: text(&about.tenant_name),
            client_secret: secret.map(Text::from),
            client_type: Some(kept.client_type.into()),
            is_lock: kept.locked,
            sing_alg: Some(kept.signed_with().into()),
            flow: kept
                .entra
                .as_ref()
                .map(|flow| ClientFlow { kind: FlowType::MicrosoftMfa, issuer: flow.issuer.as_str().into() }),
            auth_method: Some(kept.auth_method.into()),
            grant_types: Some(all(&kept.grants)),
            consent: Some(kept.consent.into()),
            disabled: Some(kept.disabled),
        }
    }

    /// What it asks for. What the contract has no words for stays as it is in `old`; all else takes its default where it is
    /// left out.
    ///
    /// # Errors
    /// 422 for two members that say different things.
    pub(crate) fn read(self, old: &client::Client) -> Result<client::Client, Problem> {
        let texts = |all: Vec<Text>| all.into_iter().map(String::from).collect::<Vec<_>>();
        let text = |text: Option<Text>| text.filter(|text| !text.is_empty()).map(String::from);
        let client_type = self.client_type.map_or(ClientType::Confidential, ClientType::from);
        let entra = self.flow.map(|flow| EntraFlow { issuer: flow.issuer.into() });
        let mut redirect_uris = texts(self.redirect_uris);
        if entra.is_some() && redirect_uris.is_empty() {
            redirect_uris = ENTRA_REDIRECTS.map(str::to_owned).into();
        }
        let wished = self.auth_method.map(AuthMethod::from);
        let post = self.token_endpoint_auth_method.is_some();
        let auth_method = method(client_type, (wished, post), old)?;
        let grants = match self.grant_types {
            Some(words) => all(&words),
            None if entra.is_some() => Vec::new(),
            None => grants(old, redirect_uris.is_empty()),
        };
        let mut new = client::Client {
            name: self.name.into(),
            client_type,
            auth_method,
            scopes: self.allowed_scopes.map_or_else(usual_scopes, texts),
            grants,
            algorithm: match (&entra, self.sing_alg) {
                (Some(_), _) => Algorithm::Rs256,
                (None, Some(word)) => word.into(),
                // The contract has no word for it, so who leaves it out can't mean to change it.
                (None, None) if old.algorithm == Algorithm::Es256 => Algorithm::Es256,
                (None, None) => Algorithm::EdDsa,
            },
            redirect_uris,
            consent: self.consent.map_or(old.consent, Consent::from),
            entra,
            locked: self.is_lock,
            disabled: self.disabled.unwrap_or(old.disabled),
            ..old.clone()
        };
        new.logout.redirect_uris = texts(self.post_logout_redirect_uri);
        new.about = client::About {
            client_uri: text(self.client_uri),
            logo_uri: text(self.logo_uri),
            policy_uri: text(self.op_policy_url),
            tos_uri: text(self.op_tos_url),
            user_agreement_uri: text(self.op_user_agreement_url),
            logout_uri: text(self.client_logout_uri),
            tenant_name: text(self.tenant_name),
            register_enable: self.register_enable,
            ..new.about
        };
        Ok(new)
    }
}

/// How it proves who it is. The contract knows one way, and none for public clients.
fn method(
    client_type: ClientType,
    (wished, post): (Option<AuthMethod>, bool),
    old: &client::Client,
) -> Result<AuthMethod, Problem> {
    match (client_type, wished) {
        (_, Some(wished)) if post && !matches!(wished, AuthMethod::ClientSecretPost | AuthMethod::None) => {
            Err(crate::parts::wrong(
                "auth_method",
                "It says another way than `token_endpoint_auth_method`; leave that out.",
            ))
        }
        (_, Some(wished)) => Ok(wished),
        (ClientType::Public, None) => Ok(AuthMethod::None),
        (ClientType::Confidential, None) if post || old.auth_method == AuthMethod::None => {
            Ok(AuthMethod::ClientSecretPost)
        }
        (ClientType::Confidential, None) => Ok(old.auth_method),
    }
}

/// What it may use where nobody says: with a place for codes, codes.
fn grants(old: &client::Client, nowhere: bool) -> Vec<GrantType> {
    let codes = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    let mut grants = old.grants.clone();
    if nowhere {
        grants.retain(|grant| !codes.contains(grant));
    } else if old.redirect_uris.is_empty() || old.entra.is_some() {
        grants.extend(codes.into_iter().filter(|grant| !old.may(*grant)));
    }
    grants
}

fn usual_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).into()
}

impl Example for Client {
    fn example() -> Self {
        Self {
            client_id: "shop".into(),
            name: "Shop".into(),
            tenant_id: "default".into(),
            redirect_uris: vec!["https://shop.example/callback".into()],
            post_logout_redirect_uri: vec!["https://shop.example/".into()],
            allowed_scopes: Some(vec!["openid".into(), "profile".into(), "email".into()]),
            token_endpoint_auth_method: Some(TokenAuth::ClientSecretPost),
            logo_uri: Some("https://shop.example/logo.png".into()),
            op_policy_url: None,
            op_tos_url: None,
            op_user_agreement_url: None,
            client_uri: Some("https://shop.example/".into()),
            client_logout_uri: None,
            register_enable: false,
            tenant_name: None,
            client_secret: None,
            client_type: Some(ClientKind::Confidential),
            is_lock: false,
            sing_alg: Some(ClientAlgorithm::EdDsa),
            flow: None,
            auth_method: None,
            grant_types: None,
            consent: None,
            disabled: None,
        }
    }
}

impl Example for ClientList {
    fn example() -> Self {
        Self { clients: vec![Client::example()] }
    }
}

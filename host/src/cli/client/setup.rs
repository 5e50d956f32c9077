//! Working configurations of programs, with the values filled in.

use clap::ValueEnum;
use gatewright_core::signing::Algorithm;
use gatewright_oauth::{Client, client::AuthMethod};
use serde_json::json;

/// Programs whose configuration is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Program {
    /// Environment variables, as examples/relying-party reads them.
    Env,
    /// A page in a browser, with oidc-client-ts.
    OidcClientTs,
    /// A server in Node, with openid-client 6.
    OpenidClient,
    /// A server in Python, with Authlib.
    Authlib,
    /// Spring Boot.
    Spring,
    /// Grafana.
    Grafana,
    /// Next.js with Auth.js 5 (next-auth).
    Nextauth,
    /// oauth2-proxy, in front of what has no login of its own.
    #[value(name = "oauth2-proxy")]
    OAuth2Proxy,
    /// Microsoft Entra: an external authentication method.
    Entra,
}

/// What a configuration is made of.
pub(super) struct Values<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a Client,
    pub(super) secret: Option<&'a str>,
    /// Where the application is found.
    pub(super) url: Option<String>,
}

impl Program {
    pub(super) fn is_public(self) -> bool {
        self == Self::OidcClientTs || self == Self::Entra
    }

    /// The way that it shows its secret in where nobody says another.
    pub(super) fn auth_method(self) -> AuthMethod {
        match self {
            Self::Env | Self::OpenidClient => AuthMethod::ClientSecretPost,
            Self::OidcClientTs | Self::Entra => AuthMethod::None,
            _ => AuthMethod::ClientSecretBasic,
        }
    }

    /// What it takes in ID tokens without being told.
    pub(super) fn algorithm(self) -> Algorithm {
        match self {
            Self::Env | Self::OidcClientTs | Self::OpenidClient => Algorithm::EdDsa,
            _ => Algorithm::Rs256,
        }
    }

    /// Where it takes codes, below its own URL; none where its author decides.
    pub(super) fn callback(self) -> Option<&'static str> {
        Some(match self {
            Self::Authlib => "/auth",
            Self::Spring => "/login/oauth2/code/gatewright",
            Self::Grafana => "/login/generic_oauth",
            Self::Nextauth => "/api/auth/callback/gatewright",
            Self::OAuth2Proxy => "/oauth2/callback",
            Self::Env | Self::OidcClientTs | Self::OpenidClient => "/callback",
            Self::Entra => return None,
        })
    }

    pub(super) fn redirect_uri(self, url: &str) -> Option<String> {
        Some(format!("{}{}", url.trim_end_matches('/'), self.callback()?))
    }

    /// The configuration.
    pub(super) fn setup(self, values: &Values<'_>) -> String {
        match self {
            Self::Env => env(values),
            Self::OidcClientTs => oidc_client_ts(values),
            Self::OpenidClient => openid_client(values),
            Self::Authlib => authlib(values),
            Self::Spring => spring(values),
            Self::Grafana => grafana(values),
            Self::Nextauth => nextauth(values),
            Self::OAuth2Proxy => oauth2_proxy(values),
            Self::Entra => entra(values),
        }
    }
}

impl Values<'_> {
    /// What everybody needs.
    pub(super) fn summary(&self) -> String {
        let mut lines = vec![
            format!("{} has been registered.", self.client.name),
            format!("issuer         {}", self.issuer),
            format!("client_id      {}", self.client.client_id),
        ];
        lines.extend(self.secret.map(|secret| format!("client_secret  {secret}  (shown only now)")));
        lines.extend(self.client.redirect_uris.iter().map(|uri| format!("redirect_uri   {uri}")));
        lines.push(format!("scope          {}", self.scope()));
        lines.join("\n")
    }

    fn scope(&self) -> String {
        self.client.scopes.join(" ")
    }

    fn redirect(&self) -> &str {
        self.client.redirect_uris.first().map_or("", String::as_str)
    }

    fn secret(&self) -> &str {
        self.secret.unwrap_or("")
    }

    fn url(&self) -> String {
        let uri = url::Url::parse(self.redirect()).ok().map(|url| url.origin().ascii_serialization());
        self.url.clone().or(uri).unwrap_or_default()
    }

    fn is_http(&self) -> bool {
        self.issuer.starts_with("http://")
    }
}

/// In quotation marks, as JavaScript, Python, YAML and TOML read it.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

fn env(v: &Values<'_>) -> String {
    format!(
        "ISSUER={}\nCLIENT_ID={}\nCLIENT_SECRET={}\nBASE_URL={}",
        v.issuer,
        v.client.client_id,
        v.secret(),
        v.url().trim_end_matches('/'),
    )
}

fn oidc_client_ts(v: &Values<'_>) -> String {
    format!(
        r#"// npm install oidc-client-ts
import {{ UserManager }} from "oidc-client-ts";

export const users = new UserManager({{
    authority: {issuer},
    client_id: {id},
    redirect_uri: {redirect},
    post_logout_redirect_uri: {url},
    scope: {scope},
}});

// To log in:              await users.signinRedirect();
// At the redirect_uri:    const user = await users.signinCallback();"#,
        issuer = quoted(v.issuer),
        id = quoted(&v.client.client_id),
        redirect = quoted(v.redirect()),
        url = quoted(&v.client.logout.redirect_uris.first().cloned().unwrap_or_else(|| v.url())),
        scope = quoted(&v.scope()),
    )
}

fn openid_client(v: &Values<'_>) -> String {
    // https is asked for everywhere but on one's own machine.
    let insecure = match v.is_http() {
        true => ", undefined, {\n    execute: [client.allowInsecureRequests], // http, for trying it out\n}",
        false => "",
    };
    format!(
        r#"// npm install openid-client@6
import * as client from "openid-client";

const config = await client.discovery(new URL({issuer}), {id}, {secret}{insecure});
const redirect_uri = {redirect};

// To log in, keep both in the session, and send the browser to `to`:
const code_verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const to = client.buildAuthorizationUrl(config, {{
    redirect_uri,
    scope: {scope},
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
    state,
}});

// At the redirect_uri, with the URL that was called:
// const tokens = await client.authorizationCodeGrant(config, url, {{ pkceCodeVerifier: code_verifier, expectedState: state }});
// tokens.claims().sub"#,
        issuer = quoted(v.issuer),
        id = quoted(&v.client.client_id),
        secret = quoted(v.secret()),
        redirect = quoted(v.redirect()),
        scope = quoted(&v.scope()),
    )
}

fn authlib(v: &Values<'_>) -> String {
    format!(
        r#"# pip install authlib requests flask
from authlib.integrations.flask_client import OAuth

oauth = OAuth(app)
oauth.register(
    "gatewright",
    server_metadata_url={metadata},
    client_id={id},
    client_secret={secret},
    client_kwargs={{"scope": {scope}, "code_challenge_method": "S256"}},
)

# To log in:              return oauth.gatewright.authorize_redirect({redirect})
# At the redirect URI:    user = oauth.gatewright.authorize_access_token()["userinfo"]"#,
        metadata = quoted(&format!("{}/.well-known/openid-configuration", v.issuer)),
        id = quoted(&v.client.client_id),
        secret = quoted(v.secret()),
        scope = quoted(&v.scope()),
        redirect = quoted(v.redirect()),
    )
}

fn spring(v: &Values<'_>) -> String {
    format!(
        r#"# application.yaml; needs org.springframework.boot:spring-boot-starter-oauth2-client
spring:
  security:
    oauth2:
      client:
        registration:
          gatewright:
            client-id: {id}
            client-secret: {secret}
            scope: {scopes}
            redirect-uri: {redirect}
        provider:
          gatewright:
            issuer-uri: {issuer}"#,
        id = quoted(&v.client.client_id),
        secret = quoted(v.secret()),
        scopes = json!(v.client.scopes),
        redirect = quoted(v.redirect()),
        issuer = quoted(v.issuer),
    )
}

fn grafana(v: &Values<'_>) -> String {
    format!(
        r#"; grafana.ini
[server]
root_url = {url}

[auth.generic_oauth]
enabled = true
name = Gatewright
client_id = {id}
client_secret = {secret}
scopes = {scope}
auth_url = {issuer}/authorize
token_url = {issuer}/token
api_url = {issuer}/userinfo
use_pkce = true
use_refresh_token = true
login_attribute_path = preferred_username || sub"#,
        url = v.url(),
        id = v.client.client_id,
        secret = v.secret(),
        scope = v.scope(),
        issuer = v.issuer,
    )
}

fn nextauth(v: &Values<'_>) -> String {
    format!(
        r#"// npm install next-auth@beta; auth.ts
import NextAuth from "next-auth";

export const {{ handlers, auth, signIn, signOut }} = NextAuth({{
    providers: [
        {{
            id: "gatewright",
            name: "Gatewright",
            type: "oidc",
            issuer: {issuer},
            clientId: {id},
            clientSecret: {secret},
            checks: ["pkce", "state"],
            authorization: {{ params: {{ scope: {scope} }} }},
        }},
    ],
}});"#,
        issuer = quoted(v.issuer),
        id = quoted(&v.client.client_id),
        secret = quoted(v.secret()),
        scope = quoted(&v.scope()),
    )
}

fn oauth2_proxy(v: &Values<'_>) -> String {
    format!(
        r#"# oauth2-proxy.cfg
provider = "oidc"
oidc_issuer_url = {issuer}
client_id = {id}
client_secret = {secret}
redirect_url = {redirect}
scope = {scope}
code_challenge_method = "S256"
email_domains = ["*"]
# What is behind it, and 32 random bytes: openssl rand -base64 32 | tr -- '+/' '-_'
# upstreams = ["http://127.0.0.1:3000"]
# cookie_secret = """#,
        issuer = quoted(v.issuer),
        id = quoted(&v.client.client_id),
        secret = quoted(v.secret()),
        redirect = quoted(v.redirect()),
        scope = quoted(&v.scope()),
    )
}

fn entra(v: &Values<'_>) -> String {
    format!(
        "Entra admin center, Authentication methods, Add external method:
  Client ID           {id}
  Discovery endpoint  {issuer}/.well-known/openid-configuration
  App ID              {id}

App registration {id}, Authentication, Web, Redirect URIs (Entra asks for it, and goes there itself):
  {issuer}/authorize",
        id = v.client.client_id,
        issuer = v.issuer,
    )
}

#[cfg(test)]
mod tests;

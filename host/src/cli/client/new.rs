//! `gatewright client add`.

use super::setup::{Program, Values};
use crate::{
    app::App,
    cli::{Failed, named::InTenant},
};
use clap::Args;
use gatewright_core::{Origin, Problem, signing::Algorithm};
use gatewright_oauth::{
    Client,
    client::{AccessTokenFormat, AuthMethod, ClientType, Consent, ENTRA_REDIRECTS, EntraFlow, GrantType},
};

#[derive(Args)]
pub(in crate::cli) struct Add {
    /// Its name for people.
    name: String,
    #[command(flatten)]
    tenant: InTenant,
    /// Its name in the protocol. Left out: the server makes one.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Where codes may go. Can be given several times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where a person may be sent after a logout. Can be given several times.
    #[arg(long = "post-logout-uri", value_name = "URI")]
    post_logout_uris: Vec<String>,
    /// It can keep no secret: a page, an app.
    #[arg(long)]
    public: bool,
    /// A scope that it may ask for. Can be given several times. Left out: openid, profile, email and offline_access.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// It also gets tokens for itself, without anybody (client_credentials).
    #[arg(long, conflicts_with = "public")]
    service: bool,
    /// It is a device without a browser (device code).
    #[arg(long)]
    device: bool,
    /// People are not asked: it is the tenant's own.
    #[arg(long)]
    skip_consent: bool,
    /// Its access tokens are random instead of signed.
    #[arg(long)]
    opaque: bool,
    /// How its tokens are signed: EdDSA, ES256 or RS256. Left out: what the program of --for takes, or else EdDSA.
    #[arg(long, value_name = "ALGORITHM")]
    algorithm: Option<String>,
    /// Print a configuration for this program.
    #[arg(long = "for", value_enum, value_name = "PROGRAM")]
    program: Option<Program>,
    /// With --for: where the application is found, such as https://grafana.example. Its redirect URI follows from it, and
    /// people may be sent there after a logout.
    #[arg(long, value_name = "URL", requires = "program")]
    url: Option<String>,
    /// With --for entra: who signs its id_token_hint, https://login.microsoftonline.com/{tenant id}/v2.0.
    #[arg(long, value_name = "URL", requires = "program")]
    entra_issuer: Option<String>,
}

impl Add {
    pub(super) async fn run(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let id = self.tenant.id()?;
        let tenant = app.engine.tenant(&id).await?;
        let (program, url) = (self.program, self.url.clone());
        let client = self.client()?;
        let clients = app.provider.clients_at_the_machine(origin);
        let (kept, secret) = clients.create(&id, client).await.map_err(one_a_line)?;
        let (client, issuer) = (&kept.client, app.provider.issuer(&tenant));
        let values = Values { issuer: &issuer, client, secret: secret.as_ref().map(|s| s.expose()), url };
        // With a program its configuration alone goes to standard output: into a file, say.
        match program {
            None => println!("{}", values.summary()),
            Some(program) => {
                eprintln!("{}", values.summary());
                println!("{}", program.setup(&values));
            }
        }
        Ok(())
    }

    fn client(self) -> Result<Client, Failed> {
        let program = self.program;
        let is_entra = program == Some(Program::Entra);
        let public = self.public || program.is_some_and(Program::is_public);
        let method = match (public, program) {
            (true, _) => AuthMethod::None,
            (false, Some(program)) => program.auth_method(),
            (false, None) => AuthMethod::ClientSecretBasic,
        };
        let algorithm = match self.algorithm {
            None => program.map_or(Algorithm::EdDsa, Program::algorithm),
            Some(word) => Algorithm::ALL.into_iter().find(|one| one.as_str() == word).ok_or_else(|| {
                Failed::Text(format!("there is no algorithm `{word}`: EdDSA, ES256 or RS256"))
            })?,
        };
        let mut redirect_uris = self.redirect_uris;
        let mut post_logout_uris = self.post_logout_uris;
        if let (Some(program), Some(url)) = (program, &self.url) {
            redirect_uris.extend(program.redirect_uri(url));
            if post_logout_uris.is_empty() && !is_entra {
                post_logout_uris.push(format!("{}/", url.trim_end_matches('/')));
            }
        }
        if is_entra && redirect_uris.is_empty() {
            redirect_uris = ENTRA_REDIRECTS.map(str::to_owned).into();
        }
        if redirect_uris.is_empty() && !self.service && !self.device {
            return Err(Failed::Text(nowhere(program)));
        }
        if is_entra && (self.client_id.is_none() || self.entra_issuer.is_none()) {
            return Err(Failed::Text(
                "Entra needs --client-id, the application id of its app registration, and --entra-issuer"
                    .to_owned(),
            ));
        }
        let mut grants = Vec::new();
        if !redirect_uris.is_empty() && !is_entra {
            grants.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
        }
        if self.device {
            grants.push(GrantType::DeviceCode);
            grants.extend((!grants.contains(&GrantType::RefreshToken)).then_some(GrantType::RefreshToken));
        }
        grants.extend(self.service.then_some(GrantType::ClientCredentials));
        let usual =
            if is_entra { &["openid"][..] } else { &["openid", "profile", "email", "offline_access"] };
        let scopes = match self.scopes.is_empty() {
            true => usual.iter().map(|scope| (*scope).to_owned()).collect(),
            false => self.scopes,
        };
        let mut client = Client {
            client_id: self.client_id.unwrap_or_default(),
            name: self.name,
            client_type: if public { ClientType::Public } else { ClientType::Confidential },
            auth_method: method,
            redirect_uris,
            scopes,
            grants,
            algorithm,
            access_token: if self.opaque { AccessTokenFormat::Opaque } else { AccessTokenFormat::Jwt },
            consent: if self.skip_consent { Consent::Skip } else { Consent::Ask },
            entra: self.entra_issuer.map(|issuer| EntraFlow { issuer }),
            ..Client::default()
        };
        client.logout.redirect_uris = post_logout_uris;
        Ok(client)
    }
}

fn nowhere(program: Option<Program>) -> String {
    let path = program.and_then(Program::callback);
    match path {
        Some(path) => {
            format!("where is the application? give --url, to which {path} is added, or --redirect-uri")
        }
        None => "give --redirect-uri, where codes may go; --service or --device for a client without one"
            .to_owned(),
    }
}

/// Everything that is wrong, a line each.
fn one_a_line(problem: Problem) -> Failed {
    match problem.violations.len() {
        0 | 1 => problem.into(),
        _ => {
            let lines = problem.violations.iter().map(|violation| format!("\n  {}", violation.message));
            Failed::Text(format!("the client can't be:{}", lines.collect::<String>()))
        }
    }
}

#![doc = include_str!("../README.md")]

mod config;
mod entry;

#[cfg(test)]
mod tests;

pub use config::Config;

use data_encoding::HEXLOWER;
use entry::{Entry, Search};
use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, CredentialChange, Fault, Held, Host, Kind, LogLevel, LookupKey,
    Nothing, PersonView, Refusal, Scope, Secret, Steps, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest password, in bytes.
const MAX_PASSWORD_BYTES: usize = 512;

/// Passwords of a directory.
pub struct Ldap {
    config: Config,
    host: Host,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"password": "correct horse battery staple"}))]
pub struct Answer {
    /// The password in the directory.
    #[schemars(length(min = 1, max = 512))]
    pub password: Secret<String>,
}

/// The entry that an account is tied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Which directory.
    pub server: String,
    /// What names the entry for ever, in hex digits.
    pub id: String,
    /// Where it was then, for an administrator to read.
    pub dn: String,
}

impl Authenticator for Ldap {
    const ID: &'static str = "ldap";
    const ABOUT: &'static str = include_str!("../README.md");
    const NEEDS: &'static [&'static str] = &["ldap.find", "ldap.bind"];

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["pwd".to_owned()],
            kind: Kind::Knowledge,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: false,
            steps: Steps { first: self.config.server.is_some(), second: false, fallback: false },
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Nothing, Nothing, Credential>, Fault> {
        self.server()?;
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Credential>,
    ) -> Result<Verdict<Nothing, Nothing, Credential>, Fault> {
        let server = self.server()?;
        let (_, Answer { password }) = &call.body;
        // Before anything goes out: with an empty password the directory would bind nobody, and say yes
        // (RFC 4513, section 5.1.2).
        let text = password.expose();
        if text.is_empty() || text.len() > MAX_PASSWORD_BYTES || text.contains('\0') {
            return Ok(Verdict::refused(Refusal::Wrong));
        }
        let person = self.person(call.scope);
        let entry = self.find(server, person, call.scope).await?;
        let tied = call.credentials.iter().find(|held| held.doc.server == server);
        let elsewhere = tied.is_none() && !call.credentials.is_empty();
        if elsewhere {
            self.host.log(
                LogLevel::Warn,
                "an account is tied to an entry of a directory of another name: remove the credential if it is the same \
                 directory",
            );
        }
        let meant = entry.filter(|entry| !elsewhere && self.is_the_same(entry, tied));
        let right = self.bind(server, meant.as_ref(), text).await?;
        Ok(match meant.filter(|_| right) {
            Some(entry) => self.accept(server, &entry, tied),
            None if person.is_none() => Verdict::refused(Refusal::NotEnrolled),
            None => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({"server": credential.server, "dn": credential.dn})
    }
}

impl Ldap {
    fn server(&self) -> Result<&str, Fault> {
        let off = || Fault::unavailable("plugins.ldap.server names no directory");
        self.config.server.as_deref().ok_or_else(off)
    }

    /// Who is to be looked for. A directory knows the people of one organisation: "ada" of another tenant is another.
    fn person<'a>(&self, scope: &'a Scope) -> Option<&'a PersonView> {
        let ours = self.config.tenants.iter().any(|tenant| tenant == scope.tenant.as_str());
        scope.person.as_ref().filter(|_| ours)
    }

    /// The one entry of the person. For nobody the search is for a name that nobody has.
    async fn find(
        &self,
        server: &str,
        person: Option<&PersonView>,
        scope: &Scope,
    ) -> Result<Option<Entry>, Fault> {
        let nobody = || HEXLOWER.encode(&scope.pseudonym.0);
        let username = person.map_or_else(nobody, |p| p.username.clone());
        let args = json!({"server": server, "username": username, "attributes": self.config.attributes()});
        match Search::read(self.ask("ldap.find", args).await?)? {
            Search::One(entry) => Ok(Some(entry).filter(|_| person.is_some())),
            Search::Nobody => Ok(None),
            Search::Several => {
                self.host.log(LogLevel::Warn, "several entries of the directory have the same login name");
                Ok(None)
            }
        }
    }

    /// Whether it is the entry that the account is tied to, if it is tied to one.
    fn is_the_same(&self, entry: &Entry, tied: Option<&Held<Credential>>) -> bool {
        let Some(attribute) = &self.config.id_attribute else { return true };
        match (entry.id(attribute), tied) {
            (Some(id), Some(held)) if held.doc.id != id => {
                self.host.log(
                    LogLevel::Warn,
                    "a login name has gone over to another entry of the directory: whoever it is is not let in; \
                     remove the credential if it is the same person",
                );
                false
            }
            (Some(_), _) => true,
            (None, _) => {
                self.host.log(
                    LogLevel::Error,
                    "an entry of the directory does not have plugins.ldap.id_attribute exactly once: nobody can log \
                     in with it",
                );
                false
            }
        }
    }

    /// Whether it is the password of this entry. For nobody something else is sent: what was typed is none of the
    /// directory's business then.
    async fn bind(&self, server: &str, entry: Option<&Entry>, password: &str) -> Result<bool, Fault> {
        let args = match entry {
            Some(entry) => json!({"server": server, "dn": entry.dn, "password": password}),
            None => json!({"server": server, "dn": null, "password": "x".repeat(password.len())}),
        };
        let reply = self.ask("ldap.bind", args).await?;
        let right = reply["right"].as_bool();
        right.ok_or_else(|| Fault::internal("ldap.bind answers something else"))
    }

    fn accept(
        &self,
        server: &str,
        entry: &Entry,
        tied: Option<&Held<Credential>>,
    ) -> Verdict<Nothing, Nothing, Credential> {
        let claims = entry.claims(&self.config);
        let credential = tied.map(|held| held.id);
        let mut verdict = Verdict::of(Accepted { credential, claims, ..Accepted::default() });
        let id = self.config.id_attribute.as_ref().and_then(|attribute| entry.id(attribute));
        if let (Some(id), None) = (id, tied) {
            // One entry is one account: the key is good once in a tenant.
            let lookup = Some(LookupKey(format!("{server}:{id}")));
            let doc = Credential { server: server.to_owned(), id, dn: entry.dn.clone() };
            verdict.effects.credentials.push(CredentialChange::Add { doc, label: None, lookup });
        }
        verdict
    }

    /// What is wrong with what we ask is not the caller's mistake.
    async fn ask(&self, method: &str, args: Value) -> Result<Value, Fault> {
        self.host.call(method, args).await.map_err(|fault| match fault {
            Fault::BadRequest { message, .. } => Fault::internal(format!("{method}: {message}")),
            other => other,
        })
    }
}

gatewright_contract::register_authenticator!(Ldap);

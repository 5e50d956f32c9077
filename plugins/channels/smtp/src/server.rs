//! The mail server: connections to it, and what its answers mean.
//!
//! The library has a pool of its own, but that takes back a connection whose sender was stopped in the middle: the next
//! mail would read the answers to the one before. Here a connection is kept only after a mail that was taken.

use crate::{
    compose::Mail,
    config::{Config, Encryption, wrong},
};
use gatewright_contract::{Fault, Host, Timestamp};
use gatewright_core::channel::Undelivered;
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// As much of a complaint of the network goes to the log.
const LONGEST_COMPLAINT: usize = 200;
/// "Authenticate first", and its like: what the operator can mend (RFC 4954, section 6).
const OF_THE_ACCOUNT: [u16; 4] = [530, 534, 535, 538];

/// Where mails are handed in.
pub(crate) struct Server {
    address: (String, u16),
    hello: ClientId,
    protection: Protection,
    credentials: Option<Credentials>,
    timeout: Duration,
    kept: Mutex<Vec<Kept>>,
    most: usize,
    keep_for: Duration,
    clock: Host,
}

enum Protection {
    StartTls(TlsParameters),
    Tls(TlsParameters),
    None,
}

/// A connection between two mails.
struct Kept {
    connection: AsyncSmtpConnection,
    since: Timestamp,
}

impl Server {
    /// As configured; `domain` is that of the sender.
    ///
    /// # Errors
    /// [`Fault::Config`] for certificates that are none.
    pub(crate) fn new(host: &str, config: &Config, domain: &str, clock: Host) -> Result<Self, Fault> {
        let protection = match config.encryption {
            Encryption::StartTls => Protection::StartTls(trust(host, config)?),
            Encryption::Tls => Protection::Tls(trust(host, config)?),
            Encryption::None => Protection::None,
        };
        let account = config.username.as_ref().zip(config.password.as_ref());
        Ok(Self {
            address: (host.to_owned(), config.port()),
            hello: ClientId::Domain(config.hello_name.as_deref().unwrap_or(domain).to_owned()),
            protection,
            credentials: account
                .map(|(name, password)| Credentials::new(name.clone(), password.expose().clone())),
            timeout: Duration::from_secs(u64::from(config.timeout_seconds)),
            kept: Mutex::default(),
            most: usize::from(config.keep_connections),
            keep_for: Duration::from_secs(u64::from(config.keep_seconds)),
            clock,
        })
    }

    /// Hands a mail in.
    ///
    /// # Errors
    /// In words without the server's own, which repeat addresses.
    pub(crate) async fn send(&self, mail: &Mail) -> Result<(), Undelivered> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection.send(&mail.envelope, mail.text.expose()).await.map_err(|error| refused(&error))?;
        self.keep(connection);
        Ok(())
    }

    /// A connection that still works.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let Kept { mut connection, since } =
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if self.clock.now().since(since) < self.keep_for && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let since = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| since.since(one.since) < self.keep_for);
        if kept.len() < self.most {
            kept.push(Kept { connection, since });
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let tls = match &self.protection {
            Protection::Tls(tls) => Some(tls.clone()),
            Protection::StartTls(_) | Protection::None => None,
        };
        let (host, port) = &self.address;
        let address = (host.as_str(), *port);
        let connected =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.timeout), &self.hello, tls, None).await;
        let mut connection = connected.map_err(|error| not_reached("no connection", &error))?;
        if let Protection::StartTls(tls) = &self.protection {
            let begun = connection.starttls(tls.clone(), &self.hello).await;
            begun.map_err(|error| not_reached("no encryption", &error))?;
        }
        if let Some(credentials) = &self.credentials {
            let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
            known.map_err(|error| not_reached("no login", &error))?;
        }
        Ok(connection)
    }
}

/// Whom we believe to be the server.
fn trust(host: &str, config: &Config) -> Result<TlsParameters, Fault> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(pem) = &config.root_certificates {
        let not_pem = || wrong("root_certificates", "no certificate in PEM is in it");
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(not_pem());
        }
        let roots = Certificate::from_pem(pem.as_bytes()).map_err(|_| not_pem())?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(roots);
    }
    tls.build().map_err(|error| match &config.root_certificates {
        Some(_) => wrong("root_certificates", "a certificate in it can't be used"),
        None => Fault::caused("TLS for the mail server can't be set up", error),
    })
}

/// Before anything of a message was said: whatever it is, it may pass or be mended.
fn not_reached(what: &str, error: &Error) -> Undelivered {
    Undelivered::Later(match error.status() {
        Some(code) => format!("{what}: the mail server said {code}"),
        None if error.is_response() => format!("{what}: the mail server can't be understood"),
        // Of the network, of TLS or of what the server can do.
        None => {
            let complaint = deepest(error).to_string();
            let complaint = complaint.chars().filter(|c| !c.is_control()).take(LONGEST_COMPLAINT);
            format!("{what}: {}", complaint.collect::<String>())
        }
    })
}

/// What began it; what lies above only says so in more words.
fn deepest(error: &Error) -> &dyn std::error::Error {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    deepest
}

/// While the message was said.
fn refused(error: &Error) -> Undelivered {
    if let Some(code) = error.status() {
        let code: u16 = code.into();
        let said = format!("the mail server said {code}");
        let for_good = error.is_permanent() && !OF_THE_ACCOUNT.contains(&code);
        return if for_good { Undelivered::Never(said) } else { Undelivered::Later(said) };
    }
    if error.is_client() {
        return Undelivered::Never("the mail server can't take such an address (no SMTPUTF8)".to_owned());
    }
    Undelivered::Later("the connection to the mail server broke off".to_owned())
}

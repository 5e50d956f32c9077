//! The address of a PostgreSQL server, which may hold a password.

use super::config::DatabaseConfig;
use crate::{config::SystemSecrets, store::OpenError};
use gatewright_contract::Secret;
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use std::fmt;

/// What may stand behind the `?`. Anything else is refused: the driver would only log it, with its value.
const OPTIONS: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "dbname",
    "application_name",
    "options",
];
/// Prepared statements that a connection keeps: all of ours.
const STATEMENTS: usize = 256;

/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`, and how the database is used. Printed without the
/// password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    url: Secret<String>,
    pub(super) config: DatabaseConfig,
}

impl PostgresAddress {
    /// Takes an address that begins with `postgres:` or `postgresql:`.
    pub(in crate::store) fn parse(url: &str) -> Result<Self, OpenError> {
        let (_, query) = url.split_once('?').unwrap_or((url, ""));
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let name = option.split('=').next().unwrap_or_default();
            if !OPTIONS.contains(&name) && !name.starts_with("options[") {
                return Err(OpenError::Address("has an option behind the `?` that is none"));
            }
        }
        let address = Self { url: Secret::new(url.to_owned()), config: DatabaseConfig::default() };
        address.options()?;
        Ok(address)
    }

    /// With these settings in place of the defaults.
    pub(in crate::store) fn with(self, config: DatabaseConfig) -> Self {
        Self { config, ..self }
    }

    /// What the driver connects with.
    pub(super) fn options(&self) -> Result<PgConnectOptions, OpenError> {
        // What the driver says may repeat a part of the address.
        let parsed = self.url.expose().parse::<PgConnectOptions>();
        let mut options = parsed.map_err(|_| OpenError::Address("is no address of a PostgreSQL"))?;
        if let Some(password) = &self.config.password {
            let password = password.resolve(&SystemSecrets::new(&[], ""));
            let password = password.map_err(|_| OpenError::Address("has a password that can't be read"))?;
            options = options.password(password.expose());
        }
        if options.get_application_name().is_none() {
            options = options.application_name("gatewright");
        }
        Ok(options.statement_cache_capacity(STATEMENTS).disable_statement_logging())
    }
}

/// User, server and database of these options.
pub(super) fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("postgres://{}@{host}/{database}", options.get_username())
}

/// Says so when others on the way could read what is sent, or answer in the server's place.
pub(super) fn warn_of_readers(options: &PgConnectOptions) {
    let host = options.get_host();
    let near = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let proven = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa);
    if !near && !proven {
        tracing::warn!(
            server = host,
            "the database server does not have to prove who it is; add `?sslmode=verify-full` to `store`"
        );
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.options() {
            Ok(options) => f.write_str(&place(&options)),
            Err(_) => f.write_str("postgres:"),
        }
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
    }
}

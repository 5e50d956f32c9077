//! Where the data lies.

use super::{
    OpenError,
    postgres::{DatabaseConfig, PostgresAddress},
};
use std::{fmt, path::PathBuf, str::FromStr};

/// Where the data lies: `memory`, `sqlite:PATH` or `postgres://…`. Printed without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// In this process, gone with it. For trying out and for tests.
    Memory,
    /// In a file of this machine. One host at a time.
    Sqlite(PathBuf),
    /// On a server. As many hosts as there are.
    Postgres(PostgresAddress),
}

impl StoreUrl {
    /// With these settings, where it is a server.
    #[must_use]
    pub fn with(self, config: DatabaseConfig) -> Self {
        match self {
            Self::Postgres(address) => Self::Postgres(address.with(config)),
            other => other,
        }
    }
}

impl FromStr for StoreUrl {
    type Err = OpenError;

    /// `sqlite:PATH` takes `sqlite://PATH` for the same; a relative path is seen from the working folder.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        if text == "memory" || text == "memory:" {
            return Ok(Self::Memory);
        }
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return PostgresAddress::parse(text).map(Self::Postgres);
        }
        let Some(path) = text.strip_prefix("sqlite:") else {
            return Err(OpenError::Address("begins with no kind of database that is built in"));
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => Err(OpenError::Address("has no path")),
            ":memory:" => Err(OpenError::Address("names a file `:memory:`")),
            _ if path.contains(['?', '\0']) => Err(OpenError::Address("has options after the path")),
            _ => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StoreUrl;

    #[test]
    fn addresses() {
        let parse = |text: &str| text.parse::<StoreUrl>();
        assert_eq!(parse("memory").expect("memory"), StoreUrl::Memory);
        for (text, path) in [
            ("sqlite:data/gatewright.db", "data/gatewright.db"),
            ("sqlite:///var/lib/gatewright.db", "/var/lib/gatewright.db"),
            ("sqlite:/var/lib/gatewright.db", "/var/lib/gatewright.db"),
        ] {
            assert_eq!(parse(text).expect(text), StoreUrl::Sqlite(path.into()));
        }
        assert_eq!(parse("sqlite:a b.db").expect("path").to_string(), "sqlite:a b.db");
        for bad in [
            "",
            "data.db",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:a.db?mode=ro",
            "mysql://me:secret@db/x",
            "postgres://me:secret@db:port/x",
            "postgres://me@db/x?sslmode=secret",
            "postgres://me@db/x?passwd=secret",
        ] {
            let error = parse(bad).expect_err(bad).to_string();
            assert!(error.contains("sqlite:PATH") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        for text in [
            "postgres://me:secret@db.example:5433/x?sslmode=verify-full",
            "postgresql://me@db.example:5433/x?password=secret&sslmode=require",
        ] {
            let url: StoreUrl = text.parse().expect(text);
            assert_eq!(url.to_string(), "postgres://me@db.example:5433/x");
            assert!(!format!("{url:?}").contains("secret"));
        }
        let socket: StoreUrl = "postgres://me@%2Frun%2Fpostgresql/x".parse().expect("a socket");
        assert_eq!(socket.to_string(), "postgres://me@/run/postgresql/x");
    }
}

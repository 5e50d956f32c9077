//! Where the data lies.

use super::OpenError;
use std::{fmt, path::PathBuf, str::FromStr};

/// Where the data lies: `memory` or `sqlite:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// In this process, gone with it. For trying out and for tests.
    Memory,
    /// In a file of this machine. One host at a time.
    Sqlite(PathBuf),
}

impl FromStr for StoreUrl {
    type Err = OpenError;

    /// `sqlite:PATH` takes `sqlite://PATH` for the same; a relative path is seen from the working folder.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        if text == "memory" || text == "memory:" {
            return Ok(Self::Memory);
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
        for bad in
            ["", "data.db", "sqlite:", "sqlite::memory:", "sqlite:a.db?mode=ro", "postgres://me:secret@db/x"]
        {
            let error = parse(bad).expect_err(bad).to_string();
            assert!(error.contains("sqlite:PATH") && !error.contains("secret"), "{error}");
        }
    }
}

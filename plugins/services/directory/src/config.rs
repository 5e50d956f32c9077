//! The table `[plugins.directory]`.

use gatewright_contract::{Fault, Secret};
use ldap3::parse_filter;
use schemars::JsonSchema;
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf};
use url::Url;

/// What stands in a filter for the name of the person.
pub(crate) const USERNAME: &str = "{username}";
/// An escaped parenthesis: legal in a value and nowhere else in a filter (RFC 4515, section 3).
const PROBE: &str = "\\28";

/// The table `[plugins.directory]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// LDAP servers by a name of your choice, to which authenticators refer. Default: none.
    pub servers: BTreeMap<String, Server>,
}

/// One directory: where it is, who asks, and how a person is found in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Addresses of servers with the same content, tried in this order: `ldaps://dc1.example.com` (port 636), or
    /// `ldap://dc1.example.com` (port 389), where STARTTLS is asked for before anything else is said.
    pub urls: Vec<String>,
    /// Accept that passwords cross the network in clear text to an `ldap://` server: for laboratories only.
    pub allow_clear_text: bool,
    /// File with the root certificates in PEM to which a server's certificate must chain. Left out: those that the
    /// system trusts. The name in the URL must be in the certificate either way.
    pub roots: Option<PathBuf>,
    /// The account that searches, such as `cn=gatewright,ou=services,dc=example,dc=com`; Active Directory takes
    /// `gatewright@example.com` too. It needs to read people, and nothing else. Left out: the search is anonymous.
    pub bind_dn: Option<String>,
    /// Its password.
    pub bind_password: Option<Secret<String>>,
    /// Where people are, such as `ou=people,dc=example,dc=com`.
    pub base: String,
    /// How far below the base: `subtree` or `one-level`.
    pub scope: Depth,
    /// How a person is found (RFC 4515). `{username}` is the login name at Gatewright, escaped; it must stand for a
    /// value. Use attributes that people can't change themselves: `(sAMAccountName={username})`,
    /// `(userPrincipalName={username}@example.com)`.
    pub filter: String,
    /// Connections that are kept for searches.
    #[schemars(range(min = 1, max = 64))]
    pub search_connections: u8,
    /// Passwords that are checked at the same time, each on a connection of its own.
    #[schemars(range(min = 1, max = 255))]
    pub bind_connections: u8,
    /// Milliseconds for a connection with its TLS handshake, for each URL.
    #[schemars(range(min = 50, max = 20_000))]
    pub connect_timeout_ms: u32,
    /// Milliseconds for a whole search and for a whole check of a password, waiting included.
    #[schemars(range(min = 100, max = 25_000))]
    pub timeout_ms: u32,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            urls: Vec::new(),
            allow_clear_text: false,
            roots: None,
            bind_dn: None,
            bind_password: None,
            base: String::new(),
            scope: Depth::Subtree,
            filter: "(uid={username})".to_owned(),
            search_connections: 4,
            bind_connections: 16,
            connect_timeout_ms: 2000,
            timeout_ms: 5000,
        }
    }
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// Everything below the base.
    Subtree,
    /// Its children only.
    OneLevel,
}

/// Two words. (Derived, the documented variants would become two schemas of one word.)
impl JsonSchema for Depth {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LdapDepth".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["subtree", "one-level"]})
    }
}

/// A mistake at a key of one server.
pub(crate) fn wrong(server: &str, key: &str, message: impl Into<String>) -> Fault {
    Fault::Config { key: format!("servers.{server}.{key}"), message: message.into() }
}

impl Server {
    /// What the schema can't say.
    ///
    /// # Errors
    /// [`Fault::Config`], never with a secret in it.
    pub(crate) fn check(&self, name: &str) -> Result<(), Fault> {
        let wrong = |key: &str, message: &str| Err(wrong(name, key, message));
        if self.urls.is_empty() || self.urls.len() > 8 {
            return wrong("urls", "1 to 8 addresses, such as \"ldaps://dc1.example.com\"");
        }
        for (i, url) in self.urls.iter().enumerate() {
            if let Err(message) = self.check_url(url) {
                return wrong(&format!("urls.{i}"), message);
            }
        }
        match (&self.bind_dn, &self.bind_password) {
            // A name without a password is an "unauthenticated" bind, which looks like success (RFC 4513, 5.1.2).
            (Some(_), None) => return wrong("bind_password", "missing: bind_dn needs its password"),
            (None, Some(_)) => return wrong("bind_dn", "missing: bind_password is whose?"),
            (Some(dn), Some(_)) if !is_text(dn) => return wrong("bind_dn", "1 to 1024 bytes, no NUL"),
            (_, Some(password)) if !is_text(password.expose()) => {
                return wrong("bind_password", "1 to 1024 bytes, no NUL");
            }
            _ => {}
        }
        if self.base.len() > 1024 || self.base.contains('\0') {
            return wrong("base", "at most 1024 bytes, no NUL");
        }
        if !self.filter.contains(USERNAME) {
            return wrong("filter", "{username} must be in it: it stands for the login name");
        }
        if self.filter.len() > 1024 || parse_filter(self.filter.replace(USERNAME, PROBE)).is_err() {
            return wrong(
                "filter",
                "not a filter (RFC 4515), or {username} stands where no value stands; an example: (uid={username})",
            );
        }
        if !(1..=64).contains(&self.search_connections) {
            return wrong("search_connections", "1 to 64");
        }
        if self.bind_connections == 0 {
            return wrong("bind_connections", "1 to 255");
        }
        if !(50..=20_000).contains(&self.connect_timeout_ms) {
            return wrong("connect_timeout_ms", "50 to 20000");
        }
        if !(100..=25_000).contains(&self.timeout_ms) {
            return wrong("timeout_ms", "100 to 25000: a request may take 30 seconds as a whole");
        }
        Ok(())
    }

    fn check_url(&self, url: &str) -> Result<(), &'static str> {
        let url = Url::parse(url).map_err(|_| "not a URL; an example: ldaps://dc1.example.com")?;
        let clear = match url.scheme() {
            "ldaps" => false,
            "ldap" => self.allow_clear_text,
            _ => return Err("the scheme is ldaps or ldap"),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("no host in it")?;
        // The library does not take the brackets off before it compares names.
        if host.starts_with('[') && !clear {
            return Err("an IPv6 address can't be compared with a certificate: use the server's name");
        }
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        match bare && matches!(url.path(), "" | "/") && url.fragment().is_none() {
            true => Ok(()),
            false => Err("only a scheme, a host and a port: the rest has keys of its own"),
        }
    }
}

fn is_text(text: &str) -> bool {
    (1..=1024).contains(&text.len()) && !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::{Server, USERNAME};
    use gatewright_contract::{Fault, Secret};

    fn server() -> Server {
        Server { urls: vec!["ldaps://dc1.example.com".to_owned()], ..Server::default() }
    }

    /// The key that is wrong.
    fn key(server: &Server) -> String {
        match server.check("main") {
            Err(Fault::Config { key, .. }) => key,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_server_needs_an_address_that_says_nothing_else() {
        assert!(server().check("main").is_ok());
        assert_eq!(key(&Server { urls: Vec::new(), ..server() }), "servers.main.urls");
        for bad in [
            "dc1.example.com",
            "http://dc1.example.com",
            "ldap:",
            "ldaps:///",
            "ldapi:///run/ldapi",
            "ldaps://reader:secret@dc1.example.com",
            "ldaps://dc1.example.com/dc=example,dc=com",
            "ldaps://dc1.example.com?uid",
            "ldaps://[::1]",
        ] {
            assert_eq!(
                key(&Server { urls: vec![bad.to_owned()], ..server() }),
                "servers.main.urls.0",
                "{bad}"
            );
        }
    }

    #[test]
    fn who_searches_has_a_name_and_a_password_or_neither() {
        let dn = || Some("cn=reader".to_owned());
        let password = |text: &str| Some(Secret::new(text.to_owned()));
        let with = |bind_dn, bind_password| Server { bind_dn, bind_password, ..server() };
        assert!(with(dn(), password("x")).check("main").is_ok());
        assert_eq!(key(&with(dn(), None)), "servers.main.bind_password");
        assert_eq!(key(&with(dn(), password(""))), "servers.main.bind_password");
        assert_eq!(key(&with(None, password("x"))), "servers.main.bind_dn");
        assert_eq!(key(&with(Some(String::new()), password("x"))), "servers.main.bind_dn");
    }

    #[test]
    fn a_filter_is_one_and_the_name_stands_for_a_value() {
        for good in
            ["(uid={username})", "(&(objectClass=person)(|(uid={username})(mail={username}@example.com)))"]
        {
            assert!(Server { filter: good.to_owned(), ..server() }.check("main").is_ok(), "{good}");
        }
        for bad in
            ["", "(uid=ada)", "(uid={username}", "({username}=ada)", "(uid={username}))", "(&{username})"]
        {
            assert_eq!(key(&Server { filter: bad.to_owned(), ..server() }), "servers.main.filter", "{bad}");
        }
        assert!(Server::default().filter.contains(USERNAME));
    }
}

//! One connection, and what is said on it.

use crate::config::{Depth, Server, USERNAME};
use ldap3::{
    DerefAliases, Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, SearchOptions,
    adapters::EntriesOnly, ldap_escape,
};
use std::{collections::BTreeMap, time::Duration};

/// Entries that a search may bring: one, and one more to see that it was not one.
const MOST_ENTRIES: usize = 2;
/// Values of an attribute that are taken over, and how long each may be; what is more is left out.
const MOST_VALUES: usize = 16;
const LONGEST_VALUE: usize = 4096;

/// The password of an entry does not let in: it is wrong, or there is no such entry, or it is locked or has expired
/// (RFC 4511, appendix A.2). Which of them a directory may say in its message; nobody is told.
const REFUSED: &[u32] = &[
    19, // constraintViolation: too many tries (389 Directory Server)
    32, // noSuchObject
    34, // invalidDNSyntax
    48, // inappropriateAuthentication: no password there
    49, // invalidCredentials; Active Directory: also disabled, locked, expired
    50, // insufficientAccessRights
    53, // unwillingToPerform: account locked
];
const SIZE_LIMIT_EXCEEDED: u32 = 4;

/// What was found.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    pub(crate) attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The connection is gone; on a fresh one it may work.
    Gone(String),
    /// All else.
    Other(String),
}

impl Trouble {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Gone(text) | Self::Other(text) => text,
        }
    }
}

/// Only what it prints: its `Debug` holds the request, and with it a password.
impl From<LdapError> for Trouble {
    fn from(error: LdapError) -> Self {
        let text = error.to_string();
        match error {
            LdapError::Io { .. }
            | LdapError::OpSend { .. }
            | LdapError::ResultRecv { .. }
            | LdapError::IdScrubSend { .. }
            | LdapError::EndOfStream => Self::Gone(text),
            _ => Self::Other(text),
        }
    }
}

/// Opens a connection to the first server that answers, and secures it.
pub(crate) async fn open(server: &Server, settings: &LdapConnSettings) -> Result<Ldap, Trouble> {
    let mut troubles = Vec::new();
    for url in &server.urls {
        let starttls = url.starts_with("ldap:") && !server.allow_clear_text;
        let settings = settings
            .clone()
            .set_conn_timeout(Duration::from_millis(u64::from(server.connect_timeout_ms)))
            .set_starttls(starttls);
        match LdapConnAsync::with_settings(settings, url).await {
            Ok((connection, ldap)) => {
                drive(connection);
                return Ok(ldap);
            }
            Err(error) => troubles.push(format!("{url}: {error}")),
        }
    }
    Err(Trouble::Other(troubles.join("; ")))
}

#[allow(clippy::disallowed_methods, reason = "a connection reads by itself; it ends with its last handle")]
fn drive(connection: LdapConnAsync) {
    tokio::spawn(async move {
        if let Err(error) = connection.drive().await {
            tracing::debug!(%error, "the connection to a directory has ended");
        }
    });
}

/// A connection on which can be searched.
pub(crate) async fn open_reader(server: &Server, settings: &LdapConnSettings) -> Result<Ldap, Trouble> {
    let mut ldap = open(server, settings).await?;
    if let (Some(dn), Some(password)) = (&server.bind_dn, &server.bind_password) {
        let result = ldap.simple_bind(dn, password.expose()).await?;
        if result.rc != 0 {
            return Err(Trouble::Other(format!("the account that searches is refused: {}", code(result.rc))));
        }
    }
    Ok(ldap)
}

/// Finds who has this name: at most [`MOST_ENTRIES`]. Referrals are not followed.
pub(crate) async fn find(
    ldap: &mut Ldap,
    server: &Server,
    username: &str,
    attributes: Vec<String>,
) -> Result<Vec<Entry>, Trouble> {
    let filter = server.filter.replace(USERNAME, &ldap_escape(username));
    let scope = match server.scope {
        Depth::Subtree => Scope::Subtree,
        Depth::OneLevel => Scope::OneLevel,
    };
    // An empty list would mean all; `1.1` means none (RFC 4511, section 4.5.1.8).
    let attributes = if attributes.is_empty() { vec!["1.1".to_owned()] } else { attributes };
    let options = SearchOptions::new()
        .deref(DerefAliases::Never)
        .sizelimit(i32::try_from(MOST_ENTRIES).unwrap_or(i32::MAX))
        .timelimit(i32::try_from(server.timeout_ms.div_ceil(1000)).unwrap_or(i32::MAX));
    let mut stream = ldap
        .with_search_options(options)
        .streaming_search_with(EntriesOnly::new(), &server.base, scope, &filter, attributes)
        .await?;
    let mut entries = Vec::new();
    while let Some(entry) = stream.next().await? {
        entries.push(read(SearchEntry::construct(entry)));
        if entries.len() > MOST_ENTRIES {
            return Err(Trouble::Other("the directory sends more than it was asked for".to_owned()));
        }
    }
    match stream.finish().await.rc {
        0 => Ok(entries),
        SIZE_LIMIT_EXCEEDED if entries.len() == MOST_ENTRIES => Ok(entries),
        rc => Err(Trouble::Other(format!("the search ends with {}", code(rc)))),
    }
}

fn read(entry: SearchEntry) -> Entry {
    let mut attributes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let text = entry.attrs.into_iter().map(|(n, vs)| (n, vs.into_iter().map(String::into_bytes).collect()));
    let all: Vec<(String, Vec<Vec<u8>>)> = text.chain(entry.bin_attrs).collect();
    for (name, values) in all {
        let kept = attributes.entry(name.to_ascii_lowercase()).or_default();
        kept.extend(values.into_iter().filter(|v| v.len() <= LONGEST_VALUE));
        kept.truncate(MOST_VALUES);
    }
    Entry { dn: entry.dn, attributes }
}

/// Whether this is the password of this entry.
pub(crate) async fn bind(ldap: &mut Ldap, dn: &str, password: &str) -> Result<bool, Trouble> {
    let rc = ldap.simple_bind(dn, password).await?.rc;
    // A courtesy; the answer is there.
    let _ = ldap.unbind().await;
    match rc {
        0 => Ok(true),
        rc if REFUSED.contains(&rc) => Ok(false),
        rc => Err(Trouble::Other(format!("a bind ends with {}", code(rc)))),
    }
}

/// The number of a result (RFC 4511, appendix A). The server's own text stays out: it may repeat what was sent.
fn code(rc: u32) -> String {
    let hint = match rc {
        7 | 8 | 13 => ": this server wants another kind of bind, or encryption",
        10 => ": a referral, which is not followed",
        32 => ": there is no such base",
        49 => ": invalid credentials",
        _ => "",
    };
    format!("result {rc}{hint}")
}

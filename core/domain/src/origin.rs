//! Who is calling, as far as the door knows.

use crate::token::HashedToken;
use std::net::IpAddr;

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Id of the area. A transaction goes on at the door where it began.
    pub door: &'static str,
    /// Address behind trusted proxies.
    pub address: Option<IpAddr>,
    /// What the program calls itself, cut to 256 characters.
    pub user_agent: Option<String>,
    /// For the log and the audit.
    pub request_id: String,
    /// Hash of the browser's binding cookie, where there is one.
    pub browser: Option<HashedToken>,
    /// TLS client certificate chain (DER, leaf first).
    pub peer_certificates: Vec<Vec<u8>>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// The `Origin` that the request says it comes from (RFC 6454), not held against anything yet.
    pub web_origin: Option<String>,
}

impl Origin {
    /// The machine itself: command line, start-up.
    pub fn local(door: &'static str) -> Self {
        Self {
            door,
            address: None,
            user_agent: None,
            request_id: String::from("local"),
            browser: None,
            peer_certificates: Vec::new(),
            locale: None,
            web_origin: None,
        }
    }
}

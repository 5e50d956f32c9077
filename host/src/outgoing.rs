//! Requests that the host sends because somebody gave it a URL. The one way out: only to public addresses, checked
//! after the name has been resolved and so those that are connected to; no redirect, no proxy, bounds on all.

mod addresses;
mod way_out;

use crate::http::{Network, NetworkError};
use addresses::Guard;
use reqwest::{
    Client, Method, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderMap,
    redirect,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const WHOLE_WITHIN: Duration = Duration::from_secs(15);
const IDLE: Duration = Duration::from_secs(30);
const MAX_BODY: usize = 16 * 1024;
const AGENT: &str = concat!("Gatewright/", env!("CARGO_PKG_VERSION"));

/// The table `[outgoing]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutgoingConfig {
    /// Addresses or networks (`10.1.0.0/16`) to which requests for a URL that somebody set (a webhook, …) may go
    /// although they are not public. Whoever may set such a URL can reach every machine in them. Default: none.
    pub allow_networks: Vec<String>,
    /// Whether such a URL may be `http://`: what is sent can then be read on the way. Default: `false`.
    pub allow_http: bool,
}

impl OutgoingConfig {
    /// The networks.
    ///
    /// # Errors
    /// For the first that is none.
    pub fn networks(&self) -> Result<Vec<Network>, NetworkError> {
        self.allow_networks.iter().map(|text| text.parse()).collect()
    }
}

/// Why a request was not answered. The texts tell nothing of the machines in a network that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// Not a URL that a request can go to.
    #[error("the URL can't be used: it must be https, with a host and without user name and password")]
    Url,
    /// The name stands for no address that is allowed, or is not known: which of both would tell the names of the house.
    #[error(
        "the address is not public, and `outgoing.allow_networks` does not allow it; or the name is not known"
    )]
    Address,
    /// Nobody there, or no TLS that can be trusted.
    #[error("no connection could be made, or its certificate is not trusted")]
    Connect,
    /// It took too long.
    #[error("there was no answer in time")]
    Timeout,
    /// The answer broke off, or was none.
    #[error("the answer can't be understood")]
    Answer,
    /// This machine can't send: see the log.
    #[error("this host can't send requests")]
    Setup,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, cut where it was longer than the limit.
    pub body: Vec<u8>,
    /// Whether nothing was cut off.
    pub whole: bool,
}

/// Sends.
pub struct Outgoing {
    guard: Arc<Guard>,
    allow_http: bool,
    /// Made when it is first used: it reads the trusted certificates of the machine.
    client: OnceLock<Result<Client, ()>>,
}

impl Outgoing {
    /// As configured.
    ///
    /// # Errors
    /// For a network that is none.
    pub fn new(config: &OutgoingConfig) -> Result<Self, NetworkError> {
        let guard = Arc::new(Guard { allowed: config.networks()? });
        Ok(Self { guard, allow_http: config.allow_http, client: OnceLock::new() })
    }

    /// Sends a request; of the answer's body 16 KiB are read.
    ///
    /// # Errors
    /// When it may not go there or is not answered. A status of failure is an answer.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, OutgoingError> {
        self.send_within(method, url, (headers, body), MAX_BODY).await
    }

    /// Sends a request; of the answer's body so many bytes are read.
    ///
    /// # Errors
    /// Those of [`Outgoing::send`].
    pub async fn send_within(
        &self,
        method: Method,
        url: &str,
        (headers, body): (HeaderMap, Vec<u8>),
        limit: usize,
    ) -> Result<Answer, OutgoingError> {
        let url = self.checked(url)?;
        let client = self.client.get_or_init(|| self.make()).as_ref().map_err(|()| OutgoingError::Setup)?;
        let sent = client.request(method, url).headers(headers).body(body).send().await;
        let mut answer = sent.map_err(|error| self.told(&error))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let (mut body, mut whole) = (Vec::new(), true);
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.told(&error))? {
            let room = limit - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                whole = false;
                break;
            }
        }
        Ok(Answer { status, headers, body, whole })
    }

    /// What no resolver sees: the scheme, and an address that stands in the URL itself.
    fn checked(&self, text: &str) -> Result<Url, OutgoingError> {
        let url = Url::parse(text).map_err(|_| OutgoingError::Url)?;
        let scheme = url.scheme() == "https" || (self.allow_http && url.scheme() == "http");
        let host = url.host_str().filter(|_| scheme && url.username().is_empty() && url.password().is_none());
        let host = host.ok_or(OutgoingError::Url)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(ip) if !self.guard.admits(ip) => Err(OutgoingError::Address),
            _ => Ok(url),
        }
    }

    fn make(&self) -> Result<Client, ()> {
        let made = Client::builder()
            .user_agent(AGENT)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .https_only(!self.allow_http)
            .connect_timeout(CONNECT_WITHIN)
            .timeout(WHOLE_WITHIN)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(2)
            .dns_resolver(Resolver(self.guard.clone()))
            .build();
        made.map_err(|error| tracing::error!(%error, "no requests can be sent"))
    }

    fn told(&self, error: &reqwest::Error) -> OutgoingError {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(one) = cause {
            if let Some(refused) = one.downcast_ref::<OutgoingError>() {
                return *refused;
            }
            cause = one.source();
        }
        if error.is_timeout() {
            OutgoingError::Timeout
        } else if error.is_connect() {
            OutgoingError::Connect
        } else {
            OutgoingError::Answer
        }
    }
}

/// Resolves names and leaves out the addresses that are not allowed: what it returns is what is connected to, so
/// that a name which changes its mind gains nothing.
struct Resolver(Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|error| {
                tracing::debug!(name = name.as_str(), %error, "a name can't be resolved");
                OutgoingError::Address
            })?;
            let all: Vec<SocketAddr> = found.collect();
            let admitted: Vec<SocketAddr> =
                all.into_iter().filter(|address| guard.admits(address.ip())).collect();
            match admitted.is_empty() {
                true => Err(OutgoingError::Address.into()),
                false => Ok(Box::new(admitted.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests;

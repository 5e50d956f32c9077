//! HTTP: the accept loop, TLS, and the one door through which every request goes.
//!
//! * [`HttpConfig`] says what the operator may choose; [`HttpConfig::check`] lists all that is wrong with it.
//! * [`serve`] accepts connections, bounds them in number and time, and stops gracefully.
//! * [`Door`] wraps the composed routes: request id, client address, limits, origin check, CORS, problems, headers, metrics.
//!   What it finds out stands in the request's extensions, as the types of `gatewright_plugin::request`.
//!
//! What is absent: no handler sees a request that has not passed the door, no header of an untrusted peer says who is
//! calling, no body is longer than allowed, nothing waits without a deadline, and neither log nor metrics hold a query
//! string, a header or a body.

mod activity;
mod authority;
mod body;
mod caller;
mod check;
mod client_certificate;
mod config;
mod connection;
pub(crate) mod cross_site;
mod door;
mod forwarded;
mod headers;
mod listen;
mod metrics;
mod network;
mod origin;
mod problem;
mod request_id;
pub mod tls;
mod visit;

#[cfg(test)]
mod tests;

pub use check::ConfigMistake;
pub use config::{CertificateHeader, HttpConfig, Limits, ProxyHeaders, TlsConfig};
pub use cross_site::Reaches;
pub use door::{Allow, Door, Reword, Unlimited};
pub use listen::serve;
pub use metrics::{CONTENT_TYPE as METRICS_CONTENT_TYPE, Metrics};
pub use network::{Network, NetworkError};
pub use origin::{Origin, OriginError};
pub use request_id::Random;

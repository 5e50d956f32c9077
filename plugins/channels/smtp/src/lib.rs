#![doc = include_str!("../README.md")]

mod compose;
mod config;
mod server;
mod texts;

#[cfg(test)]
mod tests;

pub use config::{Config, Encryption, Template, Words};

use compose::Composer;
use gatewright_contract::{Fault, Host};
use gatewright_core::{
    channel::{Parcel, Undelivered},
    outgoing::Outgoing,
};
use gatewright_plugin::Courier;
use server::Server;
use std::{sync::Arc, time::Duration};

/// Mail. Without a host in its table it is not there.
pub struct Smtp(Option<SetUp>);

struct SetUp {
    composer: Composer,
    server: Server,
    within: Duration,
}

impl Courier for Smtp {
    const ID: &'static str = "smtp";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;

    // Not by the guarded way out: that is for URLs that somebody else has set. This host is the operator's.
    fn new(config: Config, host: Host, _: Arc<dyn Outgoing>) -> Result<Self, Fault> {
        config.check()?;
        let within = Duration::from_secs(u64::from(config.timeout_seconds));
        let Some(name) = &config.host else {
            // What stands here is checked all the same, so that it is right when the host comes.
            texts::letters(&config.templates)?;
            return Ok(Self(None));
        };
        let composer = Composer::new(&config, host.clone())?;
        let server = Server::new(name, &config, composer.domain(), host)?;
        Ok(Self(Some(SetUp { composer, server, within })))
    }

    fn is_set_up(&self) -> bool {
        self.0.is_some()
    }

    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered> {
        let later = |why: &str| Undelivered::Later(why.to_owned());
        let Some(SetUp { composer, server, within }) = &self.0 else {
            return Err(later("no mail server is set up"));
        };
        let mail = composer.compose(parcel)?;
        // The library has a bound for the connection alone. A connection that is given up in the middle is closed.
        let sent = tokio::time::timeout(*within, server.send(&mail)).await;
        sent.unwrap_or_else(|_| Err(later("the mail server took too long")))
    }
}

gatewright_plugin::register_channel!(Smtp);

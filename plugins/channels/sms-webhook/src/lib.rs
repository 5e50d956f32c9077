#![doc = include_str!("../README.md")]

mod config;
mod texts;

#[cfg(test)]
mod tests;

pub use config::{Config, Template, Words};

use config::Gateway;
use gatewright_contract::{Fault, Host, Secret};
use gatewright_core::{
    channel::{Parcel, Undelivered},
    outgoing::{NoAnswer, Outgoing, Request},
    webhooks::signature,
};
use gatewright_plugin::{Courier, letters::Letters};
use serde_json::json;
use std::sync::Arc;
use texts::TEXT;

/// Longest text, in characters: ten text messages.
const LONGEST: usize = 1600;

/// Text messages and calls. Without a URL in its table it is not there.
pub struct SmsWebhook {
    gateway: Option<Gateway>,
    letters: Letters,
    clock: Host,
    outgoing: Arc<dyn Outgoing>,
}

impl Courier for SmsWebhook {
    const ID: &'static str = "sms-webhook";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;

    fn new(config: Config, clock: Host, outgoing: Arc<dyn Outgoing>) -> Result<Self, Fault> {
        Ok(Self { gateway: config.gateway()?, letters: texts::letters(&config.templates)?, clock, outgoing })
    }

    fn is_set_up(&self) -> bool {
        self.gateway.is_some()
    }

    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered> {
        let Some(Gateway { url, secret }) = &self.gateway else {
            return Err(Undelivered::Later("no gateway is set up".to_owned()));
        };
        let body = self.body(parcel)?;
        let (id, seconds) = (parcel.id.to_string(), self.clock.now().as_secs());
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-signature", signature(secret.expose(), &id, seconds, body.expose())),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-id", id),
        ];
        let body = body.expose().clone().into_bytes();
        let request = Request { method: "POST", url: url.clone(), headers, body };
        match self.outgoing.send(request).await {
            Ok(answer) => judge(answer.status),
            // Refused or failed, it is the configuration or the network, and either may be mended.
            Err(NoAnswer::Refused(why) | NoAnswer::Failed(why)) => {
                Err(Undelivered::Later(format!("no answer: {why}")))
            }
        }
    }
}

impl SmsWebhook {
    fn body(&self, parcel: &Parcel) -> Result<Secret<String>, Undelivered> {
        let kind = match parcel.values.iter().find(|(name, _)| name == "kind") {
            Some((_, kind)) if kind.expose() == "voice" => "voice",
            _ => "sms",
        };
        let text = self.letters.write(parcel, TEXT)?;
        if text.expose().chars().count() > LONGEST {
            return Err(Undelivered::Never("the text is too long".to_owned()));
        }
        let body = json!({
            "id": parcel.id,
            "to": parcel.to.expose(),
            "text": text.expose(),
            "kind": kind,
            "tenant": parcel.tenant,
        });
        Ok(Secret::new(body.to_string()))
    }
}

/// What the gateway means by a status.
fn judge(status: u16) -> Result<(), Undelivered> {
    let said = format!("the gateway answered {status}");
    match status {
        200..=299 => Ok(()),
        408 | 429 | 500..=599 => Err(Undelivered::Later(said)),
        _ => Err(Undelivered::Never(said)),
    }
}

gatewright_plugin::register_channel!(SmsWebhook);

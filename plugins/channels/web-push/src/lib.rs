#![doc = include_str!("../README.md")]

mod config;
mod sealed;
mod vapid;

#[cfg(test)]
mod tests;

pub use config::Config;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Host, HostExt as _, LogLevel};
use gatewright_core::{
    channel::{Parcel, Undelivered},
    outgoing::{NoAnswer, Outgoing, Request},
};
use gatewright_plugin::Courier;
use sealed::{Receiver, seal};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use url::Url;
use vapid::Vapid;

/// How often a key is drawn anew that is none: each time one in four thousand million.
const DRAWS: usize = 4;

/// Wakes devices.
pub struct WebPush {
    config: Config,
    vapid: Option<Vapid>,
    host: Host,
    outgoing: Arc<dyn Outgoing>,
}

/// Where a device is woken, as it has said when it was paired.
#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    p256dh: String,
    auth: String,
}

impl Courier for WebPush {
    const ID: &'static str = "web-push";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;

    fn new(config: Config, host: Host, outgoing: Arc<dyn Outgoing>) -> Result<Self, Fault> {
        config.check()?;
        let vapid = match (&config.private_key, &config.contact) {
            (Some(key), Some(contact)) => Some(Vapid::of(key, contact)?),
            _ => None,
        };
        Ok(Self { config, vapid, host, outgoing })
    }

    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered> {
        let never = |why: &str| Undelivered::Never(why.to_owned());
        let vapid = self.vapid.as_ref().ok_or_else(|| never("`plugins.web-push.private_key` is not set"))?;
        let to: Subscription =
            serde_json::from_str(parcel.to.expose()).map_err(|_| never("the address is no subscription"))?;
        let service = Url::parse(&to.endpoint).map_err(|_| never("the address is no URL"))?;
        if !self.config.takes(&service) {
            return Err(never("the push service of the device is not among `plugins.web-push.services`"));
        }
        let now = self.host.now();
        let headers = vec![
            ("authorization", vapid.authorization(&service, now).map_err(later)?),
            ("ttl", parcel.expires.since(now).as_secs().to_string()),
            ("urgency", "high".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("content-encoding", "aes128gcm".to_owned()),
        ];
        let body = self.sealed(&text(parcel), &to)?;
        let request = Request { method: "POST", url: to.endpoint, headers, body };
        match self.outgoing.send(request).await {
            Ok(answer) => judged(answer.status),
            Err(NoAnswer::Refused(why)) => Err(Undelivered::Never(why)),
            Err(NoAnswer::Failed(why)) => Err(Undelivered::Later(why)),
        }
    }
}

impl WebPush {
    fn sealed(&self, message: &[u8], to: &Subscription) -> Result<Vec<u8>, Undelivered> {
        let read = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        let (public_key, auth) = (read(&to.p256dh), read(&to.auth));
        let receiver = Receiver { public_key: &public_key, auth: &auth };
        let salt = self.host.random_array().map_err(later)?;
        // The device's key is looked at before anything is computed with it: a point that is not on the curve is refused.
        seal(message, &receiver, &self.own_key()?, &salt).map_err(|_| {
            Undelivered::Never("the device's key is none, or the message is too long".to_owned())
        })
    }

    /// A key for one message.
    fn own_key(&self) -> Result<PrivateKey, Undelivered> {
        for _ in 0..DRAWS {
            let bytes: [u8; 32] = self.host.random_array().map_err(later)?;
            if let Ok(key) = PrivateKey::from_private_key(&ECDH_P256, &bytes) {
                return Ok(key);
            }
        }
        self.host.log(LogLevel::Error, "no key can be made");
        Err(Undelivered::Later("no key can be made".to_owned()))
    }
}

fn later(fault: Fault) -> Undelivered {
    Undelivered::Later(fault.to_string())
}

/// What the device reads: the template and its values, as JSON.
fn text(parcel: &Parcel) -> Vec<u8> {
    let values =
        parcel.values.iter().map(|(name, value)| (name.clone(), Value::from(value.expose().as_str())));
    let mut told: Map<String, Value> = values.collect();
    told.insert("template".to_owned(), parcel.template.as_str().into());
    told.insert("tenant".to_owned(), parcel.tenant.as_str().into());
    Value::Object(told).to_string().into_bytes()
}

/// What a push service means by a status (RFC 8030, sections 5 and 7.3).
fn judged(status: u16) -> Result<(), Undelivered> {
    match status {
        200..=299 => Ok(()),
        404 | 410 => Err(Undelivered::Never(format!("{status}: the device no longer listens"))),
        408 | 429 | 500..=599 => Err(Undelivered::Later(format!("the push service answers {status}"))),
        _ => Err(Undelivered::Never(format!("the push service answers {status}"))),
    }
}

gatewright_plugin::register_channel!(WebPush);

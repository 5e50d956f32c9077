#![doc = include_str!("../README.md")]

mod config;
mod evaluation;
mod limit;

#[cfg(test)]
mod tests;

pub use config::Config;

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;
use evaluation::{Blinded, Key, OprfId, Seed};
use gatewright_contract::{BoxFut, CONTRACT, Fault, Host, HostExt as _, LogLevel, TenantId};
use gatewright_core::service::Service;
use gatewright_plugin::{Contribution, Descriptor, Health, Made, Plugin, Setup, config_table};
use limit::Limit;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::sync::Arc;

const EVALUATE: &str = "oprf.evaluate";
const BEGIN: &str = "oprf.begin";

/// For what a tenant's seed is asked of the keyring.
const SEED: &str = "seed";

/// Blinded questions, answered.
#[derive(Clone)]
pub struct OprfPlugin {
    host: Host,
    limit: Limit,
}

impl OprfPlugin {
    /// With these limits.
    pub fn new(config: &Config, host: Host) -> Self {
        Self { host, limit: Limit::of(config) }
    }

    async fn seed(&self, tenant: &TenantId) -> Result<Seed, Fault> {
        self.host.secret(tenant, SEED).await.map(Seed)
    }

    async fn evaluate(&self, asked: Asked) -> Result<Value, Fault> {
        let tenant = tenant(&asked.tenant)?;
        let id = OprfId(bytes("oprf_id", &asked.oprf_id)?);
        let blinded = blinded(&asked.blinded)?;
        let seed = self.seed(&tenant).await?;
        // Counted before it is answered: what is answered and not counted would be a free guess.
        let key = if self.limit.take(&self.host, &tenant, &id).await? {
            seed.key(&id)
        } else {
            self.host
                .log(LogLevel::Warn, "one key was asked more often than it may be: answered under another");
            seed.spent_key(&id)
        };
        reply(&seed, &key?, &blinded)
    }

    /// Not counted: the id is drawn here, so that nobody can ask for one that is there, and nothing is kept of questions that
    /// anybody may ask.
    async fn begin(&self, asked: Begun) -> Result<Value, Fault> {
        let (tenant, blinded) = (tenant(&asked.tenant)?, blinded(&asked.blinded)?);
        let seed = self.seed(&tenant).await?;
        let id = OprfId(self.host.random_array()?);
        let mut told = reply(&seed, &seed.key(&id)?, &blinded)?;
        told["oprf_id"] = json!(BASE64URL_NOPAD.encode(&id.0));
        Ok(told)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    tenant: String,
    oprf_id: String,
    blinded: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    tenant: String,
    blinded: String,
}

/// The arguments. The messages of serde could repeat what they were given.
fn arguments<T: DeserializeOwned>(args: Value, takes: &str) -> Result<T, Fault> {
    serde_json::from_value(args).map_err(|_| Fault::bad_request("", format!("takes {takes}, all text")))
}

fn tenant(text: &str) -> Result<TenantId, Fault> {
    TenantId::parse(text).ok_or_else(|| Fault::bad_request("tenant", "has not the form of a tenant's id"))
}

fn blinded(text: &str) -> Result<Blinded, Fault> {
    Blinded::parse(&bytes("blinded", text)?)
        .ok_or_else(|| Fault::bad_request("blinded", "is no element of ristretto255, or the identity"))
}

fn reply(seed: &Seed, key: &Key, blinded: &Blinded) -> Result<Value, Fault> {
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    Ok(json!({"evaluated": encode(&blinded.under(key)), "seed_id": encode(&seed.id()?)}))
}

/// So many bytes, in their one encoding.
fn bytes<const N: usize>(field: &str, text: &str) -> Result<[u8; N], Fault> {
    let wrong = || Fault::bad_request(field, format!("is not base64url of {N} bytes without padding"));
    if text.len() != (N * 8).div_ceil(6) {
        return Err(wrong());
    }
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong())?;
    bytes.try_into().map_err(|_| wrong())
}

#[async_trait]
impl Plugin for OprfPlugin {
    fn contribute(&self) -> Contribution {
        Contribution { services: vec![Arc::new(self.clone())], ..Contribution::default() }
    }

    async fn health(&self) -> Health {
        match self.seed(&TenantId::default_tenant()).await {
            Ok(_) => Health::Ok,
            Err(fault) => Health::Down(fault.to_string()),
        }
    }
}

#[async_trait]
impl Service for OprfPlugin {
    fn methods(&self) -> &[&'static str] {
        &[EVALUATE, BEGIN]
    }

    async fn call(&self, method: &str, args: Value) -> Result<Value, Fault> {
        match method {
            BEGIN => self.begin(arguments(args, "`tenant` and `blinded`")?).await,
            _ => self.evaluate(arguments(args, "`tenant`, `oprf_id` and `blinded`")?).await,
        }
    }
}

fn init(setup: Setup) -> BoxFut<'static, Made> {
    Box::pin(async move {
        let config: Config = serde_json::from_value(setup.config)
            .map_err(|e| Fault::Config { key: String::new(), message: e.to_string() })?;
        Ok(Box::new(OprfPlugin::new(&config, setup.host)) as Box<dyn Plugin>)
    })
}

gatewright_plugin::private::inventory::submit! {
    Descriptor {
        id: "oprf",
        version: env!("CARGO_PKG_VERSION"),
        contract: CONTRACT,
        about: include_str!("../README.md"),
        config: || config_table::<Config>(json!({"evaluations_per_hour": 150, "evaluations_per_day": 300})),
        init,
    }
}

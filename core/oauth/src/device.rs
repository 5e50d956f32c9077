//! Devices without a keyboard: a code is shown there, and typed where its person is logged in (RFC 8628).

mod ask;
mod decide;
mod redeem;

pub use ask::DeviceReply;
pub use decide::DeviceRequest;

use crate::{grant::Terms, user_code::UserCode};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::store::Record;
use serde::{Deserialize, Serialize};

/// The kind of the record; its key is the hash of the user code.
pub const DEVICE: &str = "oauth-device";

/// What is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Device {
    client_id: String,
    scopes: Vec<String>,
    resources: Vec<String>,
    /// Hash of the device code, in hex.
    secret: String,
    /// When both codes end.
    expires: Timestamp,
    /// Seconds between two questions.
    interval: u32,
    /// When the device has last asked.
    polled: Option<Timestamp>,
    state: State,
}

/// What has been decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Denied,
    Allowed(Box<Terms>),
}

impl crate::Provider {
    /// One that waits for a decision.
    async fn open_device(
        &self,
        tenant: &TenantId,
        code: &UserCode,
    ) -> crate::Result<Option<(Device, Record)>> {
        let found = self.engine.store().record_by_key(tenant, DEVICE, &code.key(tenant)).await?;
        let Some(record) = found else { return Ok(None) };
        let device: Device = record.value()?;
        let open = matches!(device.state, State::Open) && device.expires > self.engine.now();
        Ok(open.then_some((device, record)))
    }
}

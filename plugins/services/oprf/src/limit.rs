//! How often one key answers: counted whoever asks, and where nobody has the key as well.

use crate::{Config, evaluation::OprfId};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Host, TenantId, Timestamp};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// How often a count is tried anew because another request counted at the same moment.
const ROUNDS: usize = 8;

/// The limits.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    per_hour: usize,
    per_day: usize,
}

impl Limit {
    pub(crate) fn of(config: &Config) -> Self {
        Self { per_hour: config.evaluations_per_hour.into(), per_day: config.evaluations_per_day.into() }
    }

    /// Counts one more; `false` when there have been enough. Of requests at the same moment none is lost.
    pub(crate) async fn take(&self, host: &Host, tenant: &TenantId, id: &OprfId) -> Result<bool, Fault> {
        self.take_at(host, tenant, id, host.now()).await
    }

    pub(crate) async fn take_at(
        &self,
        host: &Host,
        tenant: &TenantId,
        id: &OprfId,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let key = format!("asked|{}", BASE64URL_NOPAD.encode(&id.0));
        for _ in 0..ROUNDS {
            let found = host.kv_get(tenant, &key).await?;
            let (rev, mut asked) = found.map_or((None, Vec::new()), |v| (Some(v.rev), read(&v.value)));
            // A clock that was set back forgets nothing: what lies ahead counts until it is a day behind.
            asked.retain(|at| now.since(*at) < DAY);
            let in_the_hour = asked.iter().filter(|at| now.since(**at) < HOUR).count();
            let free = asked.len() < self.per_day && in_the_hour < self.per_hour;
            if free {
                asked.push(now);
            }
            // Written also where nothing is added, so that both take the same time.
            match host.kv_cas(tenant, &key, rev, &written(&asked), Some(DAY)).await {
                Ok(_) => return Ok(free),
                Err(Fault::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        // So many at one moment are a flood.
        Ok(false)
    }
}

fn read(bytes: &[u8]) -> Vec<Timestamp> {
    let eight = |chunk: &[u8]| chunk.try_into().ok().map(|bytes| Timestamp(i64::from_le_bytes(bytes)));
    bytes.chunks(8).filter_map(eight).collect()
}

fn written(asked: &[Timestamp]) -> Vec<u8> {
    asked.iter().flat_map(|at| at.0.to_le_bytes()).collect()
}

//! So many of something within a window: codes that are sent, prompts that ring.

use crate::{Fault, Host, Scope, Timestamp};
use data_encoding::HEXLOWER;
use std::time::Duration;

/// How often a count is tried anew because another request counted at the same moment.
const ROUNDS: usize = 4;

/// So many within a window, for each name. Counted for names that nobody has as well, or it would tell who exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many.
    pub most: u8,
    /// Within this time.
    pub window: Duration,
}

impl Allowance {
    /// Counts one more of `what`; `false` when there have been enough. Of requests at the same moment none is lost.
    ///
    /// # Errors
    /// When the host's store does not answer.
    pub async fn take(&self, host: &Host, scope: &Scope, what: &str) -> Result<bool, Fault> {
        // The pseudonym is a keyed hash: a table of counts is no list of names.
        let key = format!("{what}|{}", HEXLOWER.encode(&scope.pseudonym.0));
        for _ in 0..ROUNDS {
            let found = host.kv_get(&scope.tenant, &key).await?;
            let (rev, mut taken) = found.map_or((None, Vec::new()), |v| (Some(v.rev), read(&v.value)));
            taken.retain(|at| *at <= scope.now && scope.now.since(*at) < self.window);
            let free = taken.len() < usize::from(self.most);
            if free {
                taken.push(scope.now);
            }
            // Written also where nothing is added, so that a flood looks the same from outside.
            match host.kv_cas(&scope.tenant, &key, rev, &written(&taken), Some(self.window)).await {
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

fn written(taken: &[Timestamp]) -> Vec<u8> {
    taken.iter().flat_map(|at| at.0.to_le_bytes()).collect()
}

//! What is known of the providers, for a while: as many entries as there are providers.

use crate::{
    config::Provider,
    fetch::End,
    keys::{self, Keys},
    metadata::{Metadata, discover},
};
use gatewright_contract::{Host, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A provider that does not answer is left alone for so long.
const PAUSE: Duration = Duration::from_secs(5);
/// A key that is not there is looked for no more often.
const AGAIN: Duration = Duration::from_secs(30);

/// By name of the provider.
pub(crate) struct Known {
    lasts: Duration,
    all: Mutex<BTreeMap<String, Entry>>,
}

#[derive(Clone, Default)]
struct Entry {
    metadata: Option<(Timestamp, Arc<Metadata>)>,
    keys: Option<(Timestamp, Arc<Keys>)>,
    failed: Option<Timestamp>,
}

impl Known {
    pub(crate) fn new(lasts: Duration) -> Self {
        Self { lasts, all: Mutex::default() }
    }

    /// What the provider says of itself.
    pub(crate) async fn metadata(
        &self,
        host: &Host,
        (name, provider): (&str, &Provider),
        now: Timestamp,
    ) -> Result<Arc<Metadata>, End> {
        let entry = self.entry(name);
        if let Some((_, metadata)) = entry.metadata.filter(|(at, _)| is_within(*at, now, self.lasts)) {
            return Ok(metadata);
        }
        pause(entry.failed, now)?;
        let fetched = discover(host, provider).await.map(Arc::new);
        self.note(name, now, &fetched, |entry, metadata| {
            // Keys that were found elsewhere are not its keys any more.
            if entry.metadata.as_ref().is_some_and(|(_, old)| old.keys != metadata.keys) {
                entry.keys = None;
            }
            entry.metadata = Some((now, metadata));
        });
        fetched
    }

    /// Its keys; `anew`: one is missing among those that are known.
    pub(crate) async fn keys(
        &self,
        host: &Host,
        (name, url): (&str, &str),
        now: Timestamp,
        anew: bool,
    ) -> Result<Arc<Keys>, End> {
        let entry = self.entry(name);
        let lasts = if anew { AGAIN } else { self.lasts };
        if let Some((_, keys)) = entry.keys.filter(|(at, _)| is_within(*at, now, lasts)) {
            return Ok(keys);
        }
        pause(entry.failed, now)?;
        let fetched = keys::fetch(host, url).await.map(Arc::new);
        self.note(name, now, &fetched, |entry, keys| entry.keys = Some((now, keys)));
        fetched
    }

    fn entry(&self, name: &str) -> Entry {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(name).cloned().unwrap_or_default()
    }

    fn note<T>(
        &self,
        name: &str,
        now: Timestamp,
        fetched: &Result<Arc<T>, End>,
        keep: impl FnOnce(&mut Entry, Arc<T>),
    ) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.entry(name.to_owned()).or_default();
        match fetched {
            Ok(value) => {
                entry.failed = None;
                keep(entry, value.clone());
            }
            Err(_) => entry.failed = Some(now),
        }
    }
}

/// Whether something of that moment is still good. What comes from the future (a clock was put back) is not.
fn is_within(at: Timestamp, now: Timestamp, lasts: Duration) -> bool {
    at <= now && now.since(at) < lasts
}

fn pause(failed: Option<Timestamp>, now: Timestamp) -> Result<(), End> {
    match failed.is_some_and(|at| is_within(at, now, PAUSE)) {
        true => Err(End::Down("it did not answer a moment ago".to_owned())),
        false => Ok(()),
    }
}

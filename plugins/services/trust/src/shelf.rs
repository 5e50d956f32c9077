//! One store: what its files held when they were last read.

use crate::{
    config::Store,
    files::{self, Content, Stamp, Unusable},
};
use gatewright_contract::{Host, Timestamp};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How often the files are looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A store and its files.
pub(crate) struct Shelf {
    store: Store,
    host: Host,
    kept: Mutex<Kept>,
    /// One at a time reads.
    reading: tokio::sync::Mutex<()>,
}

struct Kept {
    revision: u64,
    content: Arc<Content>,
    stamp: Stamp,
    looked: Timestamp,
    trouble: Option<String>,
}

impl Shelf {
    /// # Errors
    /// A file that can't be used.
    pub(crate) fn open(store: Store, host: Host) -> Result<Self, Unusable> {
        let stamp = files::stamp(&store);
        let content = Arc::new(files::read(&store)?);
        let kept = Kept { revision: 1, content, stamp, looked: host.now(), trouble: None };
        Ok(Self { store, host, kept: Mutex::new(kept), reading: tokio::sync::Mutex::new(()) })
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the files as they are now are not in use.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.kept(|kept| kept.trouble.clone())
    }

    /// What holds now. Files that have become unusable leave in force what they held before: a list grows too old by
    /// itself, and then nobody gets in.
    pub(crate) async fn now(&self) -> (u64, Arc<Content>) {
        let now = self.host.now();
        let due = self.kept(|k| now < k.looked || now.since(k.looked) >= LOOK_EVERY);
        // Who comes while another one reads takes what is there.
        if due && let Ok(_turn) = self.reading.try_lock() {
            self.look(now).await;
        }
        self.kept(|k| (k.revision, k.content.clone()))
    }

    async fn look(&self, now: Timestamp) {
        let (store, old) = (self.store.clone(), self.kept(|k| k.stamp.clone()));
        let looked = tokio::task::spawn_blocking(move || {
            // Before reading: a change in between is then seen the next time.
            let stamp = files::stamp(&store);
            let changed = stamp != old;
            (stamp, changed.then(|| files::read(&store)))
        })
        .await;
        let Ok((stamp, read)) = looked else { return };
        self.kept(|kept| {
            kept.looked = now;
            match read {
                None => {}
                Some(Ok(content)) => {
                    (kept.stamp, kept.trouble) = (stamp, None);
                    if content != *kept.content {
                        (kept.revision, kept.content) = (kept.revision + 1, Arc::new(content));
                    }
                }
                // Half a file that is just being written: the stamp stays, so that it is read again.
                Some(Err(Unusable { why, .. })) => {
                    if kept.trouble.as_ref() != Some(&why) {
                        tracing::warn!(%why, "a file of certificates can't be used: what it held before stays in force");
                    }
                    kept.trouble = Some(why);
                }
            }
        });
    }
}

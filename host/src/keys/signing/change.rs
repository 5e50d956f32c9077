//! The life of a signing key: every change of it is one commit on the revisions that were read.

use super::{
    TenantSigner,
    pair::Pair,
    stored::{KIND, Stored},
};
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{
    Origin,
    audit::Event,
    signing::{Algorithm, By, KeyState, Rotation},
    store::{StoreError, Write},
};

/// Keys that one round looks after; the next goes on.
const A_ROUND: u32 = 200;

impl TenantSigner {
    /// The first key of an algorithm. Another host may be first: then its key signs.
    pub(super) async fn make_first(&self, tenant: &TenantId, algorithm: Algorithm) -> Result<(), Fault> {
        let mut new = self.new_key(tenant, algorithm, KeyState::Current).await?;
        new.record.due = Some(self.successor_due(self.world.now()));
        let origin = Origin::local("host");
        let line = self.line("key.made", tenant, &new.body.kid, &By::nobody(&origin));
        match self.store.commit(vec![Write::RecordInsert(new.record), line]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    pub(super) async fn replace(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        how: Rotation,
        by: &By<'_>,
    ) -> Result<Option<String>, Fault> {
        let all = self.stored(tenant).await?;
        let at = |state| all.iter().find(|k| k.body.algorithm == algorithm && k.body.state == state);
        let (current, next) = (at(KeyState::Current), at(KeyState::Next));
        let done = match (current, next, how) {
            (None, _, _) | (Some(_), Some(_), Rotation::Announced) => return Ok(None),
            (Some(current), None, Rotation::Announced) => self.announce(current, by).await?,
            (Some(current), Some(next), Rotation::AtOnce) => self.promote(current, next, by).await?,
            (Some(current), None, Rotation::AtOnce) => {
                let new = self.new_key(tenant, algorithm, KeyState::Current).await?;
                self.put_in_place_of(current, new, by).await?
            }
        };
        self.forget(tenant);
        Ok(Some(done))
    }

    /// Publishes a successor.
    async fn announce(&self, current: &Stored, by: &By<'_>) -> Result<String, Fault> {
        let (tenant, now) = (&current.record.tenant, self.world.now());
        let mut next = self.new_key(tenant, current.body.algorithm, KeyState::Next).await?;
        next.record.due = Some(now.plus(self.config.publish_ahead()));
        let kid = next.body.kid.clone();
        let writes = vec![
            // Its revision grows, so that of two hosts one announces.
            Write::RecordReplace(current.to(KeyState::Current, now, None)?),
            Write::RecordInsert(next.record),
            self.line("key.announced", tenant, &kid, by),
        ];
        self.put(writes, by).await?;
        Ok(kid)
    }

    /// The announced key signs, the one before it retires.
    async fn promote(&self, current: &Stored, next: &Stored, by: &By<'_>) -> Result<String, Fault> {
        let now = self.world.now();
        let writes = vec![
            self.retired(current, now)?,
            Write::RecordReplace(next.to(KeyState::Current, now, Some(self.successor_due(now)))?),
            self.line("key.rotated", &next.record.tenant, &next.body.kid, by),
        ];
        self.put(writes, by).await?;
        Ok(next.body.kid.clone())
    }

    /// A key that nobody has seen signs, the one before it retires.
    async fn put_in_place_of(&self, current: &Stored, mut new: Stored, by: &By<'_>) -> Result<String, Fault> {
        let now = self.world.now();
        new.record.due = Some(self.successor_due(now));
        let line = self.line("key.rotated", &new.record.tenant, &new.body.kid, by);
        let writes = vec![self.retired(current, now)?, Write::RecordInsert(new.record), line];
        self.put(writes, by).await?;
        Ok(new.body.kid)
    }

    fn retired(&self, key: &Stored, now: Timestamp) -> Result<Write, Fault> {
        let gone = now.plus(self.config.keep_retired());
        Ok(Write::RecordReplace(key.to(KeyState::Retired, now, Some(gone))?))
    }

    /// Takes a key out. Where it is the current one, what was announced (or a new one) takes its place: nobody is
    /// left without a key.
    pub(super) async fn take_out(&self, tenant: &TenantId, kid: &str, by: &By<'_>) -> Result<bool, Fault> {
        let all = self.stored(tenant).await?;
        let Some(gone) = all.iter().find(|key| key.body.kid == kid) else { return Ok(false) };
        let (now, algorithm) = (self.world.now(), gone.body.algorithm);
        let mut writes = vec![delete(gone), self.line("key.revoked", tenant, kid, by)];
        let current = all.iter().find(|k| k.body.algorithm == algorithm && k.body.state == KeyState::Current);
        match gone.body.state {
            KeyState::Retired => {}
            KeyState::Next => {
                // The current key is due for another successor at once.
                let due = current.map(|current| current.to(KeyState::Current, now, Some(now))).transpose()?;
                writes.extend(due.map(Write::RecordReplace));
            }
            KeyState::Current => {
                let next =
                    all.iter().find(|k| k.body.algorithm == algorithm && k.body.state == KeyState::Next);
                let due = Some(self.successor_due(now));
                let (write, successor) = match next {
                    Some(next) => {
                        (Write::RecordReplace(next.to(KeyState::Current, now, due)?), next.body.kid.clone())
                    }
                    None => {
                        let mut new = self.new_key(tenant, algorithm, KeyState::Current).await?;
                        new.record.due = due;
                        (Write::RecordInsert(new.record), new.body.kid)
                    }
                };
                writes.extend([write, self.line("key.rotated", tenant, &successor, by)]);
            }
        }
        self.put(writes, by).await?;
        self.forget(tenant);
        Ok(true)
    }

    /// Does what is due: announces successors, puts them in place, takes out what has been retired long enough.
    /// Returns how many keys changed.
    ///
    /// # Errors
    /// When the store or the keys can't be had.
    pub async fn round(&self) -> Result<u64, Fault> {
        let origin = Origin::local("background");
        let mut changed = 0;
        for record in self.store.records_due(KIND, self.world.now(), A_ROUND).await? {
            let tenant = record.tenant.clone();
            // One that is damaged must not keep all others from moving on.
            let key = match Stored::read(record) {
                Ok(key) => key,
                Err(error) => {
                    tracing::error!(%tenant, %error, "a signing key is left as it is");
                    continue;
                }
            };
            match self.next_step(&key, &By::nobody(&origin)).await {
                Ok(()) => changed += 1,
                // Another host did it.
                Err(Fault::Conflict) => {}
                Err(error) => {
                    tracing::warn!(%tenant, kid = key.body.kid, %error, "a signing key can't be moved on")
                }
            }
            self.forget(&tenant);
        }
        Ok(changed)
    }

    async fn next_step(&self, key: &Stored, by: &By<'_>) -> Result<(), Fault> {
        let tenant = &key.record.tenant;
        match key.body.state {
            KeyState::Current => self.announce(key, by).await.map(|_| ()),
            KeyState::Next => {
                let all = self.stored(tenant).await?;
                let is_current =
                    |k: &&Stored| k.body.algorithm == key.body.algorithm && k.body.state == KeyState::Current;
                let current = all.iter().find(is_current);
                let current = current.ok_or_else(|| Fault::internal("a signing key succeeds none"))?;
                self.promote(current, key, by).await.map(|_| ())
            }
            KeyState::Retired => {
                let writes = vec![delete(key), self.line("key.removed", tenant, &key.body.kid, by)];
                Ok(self.store.commit(writes).await?)
            }
        }
    }

    async fn new_key(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        state: KeyState,
    ) -> Result<Stored, Fault> {
        let pair = match algorithm {
            Algorithm::Rs256 => self.on_the_pool(move || Pair::generate(algorithm)).await?,
            _ => Pair::generate(algorithm)?,
        };
        Stored::new(tenant, algorithm, &pair, state, &*self.world, &*self.sealer).await
    }

    /// When the successor of a key that signs from now on is announced.
    fn successor_due(&self, now: Timestamp) -> Timestamp {
        now.plus(self.config.rotate().saturating_sub(self.config.publish_ahead()))
    }

    /// Writes, unless the session in which it was asked for has been ended: a key of RSA takes a while to make.
    async fn put(&self, mut writes: Vec<Write>, by: &By<'_>) -> Result<(), Fault> {
        writes.extend(by.session.map(Write::SessionThere));
        Ok(self.store.commit(writes).await?)
    }

    fn line(&self, kind: &str, tenant: &TenantId, kid: &str, by: &By<'_>) -> Write {
        let event: Event = by.event(kind, tenant, self.world.now());
        Write::Audit(event.on(format!("{KIND}:{kid}")))
    }
}

fn delete(key: &Stored) -> Write {
    let record = &key.record;
    Write::RecordDelete(record.tenant.clone(), KIND.to_owned(), record.id, record.rev)
}

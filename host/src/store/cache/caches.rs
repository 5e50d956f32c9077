//! The entries, and when one may be believed.

use super::{config::CacheConfig, touched::Touched, trust::Trust};
use gatewright_contract::{SessionId, TenantId, Timestamp};
use gatewright_core::{Session, Tenant, session::StoredToken, store::Record, token::HashedToken};
use quick_cache::sync::Cache;
use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Instant,
};
use uuid::Uuid;

/// Marks of "forgotten meanwhile"; that many, so that strangers seldom meet at one.
const MARKS: usize = 64;
/// Generations of people and of owners of records; when one is raised, what strangers have that share it is read again.
const GENERATIONS: usize = 4096;

/// A session, and what its tokens must name to be good.
#[derive(Clone)]
struct KeptSession {
    session: Arc<Session>,
    /// Which entry this is: another one for the same session has another number.
    entry: u64,
    /// Where the generation of its person stands, and what it was.
    person: usize,
    generation: u64,
}

#[derive(Clone)]
struct KeptToken {
    token: Arc<StoredToken>,
    /// The entry of its session that it was kept with.
    session_entry: u64,
}

/// A record, and where the generation of its owner stood.
#[derive(Clone)]
struct KeptRecord {
    record: Arc<Record>,
    owner: usize,
    generation: u64,
}

/// How often something was forgotten, by marks; and how many session entries there have been.
struct Forgotten {
    marks: [u64; MARKS],
    entries: u64,
}

/// The marks before a question to the database: what it answers may be kept if they are unchanged.
pub(super) struct Before([u64; MARKS]);

/// The caches. Reading takes no lock but the cache's own; keeping and forgetting take one after the other.
pub(in crate::store) struct Caches {
    tokens: Cache<HashedToken, KeptToken>,
    sessions: Cache<SessionId, KeptSession>,
    tenants: Cache<TenantId, Arc<Tenant>>,
    records: Cache<Uuid, KeptRecord>,
    /// Which record had a key, by a hash of tenant, kind and key: the record itself says whether it still has it.
    keys: Cache<u64, Uuid>,
    generations: Box<[AtomicU64]>,
    /// The latest time up to which expired rows were asked to be deleted.
    swept: AtomicI64,
    forgotten: Mutex<Forgotten>,
    hasher: RandomState,
    trust: Trust,
}

impl Caches {
    pub(super) fn new(config: &CacheConfig) -> Self {
        let many = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            tokens: Cache::new(many(config.tokens)),
            sessions: Cache::new(many(config.sessions)),
            tenants: Cache::new(many(config.tenants)),
            records: Cache::new(many(config.records)),
            keys: Cache::new(many(config.records)),
            generations: (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect(),
            swept: AtomicI64::new(i64::MIN),
            forgotten: Mutex::new(Forgotten { marks: [0; MARKS], entries: 0 }),
            hasher: RandomState::new(),
            trust: Trust::for_ever(),
        }
    }

    /// From now on entries are believed only until this moment, which has to be moved on.
    pub(in crate::store) fn trust_until(&self, moment: Instant) {
        self.trust.only_until(moment);
    }

    /// Forgets everything: somebody else has written, and what is not said.
    pub(in crate::store) fn forget_all(&self) {
        let mut now = self.forgotten();
        now.marks.iter_mut().for_each(|mark| *mark += 1);
        self.tokens.clear();
        self.sessions.clear();
        self.tenants.clear();
        self.records.clear();
        self.keys.clear();
    }

    /// A tenant.
    pub(super) fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>> {
        self.trust.holds().then(|| self.tenants.get(id))?
    }

    /// A session.
    pub(super) fn session(&self, id: SessionId) -> Option<Arc<Session>> {
        self.trust.holds().then(|| self.kept_session(id))?.map(|kept| kept.session)
    }

    /// A token whose session is kept, and has been since the token was.
    pub(super) fn token_with_session(&self, hash: &HashedToken) -> Option<(Arc<StoredToken>, Arc<Session>)> {
        let kept = self.trust.holds().then(|| self.tokens.get(hash))??;
        let beside = self.kept_session(kept.token.session)?;
        let good = beside.entry == kept.session_entry && kept.token.expires > self.swept_until();
        good.then_some((kept.token, beside.session))
    }

    fn kept_session(&self, id: SessionId) -> Option<KeptSession> {
        let kept = self.sessions.get(&id)?;
        let good = self.generations[kept.person].load(Ordering::SeqCst) == kept.generation
            && !kept.session.is_over(self.swept_until());
        good.then_some(kept)
    }

    /// A record.
    pub(super) fn record(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Option<Arc<Record>> {
        let kept = self.trust.holds().then(|| self.records.get(&id))??;
        let KeptRecord { record, owner, generation } = kept;
        let good = self.generations[owner].load(Ordering::SeqCst) == generation
            && record.due.is_none_or(|due| due > self.swept_until());
        (good && record.tenant == *tenant && record.kind == kind).then_some(record)
    }

    /// A record, by its key.
    pub(super) fn record_by_key(&self, tenant: &TenantId, kind: &str, key: &str) -> Option<Arc<Record>> {
        let id = self.keys.get(&self.hasher.hash_one((tenant, kind, key)))?;
        self.record(tenant, kind, id).filter(|record| record.key.as_deref() == Some(key))
    }

    fn swept_until(&self) -> Timestamp {
        Timestamp(self.swept.load(Ordering::SeqCst))
    }

    /// To be called before a question to the database.
    pub(super) fn before(&self) -> Before {
        Before(self.forgotten().marks)
    }

    /// Keeps an answer, unless it was forgotten meanwhile.
    pub(super) fn keep_tenant(&self, before: &Before, tenant: &Arc<Tenant>) {
        let now = self.forgotten();
        if self.unchanged(before, &now, &tenant.id) {
            self.tenants.insert(tenant.id.clone(), Arc::clone(tenant));
        }
    }

    /// Keeps an answer, unless it was forgotten meanwhile.
    pub(super) fn keep_session(&self, before: &Before, session: &Arc<Session>) {
        let mut now = self.forgotten();
        let good = self.unchanged(before, &now, &session.id) && self.unchanged(before, &now, &session.person);
        // Who was first stays: tokens may rest on that entry already.
        if !good || self.kept_session(session.id).is_some() {
            return;
        }
        now.entries += 1;
        let person = self.generation_of(&session.person);
        let generation = self.generations[person].load(Ordering::SeqCst);
        let kept = KeptSession { session: Arc::clone(session), entry: now.entries, person, generation };
        self.sessions.insert(session.id, kept);
    }

    /// Keeps an answer beside its session, unless one of the two was forgotten meanwhile.
    pub(super) fn keep_token(&self, before: &Before, token: &Arc<StoredToken>) {
        let now = self.forgotten();
        let good = self.unchanged(before, &now, &token.hash) && self.unchanged(before, &now, &token.session);
        if good && let Some(session) = self.kept_session(token.session) {
            let kept = KeptToken { token: Arc::clone(token), session_entry: session.entry };
            self.tokens.insert(token.hash, kept);
        }
    }

    /// Keeps an answer, unless it was forgotten meanwhile.
    pub(super) fn keep_record(&self, before: &Before, record: &Record) {
        let now = self.forgotten();
        let owner = record.owner.unwrap_or_default();
        if !self.unchanged(before, &now, &record.id) || !self.unchanged(before, &now, &owner) {
            return;
        }
        if let Some(key) = &record.key {
            let name = self.hasher.hash_one((&record.tenant, record.kind.as_str(), key.as_str()));
            self.keys.insert(name, record.id);
        }
        let owner = self.generation_of(&owner);
        let generation = self.generations[owner].load(Ordering::SeqCst);
        self.records.insert(record.id, KeptRecord { record: Arc::new(record.clone()), owner, generation });
    }

    /// Forgets: from now on the database is asked.
    pub(in crate::store) fn forget(&self, touched: &Touched) {
        let mut now = self.forgotten();
        for id in &touched.tenants {
            now.marks[self.mark_of(id)] += 1;
            self.tenants.remove(id);
        }
        for hash in &touched.tokens {
            now.marks[self.mark_of(hash)] += 1;
            self.tokens.remove(hash);
        }
        for id in &touched.sessions {
            now.marks[self.mark_of(id)] += 1;
            self.sessions.remove(id);
        }
        for id in &touched.people {
            now.marks[self.mark_of(id)] += 1;
            self.generations[self.generation_of(id)].fetch_add(1, Ordering::SeqCst);
        }
        for id in &touched.records {
            now.marks[self.mark_of(id)] += 1;
            self.records.remove(id);
        }
        for id in &touched.owners {
            now.marks[self.mark_of(id)] += 1;
            self.generations[self.generation_of(id)].fetch_add(1, Ordering::SeqCst);
        }
    }

    /// What ended before this may be deleted.
    pub(super) fn swept(&self, until: Timestamp) {
        self.swept.fetch_max(until.0, Ordering::SeqCst);
    }

    fn unchanged(&self, before: &Before, now: &Forgotten, name: &impl Hash) -> bool {
        let mark = self.mark_of(name);
        before.0[mark] == now.marks[mark]
    }

    fn mark_of(&self, name: &impl Hash) -> usize {
        self.slot(name, MARKS)
    }

    fn generation_of(&self, name: &impl Hash) -> usize {
        self.slot(name, GENERATIONS)
    }

    /// `slots` is a power of two.
    fn slot(&self, name: &impl Hash, slots: usize) -> usize {
        // The low bits; what is cut off does not matter.
        #[allow(clippy::cast_possible_truncation)]
        let hash = self.hasher.hash_one(name) as usize;
        hash & (slots - 1)
    }

    fn forgotten(&self) -> MutexGuard<'_, Forgotten> {
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

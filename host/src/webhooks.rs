//! Sends what happens to the webhooks. The queues and the rules are the core's; here are the connections, and how
//! many of them there are.

use crate::{
    http::Metrics,
    outgoing::{Outgoing, OutgoingError},
};
use futures_util::{StreamExt, stream};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    Engine, Problem,
    store::Record,
    webhooks::{Ended, Hook, Outcome},
};
use prometheus::{IntCounterVec, Opts};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinHandle};
use uuid::Uuid;

const HOOKS: u32 = 200;
/// Requests under way at the same time, over all webhooks and to one.
const OVERALL: usize = 64;
const TO_ONE: usize = 4;
const BATCH: u32 = 20;
/// Batches of one webhook in one round, so that a round ends.
const BATCHES: usize = 50;
/// A webhook that fails is left alone for this long, then twice as long, at most the last; then it gets one request.
const HOLD: Duration = Duration::from_secs(4);
const LONGEST_HOLD: Duration = Duration::from_secs(60);
/// A webhook that has not been tried for so long is forgotten.
const FORGET: Duration = Duration::from_secs(24 * 60 * 60);
const SWEEP: u32 = 500;

/// The sender.
pub struct Webhooks {
    engine: Arc<Engine>,
    outgoing: Arc<Outgoing>,
    counts: IntCounterVec,
    permits: Semaphore,
    /// Those that somebody is at: a slow one is not begun twice.
    busy: Mutex<HashSet<Uuid>>,
    /// Those whose last request failed.
    held: Mutex<HashMap<Uuid, Held>>,
}

/// A webhook whose last request failed.
struct Held {
    failures: u32,
    /// Until then it is left alone.
    until: Timestamp,
}

/// What came of one delivery.
enum Sent {
    Done,
    Failed,
    /// Somebody else had it.
    Passed,
}

impl Webhooks {
    /// On an engine.
    ///
    /// # Errors
    /// When the names of the metrics are taken.
    pub fn new(
        engine: Arc<Engine>,
        outgoing: Arc<Outgoing>,
        metrics: &Metrics,
    ) -> Result<Self, prometheus::Error> {
        let counts = IntCounterVec::new(
            Opts::new(
                "gatewright_webhook_requests_total",
                "Requests to webhooks: `delivered`, `failed` (tried again later), `dead` (given up).",
            ),
            &["result"],
        )?;
        for result in ["delivered", "failed", "dead"] {
            counts.with_label_values(&[result]);
        }
        metrics.register(Box::new(counts.clone()))?;
        Ok(Self {
            engine,
            outgoing,
            counts,
            permits: Semaphore::new(OVERALL),
            busy: Mutex::default(),
            held: Mutex::default(),
        })
    }

    /// One round: whatever is due to any webhook has been tried when it returns.
    pub async fn round(self: &Arc<Self>) {
        for task in self.begin().await {
            if let Err(error) = task.await {
                tracing::error!(%error, "sending to a webhook broke off");
            }
        }
    }

    /// Begins a round: one task for each webhook that has something to do, so that a slow one holds up no other.
    pub async fn begin(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        let (mut tasks, mut after) = (Vec::new(), None);
        let mut ends = HashMap::new();
        loop {
            let page = match self.engine.webhooks_everywhere(after, HOOKS).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, "the webhooks can't be read");
                    return tasks;
                }
            };
            let Some(last) = page.last() else { return tasks };
            after = Some(last.id);
            for hook in page.into_iter().filter(|hook| hook.enabled && !self.is_held(hook.id)) {
                let Some(end) = self.end_of(&hook.tenant, &mut ends).await else { return tasks };
                // What a tenant that is switched off has to tell waits in its log.
                let Some(end) = end else { continue };
                let Some(turn) = Turn::take(self, hook.id) else { continue };
                tasks.push(tokio::spawn(async move { turn.sender.clone().serve(hook, end, turn).await }));
            }
        }
    }

    /// Deletes what has ended long ago.
    pub async fn sweep(&self) {
        let now = self.engine.now();
        self.held().retain(|_, held| now.since(held.until) < FORGET);
        while let Some(gone) =
            self.noted("clearing deliveries away", self.engine.sweep_deliveries(SWEEP).await)
        {
            if gone < SWEEP as usize {
                return;
            }
        }
    }

    /// The last line of a tenant's log, read once a round; within it none for a tenant that is switched off.
    async fn end_of(
        &self,
        tenant: &TenantId,
        known: &mut HashMap<TenantId, Option<i64>>,
    ) -> Option<Option<i64>> {
        if let Some(end) = known.get(tenant) {
            return Some(*end);
        }
        let found = self.engine.store().tenant(tenant).await.map_err(Problem::from);
        let is_on = self.noted("reading the tenant", found)?.is_some_and(|tenant| !tenant.disabled);
        let head = self.engine.store().audit_head(tenant).await.map_err(Problem::from);
        let end = self.noted("reading where the audit log stands", head)?.number;
        let end = is_on.then_some(end);
        known.insert(tenant.clone(), end);
        Some(end)
    }

    /// Queues what is new and sends what is due, until there is nothing left or something fails. What is new waits
    /// in the audit log for as long as the receiver does not take what is queued.
    async fn serve(self: Arc<Self>, hook: Hook, end: i64, _turn: Turn) {
        let mut cursor = hook.cursor;
        for _ in 0..BATCHES {
            let due = self.engine.due_deliveries(hook.id, BATCH).await;
            let Some(due) = self.noted("reading deliveries", due) else { return };
            if !due.is_empty() {
                if !self.send_all(hook.id, due).await {
                    return;
                }
            } else if cursor < end {
                let fed = self.engine.feed_webhook(&hook.tenant, hook.id).await;
                match self.noted("queueing deliveries", fed).flatten() {
                    Some(now) => cursor = now,
                    None => return,
                }
            } else {
                return;
            }
        }
    }

    /// Sends these, some at a time; after one that failed no other is begun. `false`: one has.
    async fn send_all(&self, hook: Uuid, due: Vec<Record>) -> bool {
        // One that failed before gets one request, until that one has arrived.
        let known_to_fail = self.held().contains_key(&hook);
        let mut due = due.into_iter();
        let mut ours = 0;
        if let Some(first) = known_to_fail.then(|| due.next()).flatten() {
            match self.send(hook, first).await {
                Sent::Failed => return false,
                Sent::Done => ours += 1,
                Sent::Passed => {}
            }
        }
        let mut works = true;
        let mut sending = stream::iter(due).map(|record| self.send(hook, record)).buffer_unordered(TO_ONE);
        // What is under way is seen to its end: it is claimed.
        while let Some(sent) = sending.next().await {
            ours += usize::from(!matches!(sent, Sent::Passed));
            works &= !matches!(sent, Sent::Failed);
        }
        works && ours > 0
    }

    async fn send(&self, hook: Uuid, due: Record) -> Sent {
        if self.is_held(hook) {
            return Sent::Failed;
        }
        let Ok(_permit) = self.permits.acquire().await else { return Sent::Passed };
        let claimed = self.engine.claim_delivery(&due).await;
        let Some(outbound) = self.noted("claiming a delivery", claimed).flatten() else {
            return Sent::Passed;
        };
        let outcome = match headers(&outbound.headers) {
            Some(headers) => {
                let body = outbound.body.clone().into_bytes();
                match self.outgoing.send(Method::POST, &outbound.url, headers, body).await {
                    Ok(answer) => Outcome::Answered(answer.status),
                    Err(error) => Outcome::Failed(error.to_string()),
                }
            }
            None => Outcome::Failed(OutgoingError::Setup.to_string()),
        };
        let works = matches!(outcome, Outcome::Answered(200..=299));
        let settled = self.engine.settle_delivery(outbound, &outcome).await;
        let ended = self.noted("noting what came of a delivery", settled).flatten();
        self.count(ended);
        self.hold(hook, (!works).then(|| self.engine.now()));
        if works { Sent::Done } else { Sent::Failed }
    }

    fn count(&self, ended: Option<Ended>) {
        let result = match ended {
            Some(Ended::Delivered) => "delivered",
            Some(Ended::Dead) => "dead",
            None => "failed",
        };
        self.counts.with_label_values(&[result]).inc();
    }

    /// Leaves a webhook alone for a while, or no longer.
    fn hold(&self, hook: Uuid, failed: Option<Timestamp>) {
        let mut held = self.held();
        let Some(now) = failed else {
            held.remove(&hook);
            return;
        };
        let one = held.entry(hook).or_insert(Held { failures: 0, until: now });
        let wait = HOLD.saturating_mul(1 << one.failures.min(8)).min(LONGEST_HOLD);
        *one = Held { failures: one.failures.saturating_add(1), until: now.plus(wait) };
    }

    fn is_held(&self, hook: Uuid) -> bool {
        let now = self.engine.now();
        self.held().get(&hook).is_some_and(|held| held.until > now)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Uuid, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has come, or `None` with a line in the log.
    fn noted<T>(&self, doing: &str, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|error| tracing::warn!(%error, cause = ?error.cause, "webhooks: {doing} failed")).ok()
    }
}

/// Nobody else is at this webhook, in this process, for as long as it is held.
struct Turn {
    sender: Arc<Webhooks>,
    hook: Uuid,
}

impl Turn {
    fn take(sender: &Arc<Webhooks>, hook: Uuid) -> Option<Self> {
        let fresh = sender.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(hook);
        fresh.then(|| Self { sender: sender.clone(), hook })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.sender.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.hook);
    }
}

/// The headers of a delivery; `None` for what can't be one.
fn headers(all: &[(&'static str, String)]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in all {
        map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).ok()?);
    }
    Some(map)
}

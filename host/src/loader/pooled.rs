//! A library on threads of this process.
//!
//! It has as many threads at a time as it has slots. A call that does not come back keeps its slot until it does, since
//! nothing can end its thread: when all are taken the plugin answers 503, and nobody else notices.

use super::{
    HostCalls, InProcess, Instance, Library, LibraryConfig, LoadError, Tenants, Ticket, Transport, Within,
};
use gatewright_contract::{
    BoxFut, Fault, TenantId,
    wire::{Refused, Status},
};
use gatewright_plugin::Health;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, oneshot},
    task::spawn_blocking,
    time::timeout,
};
use zeroize::Zeroizing;

/// See the module.
pub struct Pooled {
    id: String,
    made: Arc<Made>,
    tenants: Tenants,
    within: Duration,
    slots: Arc<Semaphore>,
    count: u32,
    stuck: Arc<AtomicUsize>,
    running: Mutex<Option<Arc<Instance>>>,
}

/// What an instance is made of.
struct Made {
    library: Library,
    config: Zeroizing<Vec<u8>>,
    callbacks: Arc<InProcess>,
}

impl Made {
    fn create(&self) -> Result<Arc<Instance>, LoadError> {
        self.library.create(self.callbacks.clone(), &self.config).map(Arc::new)
    }
}

impl Pooled {
    /// Makes the first instance, from the plugin's configuration as JSON. `id` is for the log.
    ///
    /// # Errors
    /// When it refuses its configuration, or can't begin in time.
    pub async fn start(
        id: String,
        library: Library,
        config: Vec<u8>,
        limits: &LibraryConfig,
        calls: Arc<dyn HostCalls>,
    ) -> Result<Self, LoadError> {
        let tenants = Tenants::default();
        let callbacks = Arc::new(InProcess::new(calls, tenants.clone(), Handle::current()));
        let pooled = Self {
            id,
            made: Arc::new(Made { library, config: Zeroizing::new(config), callbacks }),
            tenants,
            within: limits.timeout(),
            slots: Arc::new(Semaphore::new(limits.slots.into())),
            count: limits.slots.into(),
            stuck: Arc::default(),
            running: Mutex::new(None),
        };
        let late = || LoadError::Begin(format!("`create` took longer than {} ms", limits.timeout_ms));
        let first = async { pooled.instance(&Arc::new(pooled.seat().await)).await };
        timeout(pooled.within, first).await.unwrap_or_else(|_| Err(late()))?;
        Ok(pooled)
    }

    /// A place for one call. Whoever waits for one does so within the time of the call.
    async fn seat(&self) -> Seat {
        // It is never closed.
        let permit = self.slots.clone().acquire_owned().await.ok();
        Seat { stuck: self.stuck.clone(), given_up: AtomicBool::new(false), _permit: permit }
    }

    /// The instance that runs; a new one after a rest.
    async fn instance(&self, seat: &Arc<Seat>) -> Result<Arc<Instance>, LoadError> {
        let mut running = self.running.lock().await;
        if let Some(instance) = &*running {
            return Ok(instance.clone());
        }
        let (made, seat) = (self.made.clone(), seat.clone());
        let create = move || {
            let created = made.create();
            drop(seat);
            created
        };
        let created = spawn_blocking(create).await.map_err(|e| LoadError::Begin(e.to_string()))??;
        Ok(running.insert(created).clone())
    }

    async fn answer(
        &self,
        tenant: Option<&TenantId>,
        method: &'static str,
        request: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let mut waits =
            Waits { seat: Arc::new(self.seat().await), ticket: None, answered: false, _within: None };
        let instance = self.instance(&waits.seat).await.map_err(|e| Fault::unavailable(e.to_string()))?;
        let (tell, told) = oneshot::channel();
        let ticket = instance.expect(Box::new(move |status, reply| {
            let _ = tell.send((status, reply));
        }));
        waits.ticket = Some(ticket);
        waits._within = Some(self.tenants.enter(tenant));
        let seat = waits.seat.clone();
        spawn_blocking(move || {
            instance.begin(ticket, method, &request);
            drop((instance, seat));
        });
        let told = told.await;
        waits.answered = true;
        match told {
            Ok((Status::Ok, reply)) => Ok(reply),
            Ok((status, why)) => Err(Refused::read(&why).fault(status)),
            Err(_) => Err(Fault::unavailable("it was ended")),
        }
    }
}

impl Transport for Pooled {
    fn manifest(&self) -> &[u8] {
        self.made.library.manifest()
    }

    fn call<'a>(
        &'a self,
        tenant: Option<&'a TenantId>,
        method: &'static str,
        request: Vec<u8>,
    ) -> BoxFut<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            let late = || {
                let what = format!("no reply within {} ms", self.within.as_millis());
                Err(Fault::Unavailable { what, retry_after: Some(Duration::from_secs(1)) })
            };
            let answer = timeout(self.within, self.answer(tenant, method, request)).await;
            let answer = answer.unwrap_or_else(|_| late());
            if let Err(Fault::Unavailable { what, .. }) = &answer {
                tracing::warn!(plugin = self.id, method, "{what}");
            }
            answer
        })
    }

    fn health(&self) -> Health {
        match self.stuck.load(SeqCst) >= self.count as usize {
            true => Health::Degraded(format!(
                "all {} slots are taken by calls that did not end within {} ms",
                self.count,
                self.within.as_millis()
            )),
            false => Health::Ok,
        }
    }

    fn rest(&self) -> BoxFut<'_, ()> {
        Box::pin(async {
            // Those that are stuck are not waited for: the last of them to return ends the instance.
            let _all = timeout(self.within, self.slots.acquire_many(self.count)).await;
            if let Some(instance) = self.running.lock().await.take() {
                let _ = timeout(self.within, spawn_blocking(move || drop(instance))).await;
            }
        })
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        // What the plugin does at its end may block.
        if let (Some(instance), Ok(runtime)) = (self.running.get_mut().take(), Handle::try_current()) {
            runtime.spawn_blocking(move || drop(instance));
        }
    }
}

/// Taken until both are done with it, the thread and who waits.
struct Seat {
    stuck: Arc<AtomicUsize>,
    given_up: AtomicBool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if *self.given_up.get_mut() {
            self.stuck.fetch_sub(1, SeqCst);
        }
    }
}

/// Somebody waits for a call. Dropped without an answer, nobody does any more.
struct Waits {
    seat: Arc<Seat>,
    ticket: Option<Ticket>,
    answered: bool,
    _within: Option<Within>,
}

impl Drop for Waits {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        self.seat.given_up.store(true, SeqCst);
        self.seat.stuck.fetch_add(1, SeqCst);
        if let Some(ticket) = self.ticket {
            ticket.forget();
        }
    }
}

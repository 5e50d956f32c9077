//! A library in a process of its own.
//!
//! Whatever it does there costs at most the request that met it. A process that answers late is killed, one that dies
//! is made anew; the calls that were under way in it are run once more, each alone in a process beside, so that only
//! the one that is at fault fails. Nobody knows which of them it was, so that it is run again too. (Those that had asked
//! the host for something are not: what they asked for may have been done.)

mod backlog;
mod birth;
mod life;
mod live;
mod process;
mod rate;
mod record;
mod said;
mod spawn;
mod stderr;
mod threads;
mod waiting;

pub use spawn::Runner;

use super::{
    HostCalls, Image, LibraryConfig, LoadError, Transport,
    sandbox::{self, Confined, Limits},
};
use birth::{Newborn, Recipe};
use gatewright_abi::MAX_BYTES;
use gatewright_contract::{
    BoxFut, Fault, TenantId,
    wire::{Refused, Status},
};
use gatewright_plugin::Health;
use life::Life;
use live::Ended;
use process::Process;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};
use waiting::{Waiting, Work, late};

/// Processes beside the one that takes calls, of one library at the same time.
const ALONE: usize = 4;
/// Of these, for calls that were long under way when their process died: they may be what hangs, and must not keep the
/// others waiting.
const SUSPECTS: usize = 3;

/// A library that is loaded in its process and has not begun.
pub struct Draft {
    recipe: Recipe,
    newborn: Newborn,
}

impl Draft {
    /// Its manifest as it gave it.
    pub fn manifest(&self) -> &[u8] {
        &self.newborn.manifest
    }

    /// What holds its process on this kernel.
    pub fn confined(&self) -> Confined {
        self.newborn.confined
    }

    /// As on another kernel.
    #[cfg(test)]
    pub(super) fn held_by(mut self, confined: Confined) -> Self {
        self.newborn.confined = confined;
        self
    }

    /// Gives it its configuration (JSON) and what its manifest asks for. It blocks until the plugin has begun, for ten
    /// seconds at most.
    ///
    /// # Errors
    /// [`LoadError::Config`] where it refuses the configuration, [`LoadError::Begin`] where it does not begin.
    pub fn begin(
        self,
        config: &[u8],
        needs: &[String],
        host: Arc<dyn HostCalls>,
    ) -> Result<Isolated, LoadError> {
        let random = needs.iter().any(|need| need == "random");
        let newborn = self.newborn.begin(config, random, &host)?;
        // Not where it is started: libraries are looked at before it is known how to log.
        for what in newborn.confined.missing() {
            let plugin = self.recipe.id.as_str();
            tracing::warn!(plugin, "the plugin's process is not held as it should be: {what}");
        }
        let (slots, timeout) = (self.recipe.limits.slots, self.recipe.timeout);
        let life = Life::new(self.recipe, newborn, config.to_vec(), random, host);
        Ok(Isolated {
            life: Arc::new(life),
            slots: Arc::new(Semaphore::new(slots.into())),
            timeout,
            alone: Semaphore::new(ALONE),
            suspects: Semaphore::new(SUSPECTS),
        })
    }
}

/// A [`Transport`] to a library in a process of its own.
pub struct Isolated {
    life: Arc<Life>,
    slots: Arc<Semaphore>,
    timeout: Duration,
    /// For the calls that have a process each for themselves.
    alone: Semaphore,
    suspects: Semaphore,
}

impl Isolated {
    /// Starts a process and loads the library in it. It blocks until the library has given its manifest, for ten seconds
    /// at most.
    ///
    /// # Errors
    /// Everything that is wrong with the library; [`LoadError::Begin`] where its process ends while it is loaded.
    pub fn start(
        id: &str,
        image: Arc<Image>,
        config: &LibraryConfig,
        runner: Runner,
    ) -> Result<Draft, LoadError> {
        let recipe = Recipe {
            id: id.to_owned(),
            image,
            limits: Limits {
                memory_mib: config.memory_mib,
                cpu_seconds: config.cpu_seconds,
                slots: config.slots,
                unconfined: config.unconfined,
            },
            runner,
            timeout: config.timeout(),
        };
        sandbox::hide_the_host()?;
        let newborn = Newborn::of(&recipe)?;
        Ok(Draft { recipe, newborn })
    }

    /// How often its processes said what nobody had asked.
    pub fn strays(&self) -> u64 {
        self.life.record.strays()
    }

    async fn answer(&self, call: Call<'_>) -> Result<Vec<u8>, Fault> {
        let until = Instant::now() + self.timeout;
        let slot = timeout_at(until, self.slots.clone().acquire_owned());
        let Ok(Ok(slot)) = slot.await else {
            return Err(self.life.unavailable("all its slots are taken", None));
        };
        let asked = Instant::now();
        let (ended, slot) = call.first(slot, until).await?;
        match (ended, slot) {
            (Some(Ended::Died { asked: false, .. }), Some(slot)) => {
                // It has a time of its own: that of the first may be what it was ended for.
                let until = Instant::now() + self.timeout;
                let suspect = asked.elapsed() > self.timeout / 2;
                let Ok(Ok(_alone)) = timeout_at(until, self.permit(suspect)).await else {
                    return Err(self.life.unavailable("its process ended, and others were first", None));
                };
                call.told(call.alone(slot, until).await?)
            }
            (ended, _) => call.told(ended),
        }
    }

    /// To have a process for itself.
    async fn permit(
        &self,
        suspect: bool,
    ) -> Result<(Option<SemaphorePermit<'_>>, SemaphorePermit<'_>), AcquireError> {
        let suspect = match suspect {
            true => Some(self.suspects.acquire().await?),
            false => None,
        };
        Ok((suspect, self.alone.acquire().await?))
    }
}

/// What is asked.
struct Call<'a> {
    life: &'a Arc<Life>,
    tenant: Option<&'a TenantId>,
    method: &'static str,
    request: &'a [u8],
    timeout: Duration,
}

impl Call<'_> {
    /// Runs it in the process that all calls go to.
    async fn first(
        &self,
        mut slot: OwnedSemaphorePermit,
        until: Instant,
    ) -> Result<(Option<Ended>, Option<OwnedSemaphorePermit>), Fault> {
        loop {
            let process = self.made(until, self.life.process()).await?;
            match self.asked(process, slot, until) {
                Ok(waiting) => return Ok(waiting.end().await),
                // It has ended in this moment.
                Err(unused) => slot = unused,
            }
        }
    }

    /// Runs it in a process that has nothing else to do.
    async fn alone(&self, slot: OwnedSemaphorePermit, until: Instant) -> Result<Option<Ended>, Fault> {
        let process = self.made(until, self.life.another()).await?;
        match self.asked(process, slot, until) {
            Ok(waiting) => Ok(waiting.end().await.0),
            Err(_) => Err(self.life.unavailable("its process ended before it was asked", None)),
        }
    }

    async fn made(
        &self,
        until: Instant,
        making: impl Future<Output = Result<Arc<Process>, Fault>>,
    ) -> Result<Arc<Process>, Fault> {
        match timeout_at(until, making).await {
            Ok(made) => made,
            Err(_) => Err(self.life.unavailable("its process is still being made", None)),
        }
    }

    fn asked(
        &self,
        process: Arc<Process>,
        slot: OwnedSemaphorePermit,
        until: Instant,
    ) -> Result<Waiting, OwnedSemaphorePermit> {
        match process.ask(self.tenant, self.method, self.request, until.into_std()) {
            Some(answer) => Ok(Waiting::new(Work {
                process,
                answer,
                slot,
                until,
                method: self.method,
                timeout: self.timeout,
            })),
            None => Err(slot),
        }
    }

    fn told(&self, ended: Option<Ended>) -> Result<Vec<u8>, Fault> {
        match ended {
            Some(Ended::Answer(Status::Ok, reply)) => Ok(reply),
            Some(Ended::Answer(status, why)) => Err(Refused::read(&why).fault(status)),
            Some(Ended::Died { why, .. }) => Err(self.life.unavailable(&why, None)),
            None => Err(self.life.unavailable(&late(self.method, self.timeout), None)),
        }
    }
}

impl Transport for Isolated {
    fn manifest(&self) -> &[u8] {
        &self.life.manifest
    }

    fn call<'a>(
        &'a self,
        tenant: Option<&'a TenantId>,
        method: &'static str,
        request: Vec<u8>,
    ) -> BoxFut<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            if request.len() > MAX_BYTES {
                let size = request.len();
                return Err(Fault::internal(format!("a request of {size} bytes; {MAX_BYTES} are allowed")));
            }
            let call = Call { life: &self.life, tenant, method, request: &request, timeout: self.timeout };
            self.answer(call).await
        })
    }

    fn health(&self) -> Health {
        self.life.health()
    }

    fn process(&self) -> Option<u32> {
        self.life.id()
    }

    fn rest(&self) -> BoxFut<'_, ()> {
        Box::pin(async move {
            if let Some(process) = self.life.take() {
                process.rest().await;
            }
        })
    }
}

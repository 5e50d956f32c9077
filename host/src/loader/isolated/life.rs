//! The process that calls go to, and how there comes to be another one.

use super::{
    birth::{Newborn, Recipe},
    process::Process,
    record::{Record, doubled},
};
use crate::loader::{HostCalls, LoadError, sandbox::Confined};
use gatewright_contract::Fault;
use gatewright_plugin::Health;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What it takes to begin, and what has begun.
pub(super) struct Life {
    pub(super) recipe: Recipe,
    pub(super) manifest: Vec<u8>,
    /// What holds the first process, and must hold all others.
    confined: Confined,
    pub(super) config: Vec<u8>,
    pub(super) random: bool,
    pub(super) host: Arc<dyn HostCalls>,
    pub(super) record: Arc<Record>,
    current: Mutex<Current>,
    /// Held by who makes a process; the others wait for it.
    making: tokio::sync::Mutex<Failures>,
}

/// Where calls go.
enum Current {
    Nothing,
    /// It has begun outside of a runtime.
    Newborn(Newborn),
    Running(Arc<Process>),
}

/// Attempts that have failed, one after the other.
#[derive(Default)]
struct Failures {
    count: usize,
    not_before: Option<Instant>,
    why: String,
}

impl Failures {
    /// None before the second attempt, then longer each time.
    fn pause(&self) -> Duration {
        match self.count {
            0 | 1 => Duration::ZERO,
            more => doubled(more - 2),
        }
    }
}

impl Life {
    pub(super) fn new(
        recipe: Recipe,
        newborn: Newborn,
        config: Vec<u8>,
        random: bool,
        host: Arc<dyn HostCalls>,
    ) -> Self {
        Self {
            record: Arc::new(Record::new(recipe.id.clone())),
            recipe,
            manifest: newborn.manifest.clone(),
            confined: newborn.confined,
            config,
            random,
            host,
            current: Mutex::new(Current::Newborn(newborn)),
            making: tokio::sync::Mutex::default(),
        }
    }

    /// The process that takes calls, made where there is none. Whoever gives up waiting does not stop its making.
    pub(super) async fn process(self: &Arc<Self>) -> Result<Arc<Process>, Fault> {
        if let Some(process) = self.running() {
            return Ok(process);
        }
        let life = self.clone();
        tokio::spawn(async move { life.make().await })
            .await
            .unwrap_or_else(|_| Err(self.unavailable("the host is ending", None)))
    }

    /// A process beside the one that takes calls, for one that may be the end of it.
    pub(super) async fn another(self: &Arc<Self>) -> Result<Arc<Process>, Fault> {
        let life = self.clone();
        let made = tokio::spawn(async move { life.born().await.map(Arc::new) }).await;
        match made {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(error)) => {
                let why = error.to_string();
                self.not_born(&why);
                Err(self.unavailable(&why, None))
            }
            Err(_) => Err(self.unavailable("the host is ending", None)),
        }
    }

    /// A process for one call has not begun: it is down where no other takes calls, until one does.
    fn not_born(&self, why: &str) {
        let current = self.current();
        match &*current {
            Current::Running(process) if process.is_fit() => self.record.died(why),
            _ => self.record.down(Some(why)),
        }
    }

    /// Nothing takes calls any more, until the next one comes.
    pub(super) fn take(&self) -> Option<Arc<Process>> {
        match std::mem::replace(&mut *self.current(), Current::Nothing) {
            Current::Running(process) => Some(process),
            Current::Newborn(_) | Current::Nothing => None,
        }
    }

    /// "Could not tell", with the plugin's id.
    pub(super) fn unavailable(&self, why: &str, retry_after: Option<Duration>) -> Fault {
        Fault::Unavailable { what: format!("plugin `{}`: {why}", self.recipe.id), retry_after }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it is; a process that has made too many threads is ended on this occasion.
    pub(super) fn health(&self) -> Health {
        if let Some(process) = self.running() {
            process.count_threads();
        }
        self.record.health()
    }

    /// Id of the process that calls go to, where there is one.
    pub(super) fn id(&self) -> Option<u32> {
        match &*self.current() {
            Current::Nothing => None,
            Current::Newborn(newborn) => newborn.body.id(),
            Current::Running(process) => process.id(),
        }
    }

    fn running(&self) -> Option<Arc<Process>> {
        match &*self.current() {
            Current::Running(process) if process.is_fit() => Some(process.clone()),
            _ => None,
        }
    }

    /// One that should be replaced but still answers.
    fn tired(&self) -> Option<Arc<Process>> {
        match &*self.current() {
            Current::Running(process) if process.is_alive() => Some(process.clone()),
            _ => None,
        }
    }

    async fn make(self: Arc<Self>) -> Result<Arc<Process>, Fault> {
        let mut failures = self.making.lock().await;
        // Somebody else was first.
        if let Some(process) = self.running() {
            return Ok(process);
        }
        let tired = self.tired();
        if let Some(wait) = failures.not_before.and_then(|at| at.checked_duration_since(Instant::now())) {
            return tired.ok_or_else(|| self.unavailable(&failures.why, Some(wait)));
        }
        if let Some((wait, why)) = self.record.pause() {
            let why = format!("its processes end again and again, the last time because {why}");
            return Err(self.unavailable(&why, Some(wait)));
        }
        match self.first_or_next().await {
            Ok(process) => {
                let process = Arc::new(process);
                *failures = Failures::default();
                *self.current() = Current::Running(process.clone());
                self.record.down(None);
                Ok(process)
            }
            Err(error) => {
                failures.why = error.to_string();
                failures.count += 1;
                failures.not_before = Some(Instant::now() + failures.pause());
                self.record.down(Some(&failures.why));
                tired.ok_or_else(|| self.unavailable(&failures.why, Some(failures.pause())))
            }
        }
    }

    /// The one that was begun outside of a runtime, or a new one.
    async fn first_or_next(self: &Arc<Self>) -> Result<Process, LoadError> {
        match self.newborn() {
            Some(newborn) => self.run(newborn),
            None => self.born().await,
        }
    }

    fn newborn(&self) -> Option<Newborn> {
        let mut current = self.current();
        match std::mem::replace(&mut *current, Current::Nothing) {
            Current::Newborn(newborn) => Some(newborn),
            other => {
                *current = other;
                None
            }
        }
    }

    async fn born(self: &Arc<Self>) -> Result<Process, LoadError> {
        let life = self.clone();
        let born = tokio::task::spawn_blocking(move || {
            let newborn = Newborn::of(&life.recipe)?;
            if newborn.confined != life.confined {
                let missing = newborn.confined.missing().join("; ");
                return Err(LoadError::Begin(format!(
                    "its process is not held like the first one: {missing}"
                )));
            }
            match newborn.manifest == life.manifest {
                true => newborn.begin(&life.config, life.random, &life.host),
                false => Err(LoadError::Begin("it gives another manifest each time".to_owned())),
            }
        });
        let ended = |_| LoadError::Begin("the host is ending".to_owned());
        self.run(born.await.map_err(ended)??)
    }

    fn run(&self, newborn: Newborn) -> Result<Process, LoadError> {
        Process::new(newborn, &self.recipe, self.host.clone(), self.record.clone())
            .map_err(|source| LoadError::System { what: "a plugin's socket can't be used", source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_from_none_to_the_longest() {
        let after = |count| Failures { count, ..Failures::default() }.pause().as_millis();
        assert_eq!([0, 1, 2, 3, 4, 7, 8, 1000].map(after), [0, 0, 100, 200, 400, 3_200, 5_000, 5_000]);
    }
}

//! From a file that the configuration names to a library that serves.

use super::{
    Checked, Draft, Image, Isolated, Library, LibraryAuthenticator, LibraryCalls, LibraryConfig, LoadError,
    Mode, Pooled, Refusals, Runner, Transport, Watched, manifest,
};
use crate::services::Common;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// How long a step of opening a library may take on a thread of this process. A process of its own has less, and says
/// better what was late.
const OPEN_WITHIN: Duration = Duration::from_secs(20);
/// Digits of the SHA-256 that name a generation.
const NAME_DIGITS: usize = 16;

/// A library that has been read and has said what it is, and that has not begun.
pub struct Opened {
    /// What it says about itself.
    pub checked: Checked,
    /// SHA-256 of its file in hex digits.
    pub sha256: String,
    /// Size of its file, in bytes.
    pub size: u64,
    at: At,
}

/// A library that has begun.
pub struct Begun {
    /// What the engine calls.
    pub authenticator: LibraryAuthenticator,
    /// The way to it.
    pub transport: Arc<Watched>,
}

enum At {
    Isolated(Draft),
    Pooled(Library),
}

impl Opened {
    /// Reads the file, opens it where it is to run, and checks its manifest; `id`: the table that names it, where one
    /// does.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn of(id: Option<&str>, config: &LibraryConfig, runner: &Runner) -> Result<Self, LoadError> {
        let (path, pin) = (config.library.clone(), config.sha256.clone());
        // Without a table nobody has pinned it yet.
        let pinned = id.is_some();
        let image = blocking(move || Image::read(&path, pinned.then_some(pin.as_str()))).await?;
        let (sha256, size, image) = (image.sha256_hex(), image.size(), Arc::new(image));
        let (name, config, runner) = (id.unwrap_or("plugin").to_owned(), config.clone(), runner.clone());
        let at = blocking(move || match config.mode {
            Mode::Isolated => Isolated::start(&name, image, &config, runner).map(At::Isolated),
            Mode::Pool => Library::open(&image).map(At::Pooled),
        })
        .await?;
        let said = match &at {
            At::Isolated(draft) => draft.manifest(),
            At::Pooled(library) => library.manifest(),
        };
        Ok(Self { checked: manifest::check(said, id)?, sha256, size, at })
    }

    /// What holds its process on this kernel; `None` in this one.
    pub fn confined(&self) -> Option<super::Confined> {
        match &self.at {
            At::Isolated(draft) => Some(draft.confined()),
            At::Pooled(_) => None,
        }
    }

    /// Hands it its own configuration and what it needs of the host; `channels` are those that there are.
    ///
    /// # Errors
    /// When it needs what is not there, refuses its configuration, or can't begin.
    pub async fn begin(
        self,
        config: Value,
        limits: &LibraryConfig,
        common: &Common,
        channels: &[&str],
    ) -> Result<Begun, LoadError> {
        let Self { checked, sha256, at, .. } = self;
        let services = common.offered.methods();
        checked.needs.check(&services, channels).map_err(LoadError::Several)?;
        let (id, needs) = (checked.manifest.id.clone(), checked.manifest.needs.clone());
        let refusals = Refusals::new(&id, common.store.clone(), common.world.clone());
        let calls = LibraryCalls::new(&checked.manifest, checked.needs.clone(), common, refusals.clone());
        let calls = Arc::new(calls);
        let config = serde_json::to_vec(&config).unwrap_or_default();
        let transport: Arc<dyn Transport> = match at {
            At::Isolated(draft) => Arc::new(blocking(move || draft.begin(&config, &needs, calls)).await?),
            At::Pooled(library) => Arc::new(Pooled::start(id, library, config, limits, calls).await?),
        };
        let transport = Arc::new(Watched::new(transport, common.world.clone()));
        let generation = sha256[..NAME_DIGITS.min(sha256.len())].to_owned();
        let authenticator = LibraryAuthenticator::new(checked, generation, transport.clone(), refusals);
        Ok(Begun { authenticator, transport })
    }
}

/// What reads files or runs code of others is kept off the threads that answer requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoadError> + Send + 'static,
) -> Result<T, LoadError> {
    let work = tokio::task::spawn_blocking(work);
    match tokio::time::timeout(OPEN_WITHIN, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(LoadError::Begin(error.to_string())),
        Err(_) => Err(LoadError::Begin("it took too long to be opened".to_owned())),
    }
}

//! Listening until somebody says stop.

use crate::{
    app::{App, StartError},
    background,
    config::Loaded,
    http::{self, HttpConfig},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::watch};

/// A host that listens.
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    /// Whether over TLS.
    pub tls: bool,
    app: Arc<App>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Binds the configured address and begins to answer.
///
/// # Errors
/// When the address is taken or the certificate can't be used.
pub async fn serve(app: App, loaded: &Loaded) -> Result<Serving, StartError> {
    let config: HttpConfig = loaded.section(&["http"])?;
    let tls = match config.tls.wanted() {
        false => None,
        true => {
            let made = http::tls::load(&config.tls)
                .map_err(|e| loaded.problem(&["http", "tls"], e.to_string()))
                .map_err(crate::config::ConfigReport::from)?;
            for warning in made.warnings {
                tracing::warn!("{warning}");
            }
            Some(made.config)
        }
    };
    let listener = TcpListener::bind(config.listen).await.map_err(|source| StartError::Io {
        what: format!(
            "can't listen on {} (set `listen` or GATEWRIGHT_LISTEN to another address)",
            config.listen
        ),
        source,
    })?;
    let address = listener
        .local_addr()
        .map_err(|source| StartError::Io { what: "asking for the address".into(), source })?;
    let (stop, stopped) = watch::channel(false);
    let app = Arc::new(app);
    background::start(&app, stopped.clone());
    let is_tls = tls.is_some();
    let (endpoint, metrics) = (app.endpoint.clone(), app.metrics.clone());
    let task = tokio::spawn(http::serve(listener, tls, endpoint, config.limits, metrics, stopped));
    Ok(Serving { address, tls: is_tls, app, stop, task })
}

impl Serving {
    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The application, to be held.
    pub fn shared(&self) -> Arc<App> {
        self.app.clone()
    }

    /// Says when it stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Stops accepting, finishes what is under way, tells the plugins, closes the store.
    ///
    /// # Errors
    /// When the listener had failed.
    pub async fn stop(self) -> std::io::Result<()> {
        let _ = self.stop.send(true);
        self.app.health.set_not_ready(Some("shutting down".to_owned()));
        let ended = self.task.await.unwrap_or_else(|e| Err(std::io::Error::other(e)));
        background::shut_down(&self.app).await;
        ended
    }
}

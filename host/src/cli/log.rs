//! Where log lines go: standard error.

use super::Failed;
use crate::{
    config::Loaded,
    settings::{LogConfig, LogFormat},
};
use tracing_subscriber::{EnvFilter, fmt};

pub(super) fn start(loaded: &Loaded) -> Result<(), Failed> {
    let config: LogConfig = loaded.section(&["log"])?;
    let filter = EnvFilter::try_new(&config.filter).map_err(|e| Failed::Text(format!("log.filter: {e}")))?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let done = match config.format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    done.map_err(|e| Failed::Text(format!("can't start the log: {e}")))
}

//! `file.read`: a file that the configuration of an authenticator names (a revocation list).

use async_trait::async_trait;
use data_encoding::BASE64;
use gatewright_contract::Fault;
use gatewright_core::service::Service;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{io, path::PathBuf, time::UNIX_EPOCH};
use tokio::io::AsyncReadExt as _;

/// Largest file that is ever read.
const MOST_BYTES: u64 = 64 << 20;

/// Reads files. Which ones, the operator says: an authenticator passes a path on from its configuration, and never one
/// that somebody has sent.
pub struct Files;

/// What is asked. The reply has `mark`, which changes when the file does, and `base64`; without the latter where the mark
/// is still `unless`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    path: PathBuf,
    #[serde(default)]
    unless: Value,
    most_bytes: u64,
}

#[async_trait]
impl Service for Files {
    fn methods(&self) -> &[&'static str] {
        &["file.read"]
    }

    async fn call(&self, _: &str, args: Value) -> Result<Value, Fault> {
        let ask: Ask = serde_json::from_value(args)
            .map_err(|_| Fault::bad_request("args", "`path`, `most_bytes` and perhaps `unless`"))?;
        read(&ask).await.map_err(|error| {
            tracing::error!(path = %ask.path.display(), %error, "a file that the configuration names can't be read");
            Fault::unavailable(format!("the file {}", ask.path.display()))
        })
    }
}

async fn read(ask: &Ask) -> io::Result<Value> {
    let file = tokio::fs::File::open(&ask.path).await?;
    let about = file.metadata().await?;
    let most = ask.most_bytes.min(MOST_BYTES);
    if !about.is_file() || about.len() > most {
        return Err(io::Error::other(format!("not a file of at most {most} bytes")));
    }
    let changed = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mark = json!(format!("{changed}/{}", about.len()));
    if mark == ask.unless {
        return Ok(json!({"mark": mark}));
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).await?;
    Ok(json!({"mark": mark, "base64": BASE64.encode(&bytes)}))
}

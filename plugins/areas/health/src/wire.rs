//! How a plugin is, on the wire.

use gatewright_plugin::{Health, HealthBoard, PluginHealth};
use poem_openapi::{Enum, Object, types::Example};

/// How a plugin is.
#[derive(Object)]
#[oai(rename = "HealthPlugin", example)]
pub(crate) struct HealthPlugin {
    /// Its id: folder, config table and word in the URL.
    id: String,
    /// Its version.
    version: String,
    /// How it was when it was last asked.
    health: HealthWord,
    /// Why it is not `ok`.
    #[oai(skip_serializing_if_is_none)]
    reason: Option<String>,
}

/// `ok`, `degraded` (it works, but somebody should look) or `down`.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "HealthWord", rename_all = "lowercase")]
enum HealthWord {
    Ok,
    Degraded,
    Down,
}

impl HealthPlugin {
    /// The whole board, by id.
    pub(crate) fn all(board: &HealthBoard) -> Vec<Self> {
        board.all().into_iter().map(Self::of).collect()
    }

    fn of((id, plugin): (String, PluginHealth)) -> Self {
        let (health, reason) = match plugin.health {
            Health::Ok => (HealthWord::Ok, None),
            Health::Degraded(why) => (HealthWord::Degraded, Some(why)),
            Health::Down(why) => (HealthWord::Down, Some(why)),
        };
        Self { id, version: plugin.version, health, reason }
    }
}

impl Example for HealthPlugin {
    fn example() -> Self {
        Self { id: "password".to_owned(), version: "0.1.0".to_owned(), health: HealthWord::Ok, reason: None }
    }
}

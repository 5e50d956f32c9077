//! Countries of addresses, from a file in MaxMind's format that the operator has (GeoLite2, DB-IP, …).

use crate::config::{ConfigReport, Loaded};
use maxminddb::{Reader, path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, path::PathBuf, sync::Arc};

/// Bytes of the file at most.
const LONGEST: u64 = 256 * 1024 * 1024;

/// The table `[countries]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CountriesConfig {
    /// A file of countries in MaxMind's format (`.mmdb`), read at the start: lists of sessions then say from which
    /// country they are. Default: none, and no country is said.
    pub file: Option<PathBuf>,
}

/// Finds the country of an address.
pub struct Countries(Option<Reader<Vec<u8>>>);

impl Countries {
    /// Reads the file, where there is one.
    ///
    /// # Errors
    /// The mistake with its place.
    pub fn open(loaded: &Loaded) -> Result<Arc<Self>, ConfigReport> {
        let config = loaded.section::<CountriesConfig>(&["countries"])?;
        let Some(file) = config.file else { return Ok(Arc::new(Self(None))) };
        let mistake = |text: String| -> ConfigReport { loaded.problem(&["countries", "file"], text).into() };
        let shown = file.display();
        let size = std::fs::metadata(&file).map_err(|e| mistake(format!("{shown}: {e}")))?.len();
        if size > LONGEST {
            return Err(mistake(format!("{shown} is larger than {LONGEST} bytes")));
        }
        let bytes = std::fs::read(&file).map_err(|e| mistake(format!("{shown}: {e}")))?;
        let reader = Reader::from_source(bytes).map_err(|e| mistake(format!("{shown}: {e}")))?;
        Ok(Arc::new(Self(Some(reader))))
    }

    /// The country's code (ISO 3166-1); none where it is not known.
    pub fn of(&self, address: IpAddr) -> Option<String> {
        let found = self.0.as_ref()?.lookup(address).ok()?;
        let code: Option<String> = found.decode_path(&path!["country", "iso_code"]).ok()?;
        code.filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()))
    }

    /// The same as a function, for areas.
    pub fn lookup(self: &Arc<Self>) -> Arc<dyn Fn(IpAddr) -> Option<String> + Send + Sync> {
        let countries = self.clone();
        Arc::new(move |address| countries.of(address))
    }
}

//! The short way for a plugin that brings nothing but an API.

use crate::{House, Mount, Plugin};
use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// An API area: a dialect of the one engine.
pub trait Area: Send + Sync + Sized + 'static {
    /// Folder = config table.
    const ID: &'static str;
    /// The crate's README.
    const ABOUT: &'static str;
    /// The table `[plugins.<id>]`, every field documented and with a default.
    type Config: Serialize + DeserializeOwned + Default + JsonSchema;

    /// Made once at start.
    ///
    /// # Errors
    /// [`Fault::Config`] names the key.
    fn new(config: Self::Config) -> Result<Self, Fault>;

    /// Its APIs.
    fn mounts(&self, house: &House) -> Vec<Mount>;
}

/// Makes a [`Plugin`] of an [`Area`].
struct AreaPlugin<A>(A);

impl<A: Area> Plugin for AreaPlugin<A> {
    fn mounts(&self, house: &House) -> Vec<Mount> {
        self.0.mounts(house)
    }
}

/// For the macro.
#[doc(hidden)]
pub fn make<A: Area>(config: Value) -> Result<Box<dyn Plugin>, Fault> {
    let config = serde_json::from_value(config)
        .map_err(|e| Fault::Config { key: String::new(), message: e.to_string() })?;
    Ok(Box::new(AreaPlugin(A::new(config)?)))
}

/// For the macro.
#[doc(hidden)]
pub fn config_of<A: Area>() -> (Value, Value) {
    table_of::<A::Config>()
}

/// Schema and default of a config table.
pub(crate) fn table_of<C: Serialize + Default + JsonSchema>() -> (Value, Value) {
    config_table::<C>(serde_json::to_value(C::default()).unwrap_or(Value::Null))
}

/// Schema of a config table and what holds where nothing is written, for a [`crate::Descriptor`] made by hand.
pub fn config_table<C: JsonSchema>(default: Value) -> (Value, Value) {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    (settings.into_generator().into_root_schema_for::<C>().to_value(), default)
}

/// The [`crate::Descriptor`] of an area, for a list made by hand.
#[macro_export]
macro_rules! area_descriptor {
    ($area:ty) => {
        $crate::Descriptor {
            id: <$area as $crate::Area>::ID,
            version: env!("CARGO_PKG_VERSION"),
            contract: $crate::private::CONTRACT,
            about: <$area as $crate::Area>::ABOUT,
            config: $crate::area_config_of::<$area>,
            init: |setup| Box::pin(async move { $crate::make_area::<$area>(setup.config) }),
        }
    };
}

/// Registers a linked area. The binary must name the crate once, or the linker drops it.
#[macro_export]
macro_rules! register_area {
    ($area:ty) => {
        $crate::private::inventory::submit! { $crate::area_descriptor!($area) }
    };
}

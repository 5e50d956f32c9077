//! The short way for a plugin that brings nothing but a channel.

use crate::{Contribution, Plugin, Setup};
use async_trait::async_trait;
use gatewright_contract::{Fault, Host};
use gatewright_core::{
    channel::{Channel, Parcel, Undelivered},
    outgoing::Outgoing,
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;

/// A way to reach people. Its id is the one that a message names.
pub trait Courier: Send + Sync + Sized + 'static {
    /// Folder = config table = channel.
    const ID: &'static str;
    /// The crate's README.
    const ABOUT: &'static str;
    /// The table `[plugins.<id>]`, every field documented and with a default.
    type Config: Serialize + DeserializeOwned + Default + JsonSchema;

    /// Made once at start. It may use the host's services and the guarded way out.
    ///
    /// # Errors
    /// [`Fault::Config`] names the key.
    fn new(config: Self::Config, host: Host, outgoing: Arc<dyn Outgoing>) -> Result<Self, Fault>;

    /// Whether the operator has set it up. One that is not set up is not there: what needs it is refused, for everybody
    /// alike, and whatever can do without does.
    fn is_set_up(&self) -> bool {
        true
    }

    /// See [`Channel::deliver`].
    ///
    /// # Errors
    /// When the other side has not taken it.
    fn deliver(&self, parcel: &Parcel) -> impl Future<Output = Result<(), Undelivered>> + Send;
}

/// Makes a [`Channel`] of a [`Courier`].
struct Named<C>(C);

#[async_trait]
impl<C: Courier> Channel for Named<C> {
    fn id(&self) -> &str {
        C::ID
    }

    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered> {
        self.0.deliver(parcel).await
    }
}

/// Makes a [`Plugin`] of a [`Courier`]; without one it brings nothing.
struct ChannelPlugin(Option<Arc<dyn Channel>>);

impl Plugin for ChannelPlugin {
    fn contribute(&self) -> Contribution {
        Contribution { channels: self.0.iter().cloned().collect(), ..Contribution::default() }
    }
}

/// For the macro.
#[doc(hidden)]
pub fn make<C: Courier>(setup: Setup) -> Result<Box<dyn Plugin>, Fault> {
    let config = serde_json::from_value(setup.config)
        .map_err(|e| Fault::Config { key: String::new(), message: e.to_string() })?;
    let courier = C::new(config, setup.host, setup.outgoing)?;
    let channel = courier.is_set_up().then(|| -> Arc<dyn Channel> { Arc::new(Named(courier)) });
    Ok(Box::new(ChannelPlugin(channel)))
}

/// For the macro.
#[doc(hidden)]
pub fn config_of<C: Courier>() -> (Value, Value) {
    crate::area::table_of::<C::Config>()
}

/// The [`crate::Descriptor`] of a channel, for a list made by hand.
#[macro_export]
macro_rules! channel_descriptor {
    ($courier:ty) => {
        $crate::Descriptor {
            id: <$courier as $crate::Courier>::ID,
            version: env!("CARGO_PKG_VERSION"),
            contract: $crate::private::CONTRACT,
            about: <$courier as $crate::Courier>::ABOUT,
            config: $crate::channel_config_of::<$courier>,
            init: |setup| Box::pin(async move { $crate::make_channel::<$courier>(setup) }),
        }
    };
}

/// Registers a linked channel. The binary must name the crate once, or the linker drops it.
#[macro_export]
macro_rules! register_channel {
    ($courier:ty) => {
        $crate::private::inventory::submit! { $crate::channel_descriptor!($courier) }
    };
}

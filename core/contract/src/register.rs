//! How a linked authenticator makes itself known.

use crate::{DynAuthenticator, Fault, Host};
use serde_json::Value;
use std::sync::Arc;

/// What the host finds of a linked authenticator before it makes one.
#[derive(Debug)]
pub struct Registration {
    /// See [`crate::Authenticator::ID`].
    pub id: &'static str,
    /// Version of the crate.
    pub version: &'static str,
    /// See [`crate::CONTRACT`].
    pub contract: u32,
    /// See [`crate::Authenticator::NEEDS`].
    pub needs: &'static [&'static str],
    /// Schema (JSON Schema draft 2020-12) and default of the config table.
    pub config: fn() -> (Value, Value),
    /// Makes it.
    pub make: fn(Value, Host) -> Result<Arc<dyn DynAuthenticator>, Fault>,
}

inventory::collect!(Registration);

impl Registration {
    /// Everything that is linked, by id.
    pub fn linked() -> Vec<&'static Self> {
        let mut found: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        found.sort_by_key(|r| r.id);
        found
    }

    /// For the macro: schema and default of an authenticator's config.
    #[doc(hidden)]
    pub fn config_of<A: crate::Authenticator>() -> (Value, Value) {
        let default = serde_json::to_value(A::Config::default()).unwrap_or(Value::Null);
        (crate::manifest::config_schema_of::<A::Config>(), default)
    }
}

/// The [`Registration`] of a type: `registration!(Totp: enrol, rehearse)`, for a list made by hand.
#[macro_export]
macro_rules! registration {
    ($type:ty $(: $($ability:ident),+ $(,)?)?) => {
        $crate::Registration {
            id: <$type as $crate::Authenticator>::ID,
            version: env!("CARGO_PKG_VERSION"),
            contract: $crate::CONTRACT,
            needs: <$type as $crate::Authenticator>::NEEDS,
            config: $crate::Registration::config_of::<$type>,
            make: |config, host| {
                let made = $crate::Erased::<$type>::new(env!("CARGO_PKG_VERSION"), config, host)?;
                $($(let made = made.$ability();)+)?
                Ok(::std::sync::Arc::new(made))
            },
        }
    };
}

/// Registers a linked authenticator with its abilities: `register_authenticator!(Totp: enrol, rehearse);`
///
/// The binary must name the crate once (`use authenticator_totp as _;`), or the linker drops it.
#[macro_export]
macro_rules! register_authenticator {
    ($($what:tt)+) => {
        $crate::private::inventory::submit! { $crate::registration!($($what)+) }
    };
}

//! A tenant on the wire of the contract, as everybody may see it: what a login page needs to know. The names,
//! `patter_size` among them, are those of the contract.

use gatewright_core::{
    Settings, Tenant,
    tenant::{LivenessConfig as Liveness, LoginStep, VaultSettings},
};
use gatewright_plugin::Text;
use poem_openapi::{Enum, Object, types::Example};

/// A tenant, as its login page knows it.
#[derive(Object)]
#[oai(rename = "TenantPublic", example)]
pub struct TenantPublic {
    /// Its id, also in URLs.
    pub tenant_id: String,
    /// Whether people may register themselves.
    pub register_enable: bool,
    /// Whether there is a PIN.
    pub use_pin: bool,
    /// Digits of a PIN: 3 to 6.
    pub pin_size: u8,
    /// Whether there is a pattern.
    pub use_pattern: bool,
    /// Points on a side of the pattern: 3 or 4.
    pub patter_size: u8,
    /// Whether faces are recognised.
    pub use_face_recognition: bool,
    /// Whether a face must show that it is alive.
    pub use_liveness: bool,
    /// The name to show.
    pub display_name: String,
    /// Whether a PIN is shown while it is typed.
    pub show_pin_when_typing: bool,
    /// What is asked first.
    pub login_order: Vec<TenantLoginStep>,
    /// Whether there are passkeys.
    pub passkey_enabled: bool,
    /// Whether people have a login name besides their e-mail address. Otherwise the address is the login name too.
    pub has_username_and_email: bool,
    /// How a face shows that it is alive.
    #[oai(skip_serializing_if_is_none)]
    pub liveness_config: Option<LivenessConfig>,
}

/// A step of the login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "TenantLoginStep", rename_all = "UPPERCASE")]
pub enum TenantLoginStep {
    /// The PIN.
    Pin,
    /// The pattern.
    Pattern,
}

/// How a face shows that it is alive. The defaults are those of the contract, its odd bounds of blinks included.
#[derive(Object)]
#[oai(rename = "LivenessConfig", example)]
pub struct LivenessConfig {
    /// Steps at least.
    #[oai(default = "default_liveness::number_steps_min", validator(maximum(value = "100")))]
    pub number_steps_min: u16,
    /// Steps at most.
    #[oai(default = "default_liveness::number_steps_max", validator(maximum(value = "100")))]
    pub number_steps_max: u16,
    /// Seconds for all of it.
    #[oai(
        default = "default_liveness::duration_in_seconds",
        validator(minimum(value = "1"), maximum(value = "3600"))
    )]
    pub duration_in_seconds: u16,
    /// Steps that may fail.
    #[oai(default = "default_liveness::number_of_allowed_failures", validator(maximum(value = "100")))]
    pub number_of_allowed_failures: u16,
    /// The gestures.
    #[oai(default, validator(max_items = 32))]
    pub gesture_set: Vec<Text>,
    /// Blinks at most.
    #[oai(default, validator(maximum(value = "10000")))]
    pub number_blinks_max: u16,
    /// Blinks at least.
    #[oai(default = "default_liveness::number_blinks_min", validator(maximum(value = "10000")))]
    pub number_blinks_min: u16,
}

/// Defaults of the contract, from where they are kept.
mod default_liveness {
    use super::Liveness;

    pub(super) fn number_steps_min() -> u16 {
        Liveness::default().number_steps_min
    }

    pub(super) fn number_steps_max() -> u16 {
        Liveness::default().number_steps_max
    }

    pub(super) fn duration_in_seconds() -> u16 {
        Liveness::default().duration_in_seconds
    }

    pub(super) fn number_of_allowed_failures() -> u16 {
        Liveness::default().number_of_allowed_failures
    }

    pub(super) fn number_blinks_min() -> u16 {
        Liveness::default().number_blinks_min
    }
}

impl TenantPublic {
    /// What everybody may see of a tenant with what holds in it ([`gatewright_core::Engine::settings_of`]).
    pub fn of(tenant: &Tenant, settings: &Settings) -> Self {
        let vault: &VaultSettings = &settings.vault;
        Self {
            tenant_id: tenant.id.to_string(),
            register_enable: vault.register_enable,
            use_pin: vault.use_pin,
            pin_size: vault.pin_size.get(),
            use_pattern: vault.use_pattern,
            patter_size: vault.patter_size.get(),
            use_face_recognition: vault.use_face_recognition,
            use_liveness: vault.use_liveness,
            display_name: tenant.display_name.clone(),
            show_pin_when_typing: vault.show_pin_when_typing,
            login_order: vault.login_order.iter().map(|step| TenantLoginStep::from(*step)).collect(),
            passkey_enabled: vault.passkey_enabled,
            has_username_and_email: vault.has_username_and_email,
            liveness_config: vault.liveness_config.as_ref().map(LivenessConfig::from),
        }
    }
}

impl From<LoginStep> for TenantLoginStep {
    fn from(step: LoginStep) -> Self {
        match step {
            LoginStep::Pin => Self::Pin,
            LoginStep::Pattern => Self::Pattern,
        }
    }
}

impl From<TenantLoginStep> for LoginStep {
    fn from(step: TenantLoginStep) -> Self {
        match step {
            TenantLoginStep::Pin => Self::Pin,
            TenantLoginStep::Pattern => Self::Pattern,
        }
    }
}

impl From<&Liveness> for LivenessConfig {
    fn from(kept: &Liveness) -> Self {
        Self {
            number_steps_min: kept.number_steps_min,
            number_steps_max: kept.number_steps_max,
            duration_in_seconds: kept.duration_in_seconds,
            number_of_allowed_failures: kept.number_of_allowed_failures,
            gesture_set: kept.gesture_set.iter().cloned().map(Text::from).collect(),
            number_blinks_max: kept.number_blinks_max,
            number_blinks_min: kept.number_blinks_min,
        }
    }
}

impl From<LivenessConfig> for Liveness {
    fn from(wire: LivenessConfig) -> Self {
        Self {
            number_steps_min: wire.number_steps_min,
            number_steps_max: wire.number_steps_max,
            duration_in_seconds: wire.duration_in_seconds,
            number_of_allowed_failures: wire.number_of_allowed_failures,
            gesture_set: wire.gesture_set.into_iter().map(String::from).collect(),
            number_blinks_max: wire.number_blinks_max,
            number_blinks_min: wire.number_blinks_min,
        }
    }
}

impl Example for LivenessConfig {
    fn example() -> Self {
        (&Liveness { gesture_set: vec!["smile".to_owned()], ..Liveness::default() }).into()
    }
}

impl Example for TenantPublic {
    fn example() -> Self {
        Self {
            tenant_id: "acme".to_owned(),
            register_enable: false,
            use_pin: true,
            pin_size: 6,
            use_pattern: true,
            patter_size: 3,
            use_face_recognition: false,
            use_liveness: false,
            display_name: "Acme Ltd".to_owned(),
            show_pin_when_typing: true,
            login_order: vec![TenantLoginStep::Pin, TenantLoginStep::Pattern],
            passkey_enabled: false,
            has_username_and_email: true,
            liveness_config: Some(LivenessConfig::example()),
        }
    }
}

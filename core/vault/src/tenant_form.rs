//! A tenant on the wire as those see and change it who administer it.

use crate::tenant::{LivenessConfig, TenantLoginStep};
use gatewright_contract::Violation;
use gatewright_core::{
    Problem, Result, Settings, Tenant,
    policy::SecondFactor,
    tenant::{BlockConfig as Block, LoginStep, UpdateTenantForm, VaultSettings, Within},
    throttle::ThrottleRules,
};
use gatewright_plugin::Text;
use poem_openapi::{
    Object,
    types::{Example, ToJSON},
};
use serde_json::Value;

/// A tenant.
#[derive(Object)]
#[oai(rename = "Tenant", deny_unknown_fields, example)]
pub struct VaultTenant {
    /// Its id, also in URLs: lower-case letters, digits and hyphens.
    #[oai(validator(min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub tenant_id: Text,
    /// Whether people may register themselves.
    #[oai(default)]
    pub register_enable: bool,
    /// Whether two factors are asked of everybody. Fixed at creation.
    #[oai(default)]
    pub is_2fa: bool,
    /// Whether there is a PIN.
    #[oai(default = "yes")]
    pub use_pin: bool,
    /// Digits of a PIN.
    #[oai(default = "pin_size", validator(minimum(value = "3"), maximum(value = "6")))]
    pub pin_size: u8,
    /// Whether there is a pattern.
    #[oai(default = "yes")]
    pub use_pattern: bool,
    /// Points on a side of the pattern. The spelling is the contract's.
    #[oai(default = "patter_size", validator(minimum(value = "3"), maximum(value = "4")))]
    pub patter_size: u8,
    /// Whether faces are recognised.
    #[oai(default)]
    pub use_face_recognition: bool,
    /// Whether a face must show that it is alive.
    #[oai(default)]
    pub use_liveness: bool,
    /// The name to show. Empty when a tenant is made: its id.
    #[oai(default, validator(max_length = 256))]
    pub display_name: Text,
    /// Whether a PIN is shown while it is typed.
    #[oai(default = "yes")]
    pub show_pin_when_typing: bool,
    /// How many wrong answers, and what happens after. Left out when a tenant is made: as the host has it.
    #[oai(skip_serializing_if_is_none)]
    pub block_config: Option<BlockConfig>,
    /// What is asked first, each step at most once.
    #[oai(default = "login_order", validator(max_items = 2))]
    pub login_order: Vec<TenantLoginStep>,
    /// Whether there are passkeys.
    #[oai(default)]
    pub passkey_enabled: bool,
    /// Whether people have a login name besides their e-mail address. Otherwise an address that its owner has proven is a
    /// login name too.
    #[oai(default = "yes")]
    pub has_username_and_email: bool,
    /// How a face shows that it is alive.
    #[oai(skip_serializing_if_is_none)]
    pub liveness_config: Option<LivenessConfig>,
}

/// What a tenant is to be. A field that is left out takes its default, not its old value; without `block_config` and
/// `login_order` the old ones stay. The id and `is_2fa` can't be changed.
#[derive(Object)]
#[oai(rename = "UpdateTenantForm", deny_unknown_fields, example)]
pub struct VaultTenantUpdate {
    /// Whether people may register themselves.
    #[oai(default)]
    pub register_enable: bool,
    /// Whether there is a PIN.
    #[oai(default = "yes")]
    pub use_pin: bool,
    /// Digits of a PIN.
    #[oai(default = "pin_size", validator(minimum(value = "3"), maximum(value = "6")))]
    pub pin_size: u8,
    /// Whether there is a pattern.
    #[oai(default = "yes")]
    pub use_pattern: bool,
    /// Points on a side of the pattern. The spelling is the contract's.
    #[oai(default = "patter_size", validator(minimum(value = "3"), maximum(value = "4")))]
    pub patter_size: u8,
    /// Whether faces are recognised.
    #[oai(default)]
    pub use_face_recognition: bool,
    /// Whether a face must show that it is alive.
    #[oai(default)]
    pub use_liveness: bool,
    /// The name to show.
    #[oai(validator(min_length = 1, max_length = 256))]
    pub display_name: Text,
    /// Whether a PIN is shown while it is typed.
    #[oai(default = "yes")]
    pub show_pin_when_typing: bool,
    /// How many wrong answers, and what happens after.
    #[oai(skip_serializing_if_is_none)]
    pub block_config: Option<BlockConfig>,
    /// What is asked first, each step at most once.
    #[oai(validator(max_items = 2), skip_serializing_if_is_none)]
    pub login_order: Option<Vec<TenantLoginStep>>,
    /// Whether there are passkeys.
    #[oai(default)]
    pub passkey_enabled: bool,
    /// Whether people have a login name besides their e-mail address.
    #[oai(default = "yes")]
    pub has_username_and_email: bool,
    /// How a face shows that it is alive.
    #[oai(skip_serializing_if_is_none)]
    pub liveness_config: Option<LivenessConfig>,
}

/// How many wrong answers, and how long a block lasts. What is left out takes the default of the contract.
#[derive(Object)]
#[oai(rename = "BlockConfig", deny_unknown_fields)]
pub struct BlockConfig {
    /// Wrong answers from one address before it is blocked.
    #[oai(default = "block::ip_attempts_limit", validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub ip_attempts_limit: u32,
    /// After so many minutes an address is counted anew.
    #[oai(
        default = "block::ip_attempts_reset_minutes",
        validator(minimum(value = "1"), maximum(value = "44640"))
    )]
    pub ip_attempts_reset_minutes: u32,
    /// Wrong answers of one person before they are blocked.
    #[oai(default = "block::user_attempts_limit", validator(minimum(value = "1"), maximum(value = "1000")))]
    pub user_attempts_limit: u32,
    /// Within so many seconds.
    #[oai(
        default = "block::user_timeframe_seconds",
        validator(minimum(value = "1"), maximum(value = "604800"))
    )]
    pub user_timeframe_seconds: u32,
    /// Length of the first block; each further one is twice as long.
    #[oai(
        default = "block::initial_block_seconds",
        validator(minimum(value = "1"), maximum(value = "86400"))
    )]
    pub initial_block_seconds: u32,
    /// No block is longer.
    #[oai(
        default = "block::max_block_time_minutes",
        validator(minimum(value = "1"), maximum(value = "525600"))
    )]
    pub max_block_time_minutes: u32,
}

/// Defaults of the contract, from where they are kept.
mod block {
    use super::Block;

    macro_rules! defaults {
        ($($name:ident)*) => {
            $(pub(super) fn $name() -> u32 {
                Block::default().$name
            })*
        };
    }

    defaults! {
        ip_attempts_limit ip_attempts_reset_minutes user_attempts_limit user_timeframe_seconds
        initial_block_seconds max_block_time_minutes
    }
}

fn yes() -> bool {
    true
}

fn pin_size() -> u8 {
    VaultSettings::default().pin_size.get()
}

fn patter_size() -> u8 {
    VaultSettings::default().patter_size.get()
}

fn login_order() -> Vec<TenantLoginStep> {
    VaultSettings::default().login_order.into_iter().map(TenantLoginStep::from).collect()
}

impl VaultTenant {
    /// A tenant with what holds in it ([`gatewright_core::Engine::settings_of`]).
    pub fn of(tenant: &Tenant, settings: &Settings) -> Self {
        let vault = &settings.vault;
        Self {
            tenant_id: tenant.id.as_str().into(),
            register_enable: vault.register_enable,
            is_2fa: vault.is_2fa,
            use_pin: vault.use_pin,
            pin_size: vault.pin_size.get(),
            use_pattern: vault.use_pattern,
            patter_size: vault.patter_size.get(),
            use_face_recognition: vault.use_face_recognition,
            use_liveness: vault.use_liveness,
            display_name: tenant.display_name.as_str().into(),
            show_pin_when_typing: vault.show_pin_when_typing,
            block_config: Some(BlockConfig::of(&settings.block_config)),
            login_order: vault.login_order.iter().map(|step| TenantLoginStep::from(*step)).collect(),
            passkey_enabled: vault.passkey_enabled,
            has_username_and_email: vault.has_username_and_email,
            liveness_config: vault.liveness_config.as_ref().map(LivenessConfig::from),
        }
    }

    /// What the tenant settles itself; none where that is what the host has.
    ///
    /// # Errors
    /// 422 for a number out of its bounds.
    pub fn settings(self, host: &Settings) -> Result<Option<Settings>> {
        let mut settings = host.clone();
        settings.vault = VaultSettings {
            register_enable: self.register_enable,
            is_2fa: self.is_2fa,
            use_pin: self.use_pin,
            pin_size: within("pin_size", self.pin_size)?,
            use_pattern: self.use_pattern,
            patter_size: within("patter_size", self.patter_size)?,
            use_face_recognition: self.use_face_recognition,
            use_liveness: self.use_liveness,
            show_pin_when_typing: self.show_pin_when_typing,
            login_order: self.login_order.into_iter().map(LoginStep::from).collect(),
            passkey_enabled: self.passkey_enabled,
            has_username_and_email: self.has_username_and_email,
            liveness_config: self.liveness_config.map(Into::into),
        };
        if self.is_2fa {
            settings.policy.second_factor = SecondFactor::Always;
        }
        if let Some(config) = self.block_config {
            settings.block_config = config.rules();
        }
        Ok((settings != *host).then_some(settings))
    }
}

impl VaultTenantUpdate {
    /// For the core, which knows what absent fields mean.
    ///
    /// # Errors
    /// 422 for what can't be.
    pub fn form(self) -> Result<UpdateTenantForm> {
        let form = match self.to_json() {
            Some(Value::Object(form)) => UpdateTenantForm::from_json(form),
            _ => Err("The body must be a JSON object.".to_owned()),
        };
        form.map_err(Problem::invalid)
    }
}

impl BlockConfig {
    fn of(rules: &ThrottleRules) -> Self {
        Self {
            ip_attempts_limit: rules.ip_attempts_limit,
            ip_attempts_reset_minutes: rules.ip_attempts_reset_minutes,
            user_attempts_limit: rules.user_attempts_limit,
            user_timeframe_seconds: rules.user_timeframe_seconds,
            initial_block_seconds: rules.initial_block_seconds,
            max_block_time_minutes: rules.max_block_time_minutes,
        }
    }

    fn rules(&self) -> ThrottleRules {
        ThrottleRules {
            user_attempts_limit: self.user_attempts_limit,
            user_timeframe_seconds: self.user_timeframe_seconds,
            ip_attempts_limit: self.ip_attempts_limit,
            ip_attempts_reset_minutes: self.ip_attempts_reset_minutes,
            initial_block_seconds: self.initial_block_seconds,
            max_block_time_minutes: self.max_block_time_minutes,
        }
    }
}

fn within<const LEAST: u8, const MOST: u8>(name: &str, number: u8) -> Result<Within<LEAST, MOST>> {
    Within::new(number).ok_or_else(|| {
        let message = format!("`{name}` is from {LEAST} to {MOST}.");
        Problem::violations(vec![Violation { code: name.to_owned(), message }])
    })
}

impl Example for VaultTenant {
    fn example() -> Self {
        Self {
            tenant_id: "acme".into(),
            register_enable: false,
            is_2fa: false,
            use_pin: true,
            pin_size: 6,
            use_pattern: true,
            patter_size: 3,
            use_face_recognition: false,
            use_liveness: false,
            display_name: "Acme Ltd".into(),
            show_pin_when_typing: true,
            block_config: Some(BlockConfig::of(&Block::default().into())),
            login_order: login_order(),
            passkey_enabled: false,
            has_username_and_email: true,
            liveness_config: None,
        }
    }
}

impl Example for VaultTenantUpdate {
    fn example() -> Self {
        Self {
            register_enable: false,
            use_pin: true,
            pin_size: 6,
            use_pattern: false,
            patter_size: 3,
            use_face_recognition: false,
            use_liveness: false,
            display_name: "Acme GmbH".into(),
            show_pin_when_typing: false,
            block_config: None,
            login_order: Some(vec![TenantLoginStep::Pin]),
            passkey_enabled: true,
            has_username_and_email: true,
            liveness_config: None,
        }
    }
}

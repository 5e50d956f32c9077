//! Tenants on the wire. The settings have the names of the vault contract.

use crate::tenants_ways::AdminWays;
use gatewright_contract::Violation;
use gatewright_core::{
    Problem, Settings, Tenant,
    policy::SecondFactor,
    tenant::{VaultSettings, Within},
};
use gatewright_plugin::{Text, outcome::moment};
use poem_openapi::{Enum, Object, types::Example};
use time::{OffsetDateTime, macros::datetime};

/// When a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "AdminSecondFactor", rename_all = "kebab-case")]
pub(crate) enum AdminSecondFactor {
    Never,
    WhenEnrolled,
    Always,
}

impl From<SecondFactor> for AdminSecondFactor {
    fn from(when: SecondFactor) -> Self {
        match when {
            SecondFactor::Never => Self::Never,
            SecondFactor::WhenEnrolled => Self::WhenEnrolled,
            SecondFactor::Always => Self::Always,
        }
    }
}

impl From<AdminSecondFactor> for SecondFactor {
    fn from(when: AdminSecondFactor) -> Self {
        match when {
            AdminSecondFactor::Never => Self::Never,
            AdminSecondFactor::WhenEnrolled => Self::WhenEnrolled,
            AdminSecondFactor::Always => Self::Always,
        }
    }
}

/// A world of its own.
#[derive(Object)]
#[oai(rename = "AdminTenant", example)]
pub(crate) struct AdminTenant {
    /// Id, also in URLs.
    id: String,
    /// The name to show.
    display_name: String,
    /// Nobody logs in here.
    disabled: bool,
    /// When it was made.
    created_at: OffsetDateTime,
    /// What holds here: what the tenant has settled, or the host's configuration.
    settings: AdminSettings,
}

impl AdminTenant {
    pub(crate) fn of(tenant: &Tenant, settings: &Settings) -> Self {
        Self {
            id: tenant.id.to_string(),
            display_name: tenant.display_name.clone(),
            disabled: tenant.disabled,
            created_at: moment(tenant.created),
            settings: settings.into(),
        }
    }
}

impl Example for AdminTenant {
    fn example() -> Self {
        Self {
            id: "acme".to_owned(),
            display_name: "Acme Ltd".to_owned(),
            disabled: false,
            created_at: datetime!(2026-01-01 09:00 UTC),
            settings: (&Settings::default()).into(),
        }
    }
}

/// How people of a tenant log in.
#[derive(Object)]
#[oai(rename = "AdminSettings")]
pub(crate) struct AdminSettings {
    /// When a second factor is asked for.
    second_factor: AdminSecondFactor,
    /// Whether two factors were settled for everybody when the tenant was made.
    is_2fa: bool,
    /// Whether people may register themselves.
    register_enable: bool,
    /// Whether people have a login name besides their e-mail address.
    has_username_and_email: bool,
    /// Whether there are passkeys.
    passkey_enabled: bool,
    /// Whether there is a PIN.
    use_pin: bool,
    /// Digits of a PIN.
    pin_size: u8,
    /// Whether there is a pattern.
    use_pattern: bool,
    /// Points on a side of the pattern.
    patter_size: u8,
    /// A session ends this many seconds after its login.
    session_absolute_seconds: u32,
    /// A session that is not used for this many seconds ends.
    session_idle_seconds: u32,
    /// By which authenticators, and where the tenant is found.
    login: AdminWays,
}

impl From<&Settings> for AdminSettings {
    fn from(settings: &Settings) -> Self {
        let vault = &settings.vault;
        Self {
            second_factor: settings.policy.second_factor.into(),
            is_2fa: vault.is_2fa,
            register_enable: vault.register_enable,
            has_username_and_email: vault.has_username_and_email,
            passkey_enabled: vault.passkey_enabled,
            use_pin: vault.use_pin,
            pin_size: vault.pin_size.get(),
            use_pattern: vault.use_pattern,
            patter_size: vault.patter_size.get(),
            session_absolute_seconds: settings.session.absolute_seconds,
            session_idle_seconds: settings.session.idle_seconds,
            login: settings.into(),
        }
    }
}

/// A tenant to be made.
#[derive(Object)]
#[oai(rename = "AdminNewTenant", deny_unknown_fields, example)]
pub(crate) struct AdminNewTenant {
    /// Id, also in URLs: lower-case letters, digits and hyphens.
    #[oai(validator(min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub(crate) id: Text,
    /// The name to show.
    #[oai(validator(min_length = 1, max_length = 256))]
    pub(crate) display_name: Text,
    /// Whether two factors are asked of everybody, for good.
    #[oai(default)]
    is_2fa: bool,
    /// What it settles at once.
    #[oai(skip_serializing_if_is_none)]
    settings: Option<AdminSettingsChange>,
}

impl AdminNewTenant {
    /// None where it settles nothing: then it goes with the host's configuration.
    pub(crate) fn settings(&self, defaults: &Settings) -> Result<Option<Settings>, Problem> {
        if !self.is_2fa && self.settings.is_none() {
            return Ok(None);
        }
        let mut settings = defaults.clone();
        settings.vault.is_2fa = self.is_2fa;
        if self.is_2fa {
            settings.policy.second_factor = SecondFactor::Always;
        }
        if let Some(change) = &self.settings {
            change.apply(&mut settings)?;
        }
        Ok(Some(settings))
    }
}

impl Example for AdminNewTenant {
    fn example() -> Self {
        Self {
            id: "acme".into(),
            display_name: "Acme Ltd".into(),
            is_2fa: false,
            settings: Some(AdminSettingsChange::example()),
        }
    }
}

/// What is to be different; what is left out stays.
#[derive(Object)]
#[oai(rename = "AdminTenantChange", deny_unknown_fields, example)]
pub(crate) struct AdminTenantChange {
    /// The name to show.
    #[oai(validator(min_length = 1, max_length = 256), skip_serializing_if_is_none)]
    pub(crate) display_name: Option<Text>,
    /// What it settles itself. From then on it no longer goes with the host's configuration.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) settings: Option<AdminSettingsChange>,
}

impl Example for AdminTenantChange {
    fn example() -> Self {
        Self { display_name: Some("Acme GmbH".into()), settings: Some(AdminSettingsChange::example()) }
    }
}

/// What is to be settled otherwise; what is left out stays.
#[derive(Object)]
#[oai(rename = "AdminSettingsChange", deny_unknown_fields)]
pub(crate) struct AdminSettingsChange {
    /// When a second factor is asked for: `always` where `is_2fa` was settled.
    #[oai(skip_serializing_if_is_none)]
    second_factor: Option<AdminSecondFactor>,
    /// Whether people may register themselves.
    #[oai(skip_serializing_if_is_none)]
    register_enable: Option<bool>,
    /// Whether people have a login name besides their e-mail address. Otherwise an address that its owner has proven
    /// is a login name too.
    #[oai(skip_serializing_if_is_none)]
    has_username_and_email: Option<bool>,
    /// Whether there are passkeys.
    #[oai(skip_serializing_if_is_none)]
    passkey_enabled: Option<bool>,
    /// Whether there is a PIN.
    #[oai(skip_serializing_if_is_none)]
    use_pin: Option<bool>,
    /// Digits of a PIN.
    #[oai(validator(minimum(value = "3"), maximum(value = "6")), skip_serializing_if_is_none)]
    pin_size: Option<u8>,
    /// Whether there is a pattern.
    #[oai(skip_serializing_if_is_none)]
    use_pattern: Option<bool>,
    /// Points on a side of the pattern.
    #[oai(validator(minimum(value = "3"), maximum(value = "4")), skip_serializing_if_is_none)]
    patter_size: Option<u8>,
    /// By which authenticators, and where the tenant is found.
    #[oai(skip_serializing_if_is_none)]
    login: Option<AdminWays>,
}

impl AdminSettingsChange {
    pub(crate) fn apply(&self, to: &mut Settings) -> Result<(), Problem> {
        if let Some(when) = self.second_factor {
            to.policy.second_factor = when.into();
        }
        let old = to.vault.clone();
        to.vault = VaultSettings {
            register_enable: self.register_enable.unwrap_or(old.register_enable),
            has_username_and_email: self.has_username_and_email.unwrap_or(old.has_username_and_email),
            passkey_enabled: self.passkey_enabled.unwrap_or(old.passkey_enabled),
            use_pin: self.use_pin.unwrap_or(old.use_pin),
            use_pattern: self.use_pattern.unwrap_or(old.use_pattern),
            pin_size: size("pin_size", self.pin_size, old.pin_size)?,
            patter_size: size("patter_size", self.patter_size, old.patter_size)?,
            ..old
        };
        if let Some(ways) = &self.login {
            ways.apply(to);
        }
        Ok(())
    }

    fn example() -> Self {
        Self {
            second_factor: None,
            register_enable: None,
            has_username_and_email: Some(true),
            passkey_enabled: None,
            use_pin: None,
            pin_size: Some(6),
            use_pattern: None,
            patter_size: None,
            login: None,
        }
    }
}

fn size<const LEAST: u8, const MOST: u8>(
    name: &str,
    wish: Option<u8>,
    old: Within<LEAST, MOST>,
) -> Result<Within<LEAST, MOST>, Problem> {
    let Some(wish) = wish else { return Ok(old) };
    Within::new(wish).ok_or_else(|| {
        let message = format!("`{name}` is from {LEAST} to {MOST}.");
        Problem::violations(vec![Violation { code: name.to_owned(), message }])
    })
}

//! The update of a tenant as the vault contract has it: a field that is absent takes its default, not its old value;
//! without `block_config` and `login_order` (absent or null) the old ones stay; `is_2fa` can't be sent and stays.

use super::{LoginStep, Settings, VaultSettings};
use crate::throttle::ThrottleRules;
use gatewright_contract::Violation;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateTenantForm {
    /// The name to show.
    pub display_name: String,
    /// How many tries; none: as before.
    pub block_config: Option<BlockConfig>,
    /// What is asked first; none: as before.
    pub login_order: Option<Vec<LoginStep>>,
    /// All else; its `is_2fa` and its `login_order` are not looked at.
    pub vault: VaultSettings,
}

/// `block_config` with the defaults of the contract, which are not the host's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of ThrottleRules")]
pub struct BlockConfig {
    pub ip_attempts_limit: u32,
    pub ip_attempts_reset_minutes: u32,
    pub user_attempts_limit: u32,
    pub user_timeframe_seconds: u32,
    pub initial_block_seconds: u32,
    pub max_block_time_minutes: u32,
}

impl Default for BlockConfig {
    fn default() -> Self {
        Self {
            ip_attempts_limit: 5,
            ip_attempts_reset_minutes: 10_080,
            user_attempts_limit: 15,
            user_timeframe_seconds: 300,
            initial_block_seconds: 60,
            max_block_time_minutes: 2_880,
        }
    }
}

impl From<BlockConfig> for ThrottleRules {
    fn from(config: BlockConfig) -> Self {
        Self {
            user_attempts_limit: config.user_attempts_limit,
            user_timeframe_seconds: config.user_timeframe_seconds,
            ip_attempts_limit: config.ip_attempts_limit,
            ip_attempts_reset_minutes: config.ip_attempts_reset_minutes,
            initial_block_seconds: config.initial_block_seconds,
            max_block_time_minutes: config.max_block_time_minutes,
        }
    }
}

impl UpdateTenantForm {
    /// Reads the form.
    ///
    /// # Errors
    /// A text for the client.
    pub fn from_json(mut form: Map<String, Value>) -> Result<Self, String> {
        // They are in the settings, and not in the form.
        for not_here in ["is_2fa", "tenant_id"] {
            if form.remove(not_here).is_some() {
                return Err(format!("{not_here}: can't be changed"));
            }
        }
        let display_name = taken(&mut form, "display_name")?.ok_or("display_name: is missing.")?;
        let block_config = taken(&mut form, "block_config")?;
        let login_order = taken(&mut form, "login_order")?;
        let vault = serde_json::from_value(Value::Object(form)).map_err(|e| e.to_string())?;
        Ok(Self { display_name, block_config, login_order, vault })
    }

    /// Name and settings after the update.
    ///
    /// # Errors
    /// Everything that does not fit together.
    pub fn apply(self, old: &Settings) -> Result<(String, Settings), Vec<Violation>> {
        let vault = VaultSettings {
            is_2fa: old.vault.is_2fa,
            login_order: self.login_order.unwrap_or_else(|| old.vault.login_order.clone()),
            ..self.vault
        };
        let block_config = self.block_config.map_or_else(|| old.block_config.clone(), ThrottleRules::from);
        let new = Settings { vault, block_config, ..old.clone() };
        new.check().map(|()| (self.display_name, new))
    }
}

/// A member that may be absent or null.
fn taken<T: serde::de::DeserializeOwned>(
    form: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>, String> {
    let value = form.remove(name).unwrap_or(Value::Null);
    serde_json::from_value(value).map_err(|e| format!("{name}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Within;
    use serde_json::json;

    fn old() -> Settings {
        let mut old = Settings::default();
        old.vault.is_2fa = true;
        old.vault.use_pin = false;
        old.vault.pin_size = Within::new(4).expect("4");
        old.vault.login_order = vec![LoginStep::Pattern];
        old.block_config.user_attempts_limit = 77;
        old.session.idle_seconds = 99;
        old
    }

    fn applied(form: Value) -> Result<(String, Settings), Vec<Violation>> {
        let Value::Object(form) = form else { panic!("an object") };
        UpdateTenantForm::from_json(form).expect("reads").apply(&old())
    }

    #[test]
    fn what_is_absent_takes_its_default_and_not_its_old_value() {
        let (name, new) = applied(json!({"display_name": "Ten"})).expect("fits");
        assert_eq!(name, "Ten");
        assert_eq!((new.vault.use_pin, new.vault.pin_size.get()), (true, 6));
        assert_eq!(new.session.idle_seconds, 99, "what the form does not know stays");
    }

    #[test]
    fn block_config_and_login_order_stay_when_they_are_null_or_absent() {
        for form in [
            json!({"display_name": "x"}),
            json!({"display_name": "x", "block_config": null, "login_order": null}),
        ] {
            let (_, new) = applied(form).expect("fits");
            assert_eq!(new.block_config.user_attempts_limit, 77);
            assert_eq!(new.vault.login_order, [LoginStep::Pattern]);
        }
        let sent = json!({"display_name": "x", "block_config": {"user_timeframe_seconds": 9}, "login_order": ["PIN"]});
        let (_, new) = applied(sent).expect("fits");
        assert_eq!((new.block_config.user_attempts_limit, new.block_config.user_timeframe_seconds), (15, 9));
        assert_eq!(new.vault.login_order, [LoginStep::Pin]);
    }

    #[test]
    fn two_factors_were_settled_when_the_tenant_was_made() {
        let (_, new) = applied(json!({"display_name": "x"})).expect("fits");
        assert!(new.vault.is_2fa);
        for fixed in
            [json!({"display_name": "x", "is_2fa": false}), json!({"display_name": "x", "tenant_id": "y"})]
        {
            let Value::Object(form) = fixed else { panic!("an object") };
            assert!(UpdateTenantForm::from_json(form).is_err());
        }
    }

    #[test]
    fn what_can_not_be_is_refused() {
        for bad in [
            json!({}),
            json!({"display_name": null}),
            json!({"display_name": "x", "pin_size": 7}),
            json!({"display_name": "x", "login_order": ["FACE"]}),
            json!({"display_name": "x", "block_config": {"user_attempts_limit": 0}}),
        ] {
            let Value::Object(form) = bad.clone() else { panic!("an object") };
            let refused = UpdateTenantForm::from_json(form)
                .map_err(|_| ())
                .and_then(|f| f.apply(&old()).map_err(|_| ()));
            assert!(refused.is_err(), "{bad}");
        }
    }
}

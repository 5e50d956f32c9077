//! Tenants: making, changing, switching off. Nothing is made for a tenant before it is needed, so that ten thousand
//! of them cost ten thousand rows.

use super::{Admin, broken};
use crate::{
    Settings, Tenant,
    access::{Action, Resource},
    policy::SecondFactor,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::TenantId;
use std::sync::Arc;

/// A tenant to be made.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The id, also in URLs.
    pub id: TenantId,
    /// The name to show.
    pub display_name: String,
    /// What it settles itself; none: the host's `[login]`.
    pub settings: Option<Settings>,
}

/// What is to be different; what is none stays.
#[derive(Default)]
pub struct TenantChange<'a> {
    /// The name to show.
    pub display_name: Option<String>,
    /// What it settles itself: changes what holds now.
    pub settle: Option<Settle<'a>>,
}

/// Changes settings, or says what can't be.
pub type Settle<'a> = &'a (dyn Fn(&mut Settings) -> Result<()> + Sync);

/// Words that stand at the place of a tenant in the paths of a published contract.
const RESERVED: &[&str] = &[
    "api-keys",
    "authenticate",
    "challenge",
    "change-password",
    "client",
    "client-tenant",
    "clients",
    "logout",
    "passkeys",
    "register",
    "request-reset-password",
    "reset-password",
    "sessions",
    "sign-in",
    "tenants",
    "token",
    "users",
];

/// Tenants that are read at once.
const BATCH: u32 = 500;

const TAKEN: &str = "There is a tenant of this id already, or it was changed at the same time.";

impl Admin<'_> {
    /// Where the caller's own permissions count.
    fn home(&self) -> TenantId {
        self.caller.map_or_else(TenantId::default_tenant, |caller| caller.session.tenant.clone())
    }

    /// A page of all tenants, by id.
    ///
    /// # Errors
    /// 403.
    pub async fn tenants(&self, after: Option<&TenantId>, limit: u32) -> Result<Vec<Tenant>> {
        self.may(Action::HostTenants, &Resource::of(&self.home())).await?;
        Ok(self.engine.store.tenants(after, limit.clamp(1, super::PAGE)).await?)
    }

    /// Every tenant that the caller may see, by id: all for an operator, for everybody else their own.
    ///
    /// # Errors
    /// 403.
    pub async fn visible_tenants(&self) -> Result<Vec<Arc<Tenant>>> {
        let home = self.home();
        match self.may(Action::HostTenants, &Resource::of(&home)).await {
            Err(problem) if problem.status == 403 => return Ok(vec![self.tenant(&home).await?]),
            other => other?,
        };
        let (mut all, mut after): (Vec<Arc<Tenant>>, Option<TenantId>) = (Vec::new(), None);
        loop {
            let page = self.engine.store.tenants(after.as_ref(), BATCH).await?;
            after = page.last().map(|tenant| tenant.id.clone());
            let full = page.len() == BATCH as usize;
            all.extend(page.into_iter().map(Arc::new));
            if !full {
                return Ok(all);
            }
        }
    }

    /// One tenant, be it switched off.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn tenant(&self, id: &TenantId) -> Result<Arc<Tenant>> {
        self.may(Action::TenantRead, &Resource::of(id)).await?;
        self.engine.store.tenant(id).await?.ok_or_else(|| Problem::not_found("tenant"))
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// 403, 409 for an id that is taken, 422 for a reserved one or settings that don't fit together.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<Tenant> {
        self.may_change(Action::HostTenants, &Resource::of(&self.home())).await?;
        if RESERVED.contains(&new.id.as_str()) {
            return Err(broken(
                "tenant",
                "This word has another meaning in paths; no tenant can be called so.",
            ));
        }
        check_name(&new.display_name)?;
        if let Some(settings) = &new.settings {
            self.check(settings)?;
        }
        let tenant = Tenant {
            id: new.id,
            display_name: new.display_name,
            disabled: false,
            created: self.engine.now(),
            settings: new.settings,
            rev: 1,
        };
        let event = self.event("tenant.created", &tenant.id).on(format!("tenant:{}", tenant.id));
        self.commit(vec![Write::TenantInsert(tenant.clone()), Write::Audit(event)], TAKEN).await?;
        Ok(tenant)
    }

    /// Changes name and settings.
    ///
    /// # Errors
    /// 403, 404, 409 for somebody else's change, 422 for settings that don't fit together, or another `is_2fa`.
    pub async fn change_tenant(&self, id: &TenantId, change: TenantChange<'_>) -> Result<Tenant> {
        self.may_change(Action::TenantWrite, &Resource::of(id)).await?;
        let old = self.engine.store.tenant(id).await?.ok_or_else(|| Problem::not_found("tenant"))?;
        let mut new = Tenant { rev: old.rev + 1, ..(*old).clone() };
        if let Some(name) = change.display_name {
            check_name(&name)?;
            new.display_name = name;
        }
        if let Some(settle) = change.settle {
            let before = self.engine.settings_of(&old);
            let mut settings = before.clone();
            settle(&mut settings)?;
            if settings.vault.is_2fa != before.vault.is_2fa {
                return Err(broken("is_2fa", "Fixed when the tenant is made."));
            }
            if settings.policy != before.policy || settings.site != before.site {
                // Who may weaken a login, or say where its links lead, may as well set a password.
                self.may(Action::CredentialsWrite, &Resource::of(id)).await?;
            }
            self.check(&settings)?;
            new.settings = Some(settings);
        }
        self.replace(new, "tenant.changed").await
    }

    /// Switches a tenant off or on. Nobody logs in to one that is off, and its sessions are refused at once.
    ///
    /// # Errors
    /// 403, 404, 409 for the tenant `default`.
    pub async fn set_tenant_disabled(&self, id: &TenantId, disabled: bool) -> Result<Tenant> {
        self.may_change(Action::HostTenants, &Resource::of(id)).await?;
        if disabled && *id == TenantId::default_tenant() {
            return Err(Problem::conflict("The tenant `default` is that of the operators; it stays."));
        }
        let old = self.engine.store.tenant(id).await?.ok_or_else(|| Problem::not_found("tenant"))?;
        let new = Tenant { disabled, rev: old.rev + 1, ..(*old).clone() };
        self.replace(new, if disabled { "tenant.disabled" } else { "tenant.enabled" }).await
    }

    async fn replace(&self, new: Tenant, kind: &str) -> Result<Tenant> {
        let event = self.event(kind, &new.id).on(format!("tenant:{}", new.id));
        self.commit(vec![Write::TenantReplace(new.clone()), Write::Audit(event)], TAKEN).await?;
        Ok(new)
    }
}

fn check_name(name: &str) -> Result<()> {
    match name.is_empty() || name.len() > 256 || name.chars().any(char::is_control) {
        true => Err(broken("display_name", "1 to 256 bytes, without control characters.")),
        false => Ok(()),
    }
}

impl Admin<'_> {
    fn check(&self, settings: &Settings) -> Result<()> {
        settings.check().map_err(Problem::violations)?;
        let misfits = self.engine.catalogue().misfits(&settings.vault.keypad());
        if !misfits.is_empty() {
            return Err(Problem::violations(misfits));
        }
        let policy = &settings.policy;
        let lists = [
            ("first", policy.first.as_ref()),
            ("second", policy.second.as_ref()),
            ("enrol", policy.enrol.as_ref()),
            ("reset", Some(&policy.reset)),
        ];
        for (name, list) in lists.into_iter().filter_map(|(name, list)| Some((name, list?))) {
            // What is not there would lock people out, or in.
            if let Some(unknown) = list.iter().find(|id| self.engine.catalogue().manifest(id).is_none()) {
                return Err(broken(name, &format!("There is no authenticator `{unknown}`.")));
            }
        }
        if policy.first.as_ref().is_some_and(Vec::is_empty) {
            return Err(broken("first", "Name at least one authenticator, or nobody can log in."));
        }
        if policy.second_factor != SecondFactor::Never
            && policy.second_steps(&self.engine.catalogue()).is_empty()
        {
            return Err(broken(
                "second",
                "Name at least one, or say that a second factor is never asked for.",
            ));
        }
        // `is_2fa` is a promise that the policy must keep.
        match settings.vault.is_2fa && policy.second_factor != SecondFactor::Always {
            true => Err(broken("is_2fa", "With `is_2fa` the policy asks everybody for a second factor.")),
            false => Ok(()),
        }
    }
}

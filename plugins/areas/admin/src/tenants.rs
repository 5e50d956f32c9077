//! `/tenants`

use crate::{
    AdminTags,
    desk::{Desk, named, usual_limit},
    replies::{Found, Made, found, list, made},
    tenants_wire::{AdminNewTenant, AdminTenant, AdminTenantChange},
};
use gatewright_core::{
    Problem, Settings, Tenant,
    admin::{NewTenant, TenantChange},
};
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

pub(crate) struct Tenants(House);

impl Tenants {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    fn shown(&self, tenant: &Tenant) -> AdminTenant {
        AdminTenant::of(tenant, self.0.engine.settings_of(tenant))
    }
}

#[OpenApi]
impl Tenants {
    /// List tenants
    ///
    /// By id. Takes `host.tenants`.
    #[oai(path = "/tenants", method = "get", operation_id = "admin_tenants", tag = "AdminTags::Tenants")]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// Only those after this id.
        after: Query<Option<String>>,
        /// How many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<Vec<AdminTenant>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, None).await)?;
        let after = or_problem(after.0.as_deref().map(named).transpose())?;
        let all = or_problem(desk.admin().tenants(after.as_ref(), limit.0).await)?;
        Ok(list(all.iter().map(|tenant| self.shown(tenant))))
    }

    /// Make a tenant
    ///
    /// Without anybody in it: make an administrator next, with `?tenant=`. Takes `host.tenants`.
    #[oai(
        path = "/tenants",
        method = "post",
        operation_id = "admin_create_tenant",
        tag = "AdminTags::Tenants"
    )]
    async fn create(
        &self,
        request: &Request,
        body: Body<AdminNewTenant>,
        caller: BearerOrCookie,
    ) -> Result<Made<AdminTenant>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, None).await)?;
        let new = or_problem(self.new_tenant(&body.0))?;
        let tenant = or_problem(desk.admin().create_tenant(new).await)?;
        Ok(made(self.shown(&tenant)))
    }

    /// Show a tenant
    ///
    /// Takes `tenant.read`.
    #[oai(
        path = "/tenants/:tenant_id",
        method = "get",
        operation_id = "admin_tenant",
        tag = "AdminTags::Tenants"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant_id: Path<String>,
    ) -> Result<Found<AdminTenant>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, Some(tenant_id.0)).await)?;
        let tenant = or_problem(desk.admin().tenant(&desk.tenant).await)?;
        Ok(found(self.shown(&tenant)))
    }

    /// Change a tenant
    ///
    /// Its name and what it has settled. Takes `tenant.write`.
    #[oai(
        path = "/tenants/:tenant_id",
        method = "patch",
        operation_id = "admin_change_tenant",
        tag = "AdminTags::Tenants"
    )]
    async fn change(
        &self,
        request: &Request,
        body: Body<AdminTenantChange>,
        caller: BearerOrCookie,
        /// The tenant.
        tenant_id: Path<String>,
    ) -> Result<Found<AdminTenant>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, Some(tenant_id.0)).await)?;
        let wish = body.0.settings;
        let settle = |settings: &mut Settings| match &wish {
            Some(wish) => wish.apply(settings),
            None => Ok(()),
        };
        let change = TenantChange {
            display_name: body.0.display_name.map(String::from),
            settle: wish.is_some().then_some(&settle),
        };
        let tenant = or_problem(desk.admin().change_tenant(&desk.tenant, change).await)?;
        Ok(found(self.shown(&tenant)))
    }

    /// Switch a tenant off
    ///
    /// Nobody logs in to it any more, and its sessions are refused at once. Takes `host.tenants`.
    #[oai(
        path = "/tenants/:tenant_id/disable",
        method = "post",
        operation_id = "admin_disable_tenant",
        tag = "AdminTags::Tenants"
    )]
    async fn disable(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant_id: Path<String>,
    ) -> Result<Found<AdminTenant>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, Some(tenant_id.0)).await)?;
        let tenant = or_problem(desk.admin().set_tenant_disabled(&desk.tenant, true).await)?;
        Ok(found(self.shown(&tenant)))
    }

    /// Switch a tenant on again
    ///
    /// Sessions that have not ended meanwhile go on. Takes `host.tenants`.
    #[oai(
        path = "/tenants/:tenant_id/enable",
        method = "post",
        operation_id = "admin_enable_tenant",
        tag = "AdminTags::Tenants"
    )]
    async fn enable(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant_id: Path<String>,
    ) -> Result<Found<AdminTenant>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, Some(tenant_id.0)).await)?;
        let tenant = or_problem(desk.admin().set_tenant_disabled(&desk.tenant, false).await)?;
        Ok(found(self.shown(&tenant)))
    }
}

impl Tenants {
    fn new_tenant(&self, body: &AdminNewTenant) -> Result<NewTenant, Problem> {
        Ok(NewTenant {
            id: named(&body.id)?,
            display_name: body.display_name.to_string(),
            settings: body.settings(self.0.engine.defaults())?,
        })
    }
}

//! `/tenants`

use crate::{
    TenantsTags,
    desk::{Desk, named},
};
use gatewright_core::{
    Problem, Settings, Tenant,
    admin::{NewTenant, TenantChange},
};
use gatewright_plugin::{Body, House, or_problem};
use gatewright_vault::{Null, VaultCaller, VaultTenant, VaultTenantUpdate};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json, types::Example};

pub(crate) struct Tenants(House);

/// Tenants.
#[derive(Object)]
#[oai(rename = "TenantList", example)]
struct TenantList {
    /// By id.
    tenants: Vec<VaultTenant>,
}

impl Example for TenantList {
    fn example() -> Self {
        Self { tenants: vec![VaultTenant::example()] }
    }
}

#[derive(ApiResponse)]
enum TenantsReply {
    /// Those that the caller may see.
    #[oai(status = 200)]
    Tenants(Json<TenantList>),
}

#[derive(ApiResponse)]
enum TenantReply {
    /// The tenant, as it is now.
    #[oai(status = 200)]
    Tenant(Json<VaultTenant>),
}

#[derive(ApiResponse)]
enum TenantMade {
    /// It has been made.
    #[oai(status = 201)]
    Made(Json<Null>),
}

#[derive(ApiResponse)]
enum TenantChanged {
    /// It has been changed.
    #[oai(status = 200)]
    Changed(Json<Null>),
}

impl Tenants {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    fn shown(&self, tenant: &Tenant) -> VaultTenant {
        VaultTenant::of(tenant, self.0.engine.settings_of(tenant))
    }

    fn new_tenant(&self, body: VaultTenant) -> Result<NewTenant, Problem> {
        let id = named(&body.tenant_id)?;
        let name = match &*body.display_name {
            "" => id.to_string(),
            name => name.to_owned(),
        };
        Ok(NewTenant { id, display_name: name, settings: body.settings(self.0.engine.defaults())? })
    }
}

#[OpenApi]
impl Tenants {
    /// List tenants
    ///
    /// All for an operator; for everybody else their own, which takes `tenant.read`.
    #[oai(path = "/tenants", method = "get", operation_id = "listTenants", tag = "TenantsTags::Tenants")]
    async fn list(&self, request: &Request, caller: VaultCaller) -> Result<TenantsReply> {
        let desk = or_problem(Desk::of(&self.0, request, &caller).await)?;
        let all = or_problem(desk.admin().visible_tenants().await)?;
        let tenants = all.iter().map(|tenant| self.shown(tenant)).collect();
        Ok(TenantsReply::Tenants(Json(TenantList { tenants })))
    }

    /// Make a tenant
    ///
    /// Without anybody in it. Takes `host.tenants`, shortly after a login.
    #[oai(path = "/tenants", method = "post", operation_id = "createTenant", tag = "TenantsTags::Tenants")]
    async fn create(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Body<VaultTenant>,
    ) -> Result<TenantMade> {
        let desk = or_problem(Desk::of(&self.0, request, &caller).await)?;
        let new = or_problem(self.new_tenant(body.0))?;
        or_problem(desk.admin().create_tenant(new).await)?;
        Ok(TenantMade::Made(Json(Null)))
    }

    /// Show a tenant
    ///
    /// Takes `tenant.read`.
    #[oai(
        path = "/tenants/:tenant_id",
        method = "get",
        operation_id = "readTenant",
        tag = "TenantsTags::Tenants"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
    ) -> Result<TenantReply> {
        let desk = or_problem(Desk::of(&self.0, request, &caller).await)?;
        let tenant = or_problem(desk.admin().tenant(&or_problem(named(&tenant_id.0))?).await)?;
        Ok(TenantReply::Tenant(Json(self.shown(&tenant))))
    }

    /// Change a tenant
    ///
    /// A field that is left out takes its default, not its old value; without `block_config` and `login_order` the old ones
    /// stay. Takes `tenant.write`, shortly after a login.
    #[oai(
        path = "/tenants/:tenant_id",
        method = "put",
        operation_id = "updateTenant",
        tag = "TenantsTags::Tenants"
    )]
    async fn change(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        body: Body<VaultTenantUpdate>,
    ) -> Result<TenantChanged> {
        let desk = or_problem(Desk::of(&self.0, request, &caller).await)?;
        let id = or_problem(named(&tenant_id.0))?;
        let form = or_problem(body.0.form())?;
        let display_name = Some(form.display_name.clone());
        let settle = |settings: &mut Settings| {
            let (_, new) = form.clone().apply(settings).map_err(Problem::violations)?;
            *settings = new;
            Ok(())
        };
        let change = TenantChange { display_name, settle: Some(&settle) };
        or_problem(desk.admin().change_tenant(&id, change).await)?;
        Ok(TenantChanged::Changed(Json(Null)))
    }
}

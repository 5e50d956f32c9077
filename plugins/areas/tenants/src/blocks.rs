//! Who and which addresses are blocked, each under the two paths that the contract has for it.

use crate::{
    TenantsTags,
    blocks_wire::{BlockedIpPage, BlockedUserPage},
    desk::{Desk, named},
};
use gatewright_core::{Problem, admin::Wanted};
use gatewright_plugin::{House, or_problem};
use gatewright_vault::VaultCaller;
use poem::{Request, Result};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};

pub(crate) struct Blocks(House);

#[derive(ApiResponse)]
enum IpsReply {
    /// A page.
    #[oai(status = 200)]
    Page(Json<BlockedIpPage>),
}

#[derive(ApiResponse)]
enum UsersReply {
    /// A page.
    #[oai(status = 200)]
    Page(Json<BlockedUserPage>),
}

/// Which page, in which order.
struct Asked {
    page: u32,
    page_size: u32,
    direction: i32,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        let limit = self.page_size as usize;
        let offset = (self.page as usize).saturating_mul(limit);
        // 0 is read as the default.
        Wanted { offset, limit, newest_first: self.direction <= 0 }
    }

    fn end(&self) -> usize {
        let Wanted { offset, limit, .. } = self.wanted();
        offset.saturating_add(limit)
    }
}

fn usual_size() -> u32 {
    100
}

fn newest_first() -> i32 {
    -1
}

#[OpenApi]
impl Blocks {
    /// Blocked addresses
    ///
    /// Those that wrong answers in this tenant have blocked, and are still blocked. Takes
    /// `tenant.read`.
    #[oai(
        path = "/tenants/:tenant_id/blocked-ips",
        method = "get",
        operation_id = "listBlockedIps",
        tag = "TenantsTags::Tenants"
    )]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter of the query")]
    async fn ips(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// Which page; the first is 0.
        #[oai(default, validator(maximum(value = "1000000")))]
        page: Query<u32>,
        /// How many on a page.
        #[oai(default = "usual_size", validator(minimum(value = "1"), maximum(value = "500")))]
        page_size: Query<u32>,
        /// By the time of the block: -1 the newest first, 1 the oldest; 0 is the default.
        #[oai(default = "newest_first", validator(minimum(value = "-1"), maximum(value = "1")))]
        sort_direction: Query<i32>,
    ) -> Result<IpsReply> {
        let asked = Asked { page: page.0, page_size: page_size.0, direction: sort_direction.0 };
        or_problem(self.addresses(request, &caller, &tenant_id.0, &asked).await)
    }

    /// Blocked people
    ///
    /// Those who are blocked now because of wrong answers. Takes
    /// `people.read`.
    #[oai(
        path = "/tenants/:tenant_id/blocked-users",
        method = "get",
        operation_id = "listBlockedUsers",
        tag = "TenantsTags::Tenants"
    )]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter of the query")]
    async fn users(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// Which page; the first is 0.
        #[oai(default, validator(maximum(value = "1000000")))]
        page: Query<u32>,
        /// How many on a page.
        #[oai(default = "usual_size", validator(minimum(value = "1"), maximum(value = "500")))]
        page_size: Query<u32>,
        /// By the time of the block: -1 the newest first, 1 the oldest; 0 is the default.
        #[oai(default = "newest_first", validator(minimum(value = "-1"), maximum(value = "1")))]
        sort_direction: Query<i32>,
    ) -> Result<UsersReply> {
        let asked = Asked { page: page.0, page_size: page_size.0, direction: sort_direction.0 };
        or_problem(self.people(request, &caller, &tenant_id.0, &asked).await)
    }

    /// Blocked addresses (second path)
    ///
    /// Those that wrong answers in this tenant have blocked, and are still blocked. The same as `listBlockedIps`. Takes
    /// `tenant.read`.
    #[oai(
        path = "/:tenant_id/blocked-ips",
        method = "get",
        operation_id = "listBlockedIpsAlias",
        tag = "TenantsTags::Blocks"
    )]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter of the query")]
    async fn ips_again(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// Which page; the first is 0.
        #[oai(default, validator(maximum(value = "1000000")))]
        page: Query<u32>,
        /// How many on a page.
        #[oai(default = "usual_size", validator(minimum(value = "1"), maximum(value = "500")))]
        page_size: Query<u32>,
        /// By the time of the block: -1 the newest first, 1 the oldest; 0 is the default.
        #[oai(default = "newest_first", validator(minimum(value = "-1"), maximum(value = "1")))]
        sort_direction: Query<i32>,
    ) -> Result<IpsReply> {
        let asked = Asked { page: page.0, page_size: page_size.0, direction: sort_direction.0 };
        or_problem(self.addresses(request, &caller, &tenant_id.0, &asked).await)
    }

    /// Blocked people (second path)
    ///
    /// Those who are blocked now because of wrong answers. The same as `listBlockedUsers`. Takes
    /// `people.read`.
    #[oai(
        path = "/:tenant_id/blocked-users",
        method = "get",
        operation_id = "listBlockedUsersAlias",
        tag = "TenantsTags::Blocks"
    )]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter of the query")]
    async fn users_again(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// Which page; the first is 0.
        #[oai(default, validator(maximum(value = "1000000")))]
        page: Query<u32>,
        /// How many on a page.
        #[oai(default = "usual_size", validator(minimum(value = "1"), maximum(value = "500")))]
        page_size: Query<u32>,
        /// By the time of the block: -1 the newest first, 1 the oldest; 0 is the default.
        #[oai(default = "newest_first", validator(minimum(value = "-1"), maximum(value = "1")))]
        sort_direction: Query<i32>,
    ) -> Result<UsersReply> {
        let asked = Asked { page: page.0, page_size: page_size.0, direction: sort_direction.0 };
        or_problem(self.people(request, &caller, &tenant_id.0, &asked).await)
    }
}

impl Blocks {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn addresses(
        &self,
        request: &Request,
        caller: &VaultCaller,
        tenant: &str,
        asked: &Asked,
    ) -> Result<IpsReply, Problem> {
        let desk = Desk::of(&self.0, request, caller).await?;
        let part = desk.admin().blocked_addresses(&named(tenant)?, asked.wanted()).await?;
        Ok(IpsReply::Page(Json(BlockedIpPage::of(tenant, part, asked.end()))))
    }

    async fn people(
        &self,
        request: &Request,
        caller: &VaultCaller,
        tenant: &str,
        asked: &Asked,
    ) -> Result<UsersReply, Problem> {
        let desk = Desk::of(&self.0, request, caller).await?;
        let part = desk.admin().blocked_people(&named(tenant)?, asked.wanted()).await?;
        Ok(UsersReply::Page(Json(BlockedUserPage::of(tenant, part, asked.end()))))
    }
}

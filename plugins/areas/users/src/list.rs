//! Looking for people.

use crate::{
    UsersTags,
    desk::{Desk, person},
    wire::{UserPage, UserReply, shown},
};
use gatewright_core::store::{Search, SortBy};
use gatewright_plugin::{House, or_problem};
use gatewright_vault::VaultCaller;
use poem::{Request, Result};
use poem_openapi::{
    ApiResponse, Enum, OpenApi,
    param::{Path, Query},
    payload::Json,
};

pub(crate) struct List(House);

impl List {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// What people are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename = "UserSortBy", rename_all = "snake_case")]
enum UserSortBy {
    #[default]
    CreatedAt,
    Username,
    Email,
}

impl From<UserSortBy> for SortBy {
    fn from(by: UserSortBy) -> Self {
        match by {
            UserSortBy::CreatedAt => Self::Created,
            UserSortBy::Username => Self::Username,
            UserSortBy::Email => Self::Email,
        }
    }
}

#[derive(ApiResponse)]
enum UsersReply {
    /// A page.
    #[oai(status = 200)]
    Page(Json<UserPage>),
}

fn usual_limit() -> u32 {
    10
}

fn last_first() -> i32 {
    -1
}

#[OpenApi]
impl List {
    /// The caller
    ///
    /// Takes a token that is good for the account: of the scope `account` or `admin`, or without scopes.
    #[oai(path = "/users/me", method = "get", operation_id = "getCurrentUser", tag = "UsersTags::Users")]
    async fn me(&self, caller: VaultCaller) -> Result<UserReply> {
        let caller = or_problem(caller.own(&self.0).await)?;
        Ok(shown(or_problem(self.0.engine.own_user(&caller).await)?))
    }

    /// List people
    ///
    /// A page of those who are searched for. Service accounts are not among them. Takes `people.read`.
    #[oai(path = "/:tenant_id/users", method = "get", operation_id = "listUsers", tag = "UsersTags::Users")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter of the query")]
    async fn list(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// A part of the login name; empty for any.
        #[oai(default, validator(max_length = 128))]
        username: Query<String>,
        /// A part of the e-mail address; empty for any.
        #[oai(default, validator(max_length = 128))]
        email: Query<String>,
        /// How many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "500")))]
        limit: Query<u32>,
        /// How many are left out at the beginning: narrow the search to see what comes later.
        #[oai(default, validator(maximum(value = "10000")))]
        offset: Query<u32>,
        /// -1 the last first, 1 the first; 0 is the default.
        #[oai(default = "last_first", validator(minimum(value = "-1"), maximum(value = "1")))]
        sort_direction: Query<i32>,
        /// What they are sorted by.
        #[oai(default)]
        sort_by: Query<UserSortBy>,
    ) -> Result<UsersReply> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        let search = Search {
            sort: sort_by.0.into(),
            descending: sort_direction.0 <= 0,
            offset: offset.0,
            limit: limit.0,
            ..Search::of(&username.0, &email.0)
        };
        let part = or_problem(desk.admin().search_users(&desk.tenant, &search).await)?;
        let end = u64::from(offset.0) + part.items.len() as u64;
        let total_count = part.total as u64;
        let data = part.items.into_iter().map(Into::into).collect();
        Ok(UsersReply::Page(Json(UserPage { data, has_next: end < total_count, total_count })))
    }

    /// Show somebody by name
    ///
    /// Takes `people.read`.
    #[oai(
        path = "/:tenant_id/users/by-name/:username",
        method = "get",
        operation_id = "getUserByName",
        tag = "UsersTags::Users"
    )]
    async fn by_name(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// Login name.
        #[oai(validator(max_length = 128))]
        username: Path<String>,
    ) -> Result<UserReply> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        Ok(shown(or_problem(desk.admin().user_by_name(&desk.tenant, &username.0).await)?))
    }

    /// Show somebody
    ///
    /// Takes `people.read`.
    #[oai(
        path = "/:tenant_id/users/:user_id",
        method = "get",
        operation_id = "getUser",
        tag = "UsersTags::Users"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// The person.
        user_id: Path<String>,
    ) -> Result<UserReply> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        let id = or_problem(person(&user_id.0))?;
        Ok(shown(or_problem(desk.admin().user(&desk.tenant, id).await)?))
    }
}

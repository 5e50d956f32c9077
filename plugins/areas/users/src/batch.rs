//! Many at once.

use crate::{UsersTags, desk::Desk, wire::VaultUser};
use gatewright_contract::PersonId;
use gatewright_core::admin::Tally;
use gatewright_plugin::{Body, House, Text, or_problem};
use gatewright_vault::{Null, VaultCaller};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json, types::Example};

pub(crate) struct Batch(House);

impl Batch {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Accounts to be made.
#[derive(Object)]
#[oai(rename = "BatchCreateUsers", deny_unknown_fields, example)]
struct BatchCreateUsers {
    /// At most 500.
    #[oai(validator(max_items = 500))]
    users: Vec<VaultUser>,
}

/// What came of it.
#[derive(Object)]
#[oai(rename = "BatchCreateResult", example)]
struct BatchCreateResult {
    /// How many were made.
    success_created_count: u64,
    /// Names that could not be made: make one by itself to learn why.
    fail_create_usernames: Vec<String>,
    /// Names that somebody has, or whose address somebody has.
    duplicate_usernames: Vec<String>,
}

/// Accounts to be deleted.
#[derive(Object)]
#[oai(rename = "BatchDeleteUsers", deny_unknown_fields, example)]
struct BatchDeleteUsers {
    /// At most 500 ids. The spelling is the contract's.
    #[oai(validator(max_items = 500))]
    users_ids: Vec<Text>,
}

#[derive(ApiResponse)]
enum BatchMade {
    /// What came of each.
    #[oai(status = 201)]
    Tally(Json<BatchCreateResult>),
}

#[derive(ApiResponse)]
enum BatchDeleted {
    /// They are gone.
    #[oai(status = 201)]
    Deleted(Json<Null>),
}

#[OpenApi]
impl Batch {
    /// Make many accounts
    ///
    /// Each for itself: some may be made and others not. Takes `people.write`, shortly after a login.
    #[oai(
        path = "/:tenant_id/users/batch",
        method = "post",
        operation_id = "batchCreateUsers",
        tag = "UsersTags::Users"
    )]
    async fn create(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        body: Body<BatchCreateUsers>,
    ) -> Result<BatchMade> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        let (mut forms, mut failed) = (Vec::new(), Vec::new());
        for user in body.0.users {
            let name = user.username.to_string();
            match user.form(&tenant_id.0, None) {
                Ok(form) => forms.push(form),
                Err(_) => failed.push(name),
            }
        }
        let tally = or_problem(desk.admin().create_users(&desk.tenant, forms).await)?;
        Ok(BatchMade::Tally(Json(BatchCreateResult::of(tally, failed))))
    }

    /// Delete many accounts
    ///
    /// With credentials, sessions, tokens and roles, one after the other; who is not there is passed over. Takes
    /// `people.write`, shortly after a login, and all that they may: else nobody is deleted. The status is 201.
    #[oai(
        path = "/:tenant_id/users/batch-delete",
        method = "post",
        operation_id = "batchDeleteUsers",
        tag = "UsersTags::Users"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        body: Body<BatchDeleteUsers>,
    ) -> Result<BatchDeleted> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        // Ids that can't be are nobody's.
        let ids: Vec<PersonId> = body.0.users_ids.iter().filter_map(|id| PersonId::parse(id)).collect();
        or_problem(desk.admin().delete_users(&desk.tenant, &ids).await)?;
        Ok(BatchDeleted::Deleted(Json(Null)))
    }
}

impl BatchCreateResult {
    fn of(tally: Tally, mut failed: Vec<String>) -> Self {
        failed.extend(tally.failed);
        Self {
            success_created_count: tally.created as u64,
            fail_create_usernames: failed,
            duplicate_usernames: tally.duplicate,
        }
    }
}

impl Example for BatchCreateUsers {
    fn example() -> Self {
        let named = |name: &str| VaultUser {
            username: name.into(),
            email: format!("{name}@example.org").into(),
            external_id: None,
            ..VaultUser::example()
        };
        Self { users: vec![named("bob"), named("carol")] }
    }
}

impl Example for BatchCreateResult {
    fn example() -> Self {
        Self {
            success_created_count: 1,
            fail_create_usernames: Vec::new(),
            duplicate_usernames: vec!["bob".to_owned()],
        }
    }
}

impl Example for BatchDeleteUsers {
    fn example() -> Self {
        Self { users_ids: vec!["018bcfe5-6800-7000-8000-000000000001".into()] }
    }
}

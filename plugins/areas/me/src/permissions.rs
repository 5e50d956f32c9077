//! `GET /me/permissions`

use crate::MeTags;
use gatewright_core::{Problem, access::Action};
use gatewright_plugin::{BearerOrCookie, House, or_problem};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) struct Permissions(House);

impl Permissions {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// What the caller may do for others.
#[derive(Object)]
#[oai(rename = "MePermissions", example)]
struct MePermissions {
    /// In all of the tenant.
    everywhere: Vec<String>,
    /// With the people of a group alone.
    within: Vec<MePermissionsWithin>,
    /// Whether they hold in every tenant.
    operator: bool,
}

/// What the caller may do with the people of a group.
#[derive(Object)]
#[oai(rename = "MePermissionsWithin")]
struct MePermissionsWithin {
    /// The group.
    group: Uuid,
    /// What.
    actions: Vec<String>,
}

impl Example for MePermissions {
    fn example() -> Self {
        let within = MePermissionsWithin {
            group: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0004),
            actions: vec!["credentials.write".to_owned()],
        };
        Self { everywhere: vec!["people.read".to_owned()], within: vec![within], operator: false }
    }
}

#[derive(ApiResponse)]
enum PermissionsReply {
    /// By roles, groups and the account itself.
    #[oai(status = 200)]
    Permissions(Json<MePermissions>),
}

#[OpenApi]
impl Permissions {
    /// What may I do
    ///
    /// The permissions of the caller, by the account itself, by roles and through groups: what an administration
    /// page shows. Nothing for most people.
    #[oai(path = "/permissions", method = "get", operation_id = "me_permissions", tag = "MeTags::Me")]
    async fn show(&self, caller: BearerOrCookie) -> poem::Result<PermissionsReply> {
        or_problem(self.run(caller).await)
    }
}

impl Permissions {
    async fn run(&self, caller: BearerOrCookie) -> Result<PermissionsReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let person = self.0.engine.person_of(&caller).await?;
        let powers = self.0.engine.powers_of(&person).await?;
        let within = powers.within().iter();
        Ok(PermissionsReply::Permissions(Json(MePermissions {
            everywhere: words(powers.everywhere()),
            within: within
                .map(|(group, actions)| MePermissionsWithin { group: *group, actions: words(actions) })
                .collect(),
            operator: powers.is_operator(),
        })))
    }
}

fn words(actions: &BTreeSet<Action>) -> Vec<String> {
    actions.iter().map(|action| action.as_str().to_owned()).collect()
}

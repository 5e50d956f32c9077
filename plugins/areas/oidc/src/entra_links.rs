//! `/{tenant_id}/entra-links`: which account of Microsoft Entra is whose (`docs/decisions/0028-entra.md`).

use crate::http::DOOR;
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::Problem;
use gatewright_plugin::{Body, House, Text, or_problem, origin};
use gatewright_vault::VaultCaller;
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, Tags, param::Path, types::Example};
use uuid::Uuid;

#[derive(Tags)]
enum OidcTags {
    /// The OpenID provider: how applications log people in, and what they get.
    #[oai(rename = "oidc")]
    Oidc,
}

pub(crate) struct EntraLinks(House);

/// Statuses of its operations besides the good one.
pub(crate) fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "linkEntraAccount" => &[401, 403, 404, 409, 422],
        _ => &[401, 403, 404, 422],
    }
}

/// Whose an account is.
#[derive(Object)]
#[oai(rename = "OidcEntraLink", deny_unknown_fields, example)]
struct OidcEntraLink {
    /// The id of the person.
    #[oai(validator(max_length = 36))]
    user_id: Text,
}

impl Example for OidcEntraLink {
    fn example() -> Self {
        Self { user_id: "019b3c5e-8f2a-7c11-9d53-0a1b2c3d4e5f".into() }
    }
}

#[derive(ApiResponse)]
enum Linked {
    /// The account is that person's from now on.
    #[oai(status = 204)]
    Linked,
}

#[derive(ApiResponse)]
enum Unlinked {
    /// The account is nobody's any more.
    #[oai(status = 204)]
    Unlinked,
}

#[OpenApi]
impl EntraLinks {
    /// Link an account of Microsoft Entra
    ///
    /// Whoever comes with an `id_token_hint` of this account is asked to log in as this person. By the ids of directory and
    /// account: names and addresses change owners. Needs the permission `people.write`.
    #[oai(
        path = "/:tenant_id/entra-links/:directory_id/:object_id",
        method = "put",
        operation_id = "linkEntraAccount",
        tag = "OidcTags::Oidc"
    )]
    async fn link(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        #[oai(validator(max_length = 64))]
        tenant_id: Path<String>,
        /// `tid`: the id of the directory in Entra.
        #[oai(validator(max_length = 36))]
        directory_id: Path<String>,
        /// `oid`: the id of the account in it.
        #[oai(validator(max_length = 36))]
        object_id: Path<String>,
        body: Body<OidcEntraLink>,
    ) -> poem::Result<Linked> {
        or_problem(self.linked(request, &caller, (&tenant_id, &directory_id, &object_id), &body.0).await)?;
        Ok(Linked::Linked)
    }

    /// Take the link of an account of Microsoft Entra away
    ///
    /// Needs the permission `people.write`.
    #[oai(
        path = "/:tenant_id/entra-links/:directory_id/:object_id",
        method = "delete",
        operation_id = "unlinkEntraAccount",
        tag = "OidcTags::Oidc"
    )]
    async fn unlink(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        #[oai(validator(max_length = 64))]
        tenant_id: Path<String>,
        /// `tid`: the id of the directory in Entra.
        #[oai(validator(max_length = 36))]
        directory_id: Path<String>,
        /// `oid`: the id of the account in it.
        #[oai(validator(max_length = 36))]
        object_id: Path<String>,
    ) -> poem::Result<Unlinked> {
        or_problem(self.unlinked(request, &caller, (&tenant_id, &directory_id, &object_id)).await)?;
        Ok(Unlinked::Unlinked)
    }
}

impl EntraLinks {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn linked(
        &self,
        request: &Request,
        caller: &VaultCaller,
        path: (&str, &str, &str),
        body: &OidcEntraLink,
    ) -> Result<(), Problem> {
        let caller = caller.caller(&self.0).await?;
        let (tenant, account) = read(path)?;
        let person =
            PersonId::parse(&body.user_id).ok_or_else(|| Problem::invalid("user_id: it is no UUID."))?;
        let origin = origin(request, DOOR);
        self.0.provider.link_entra(&caller, &tenant, account, person, &origin).await
    }

    async fn unlinked(
        &self,
        request: &Request,
        caller: &VaultCaller,
        path: (&str, &str, &str),
    ) -> Result<(), Problem> {
        let caller = caller.caller(&self.0).await?;
        let (tenant, account) = read(path)?;
        self.0.provider.unlink_entra(&caller, &tenant, account, &origin(request, DOOR)).await
    }
}

fn read((tenant, directory, object): (&str, &str, &str)) -> Result<(TenantId, (Uuid, Uuid)), Problem> {
    let tenant = TenantId::parse(tenant).ok_or_else(|| Problem::not_found("tenant"))?;
    let id = |name: &str, text: &str| {
        Uuid::try_parse(text).map_err(|_| Problem::invalid(format!("{name}: it is no UUID.")))
    };
    Ok((tenant, (id("directory_id", directory)?, id("object_id", object)?)))
}

#[cfg(test)]
mod tests {
    use super::OidcTags;
    use poem_openapi::{Tags as _, registry::Registry};

    #[test]
    fn the_tag_is_that_of_the_other_endpoints() {
        let mut registry = Registry::new();
        OidcTags::Oidc.register(&mut registry);
        let tags: Vec<_> = registry.tags.iter().map(|tag| serde_json::json!(tag)).collect();
        assert_eq!(tags, [crate::endpoint::tag()]);
    }
}

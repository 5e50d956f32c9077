//! People.

use super::{
    row::{Row, to_json},
    statement::{Arg, Statement, args},
};
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    Person,
    person::Keys,
    store::{Search, SortBy, Stored, Subject},
};

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($($rest:tt)*) => {
        concat!(
            "SELECT id, tenant, username, display_name, email, administrator, disabled, service, email_verified,",
            " attributes, created, changed, rev",
            " FROM people ",
            $($rest)*
        )
    };
}

/// Who is searched for: `$2` and `$3` are patterns, empty ones for any.
macro_rules! like {
    () => {
        "WHERE tenant = $1 AND service = 0 AND ($2 = '' OR username_key LIKE $2 ESCAPE '!')
           AND ($3 = '' OR id IN (SELECT person FROM addresses WHERE tenant = $1 AND key LIKE $3 ESCAPE '!'))"
    };
}

/// In this order, a page of them.
macro_rules! page_like {
    ($($order:tt)*) => {
        select!(like!(), " ORDER BY ", $($order)*, " LIMIT $4 OFFSET $5")
    };
}

/// The address of somebody, or none.
macro_rules! address {
    () => {
        "coalesce((SELECT key FROM addresses a WHERE a.tenant = people.tenant AND a.person = people.id), '')"
    };
}

/// The person, then the address: the conflict about each is its own.
pub(super) fn insert(p: Person, keys: Keys) -> Stored<Vec<Statement>> {
    let address = address(&p, &keys);
    let person = Statement::one(
        Subject::Person,
        "INSERT INTO people (id, tenant, username, username_key, username_look, display_name, email, administrator,
           disabled, service, email_verified, attributes, created, changed, rev)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        arguments(p, keys)?,
    );
    Ok([person].into_iter().chain(address).collect())
}

pub(super) fn replace(p: Person, keys: Keys) -> Stored<Vec<Statement>> {
    let address = address(&p, &keys);
    let old =
        Statement::any("DELETE FROM addresses WHERE tenant = $1 AND person = $2", args![&p.tenant, p.id]);
    let before = p.rev.wrapping_sub(1);
    let mut args = arguments(p, keys)?;
    args.extend(args![before]);
    let person = Statement::one(
        Subject::Person,
        "UPDATE people SET username = $3, username_key = $4, username_look = $5, display_name = $6, email = $7,
           administrator = $8, disabled = $9, service = $10, email_verified = $11, attributes = $12, created = $13,
           changed = $14, rev = $15
         WHERE id = $1 AND tenant = $2 AND rev = $16",
        args,
    );
    Ok([person, old].into_iter().chain(address).collect())
}

fn arguments(p: Person, keys: Keys) -> Stored<Vec<Arg>> {
    let attributes = (!p.attributes.is_null()).then(|| to_json(&p.attributes)).transpose()?;
    Ok(args![
        p.id,
        &p.tenant,
        p.username,
        keys.username,
        keys.username_look,
        p.display_name,
        p.email,
        p.administrator,
        p.disabled,
        p.service,
        p.email_verified,
        attributes,
        p.created,
        p.changed,
        p.rev,
    ])
}

fn address(p: &Person, keys: &Keys) -> Option<Statement> {
    let (key, look) = (keys.email.clone()?, keys.email_look.clone()?);
    Some(Statement::one(
        Subject::Email,
        "INSERT INTO addresses (tenant, key, look, person) VALUES ($1, $2, $3, $4)",
        args![&p.tenant, key, look, p.id],
    ))
}

/// With everything that refers to the person.
pub(super) fn delete(tenant: &TenantId, id: PersonId, rev: i64) -> Statement {
    Statement::one(
        Subject::Person,
        "DELETE FROM people WHERE tenant = $1 AND id = $2 AND rev = $3",
        args![tenant, id, rev],
    )
}

/// Writes the row as it is: that makes every database hold it until the end of the transaction.
pub(super) fn unchanged(tenant: &TenantId, id: PersonId, rev: i64) -> Statement {
    Statement::one(
        Subject::Person,
        "UPDATE people SET rev = rev WHERE tenant = $1 AND id = $2 AND rev = $3",
        args![tenant, id, rev],
    )
}

pub(super) fn by_id(tenant: &TenantId, id: PersonId) -> Statement {
    Statement::any(select!("WHERE tenant = $1 AND id = $2"), args![tenant, id])
}

pub(super) fn by_username(tenant: &TenantId, key: &str) -> Statement {
    Statement::any(select!("WHERE tenant = $1 AND username_key = $2"), args![tenant, key])
}

pub(super) fn by_email(tenant: &TenantId, key: &str) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND id = (SELECT person FROM addresses WHERE tenant = $1 AND key = $2)"),
        args![tenant, key],
    )
}

pub(super) fn page(tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Statement {
    match after {
        Some(after) => Statement::any(
            select!("WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"),
            args![tenant, after, limit],
        ),
        None => Statement::any(select!("WHERE tenant = $1 ORDER BY id LIMIT $2"), args![tenant, limit]),
    }
}

pub(super) fn like(tenant: &TenantId, search: &Search) -> Statement {
    let sql = match (search.sort, search.descending) {
        (SortBy::Created, false) => page_like!("id"),
        (SortBy::Created, true) => page_like!("id DESC"),
        (SortBy::Username, false) => page_like!("username_key"),
        (SortBy::Username, true) => page_like!("username_key DESC"),
        (SortBy::Email, false) => page_like!(address!(), ", id"),
        (SortBy::Email, true) => page_like!(address!(), " DESC, id DESC"),
    };
    let mut args = patterns(tenant, search);
    args.extend(args![search.limit, search.offset]);
    Statement::any(sql, args)
}

pub(super) fn count_like(tenant: &TenantId, search: &Search) -> Statement {
    Statement::any(concat!("SELECT count(*) AS people FROM people ", like!()), patterns(tenant, search))
}

pub(super) fn read_count(row: &impl Row) -> Stored<u64> {
    Ok(u64::try_from(row.int("people")?).unwrap_or_default())
}

fn patterns(tenant: &TenantId, search: &Search) -> Vec<Arg> {
    let within = |part: &str| match part {
        "" => String::new(),
        part => format!("%{}%", part.replace('!', "!!").replace('%', "!%").replace('_', "!_")),
    };
    args![tenant, within(&search.username), within(&search.email)]
}

pub(super) fn read(row: &impl Row) -> Stored<Person> {
    Ok(Person {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        username: row.text("username")?,
        display_name: row.maybe_text("display_name")?,
        email: row.maybe_text("email")?,
        administrator: row.bool("administrator")?,
        disabled: row.bool("disabled")?,
        service: row.bool("service")?,
        email_verified: row.bool("email_verified")?,
        attributes: row.maybe_json("attributes")?.unwrap_or_default(),
        created: row.time("created")?,
        changed: row.time("changed")?,
        rev: row.int("rev")?,
    })
}

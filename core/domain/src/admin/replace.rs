//! Accounts as a whole, as the vault contract has them: making, replacing, and many at once.

use super::{Admin, PersonChange, User, broken, people::kinds, role_change::RoleChange};
use crate::{
    Person,
    access::{Action, Authority, Resource},
    people::NewPerson,
    problem::Result,
    store::Write,
};
use futures_util::{StreamExt, stream};
use gatewright_contract::{PersonId, TenantId};
use serde_json::{Map, Value};

/// All of an account that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonForm {
    /// The login name.
    pub username: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the address is known to be the person's.
    pub email_verified: bool,
    /// May not log in.
    pub disabled: bool,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// What somebody else calls them.
    pub external_id: Option<String>,
    /// Names of the roles that they have without a limit; none: those that they have.
    pub roles: Option<Vec<String>>,
}

/// What came of making many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were made.
    pub created: usize,
    /// Names that could not be made.
    pub failed: Vec<String>,
    /// Names that somebody has, or whose address somebody has.
    pub duplicate: Vec<String>,
}

/// Accounts that are made or deleted at once.
const MOST_AT_ONCE: usize = 500;
/// Of these, under way at the same time: they share a commit where the store can.
const BESIDE: usize = 16;

impl Admin<'_> {
    /// Makes an account without any credential.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken, 422 for one that can't be.
    pub async fn create_user(&self, tenant: &TenantId, form: PersonForm) -> Result<User> {
        let authority = self.may_change(Action::PeopleWrite, &Resource::of(tenant)).await?;
        let person = self.make_user(&authority, tenant, form).await?;
        self.with_roles(person).await
    }

    /// Makes many accounts, each for itself.
    ///
    /// # Errors
    /// 403, 404, 422 for more than 500 at once; when the store does not answer, or the session has been ended.
    pub async fn create_users(&self, tenant: &TenantId, forms: Vec<PersonForm>) -> Result<Tally> {
        let authority = self.may_change(Action::PeopleWrite, &Resource::of(tenant)).await?;
        if forms.len() > MOST_AT_ONCE {
            return Err(broken("users", "At most 500 at once."));
        }
        let authority = &authority;
        let make = |form: PersonForm| async move {
            (form.username.clone(), self.make_user(authority, tenant, form).await)
        };
        let mut made = stream::iter(forms).map(make).buffered(BESIDE);
        let mut tally = Tally::default();
        while let Some((name, result)) = made.next().await {
            match result {
                Ok(_) => tally.created += 1,
                Err(problem) if problem.status == 401 || problem.status >= 500 => return Err(problem),
                Err(problem) if problem.status == 409 => tally.duplicate.push(name),
                Err(_) => tally.failed.push(name),
            }
        }
        Ok(tally)
    }

    async fn make_user(&self, authority: &Authority, tenant: &TenantId, form: PersonForm) -> Result<Person> {
        let on = Resource::of(tenant);
        form.check()?;
        if form.email_verified {
            self.may(Action::CredentialsWrite, &on).await?;
        }
        if form.disabled {
            self.may(Action::PeopleDisable, &on).await?;
        }
        let attributes = form.attributes(&Value::Null);
        let new = NewPerson {
            tenant: tenant.clone(),
            username: form.username,
            display_name: None,
            email: form.email,
            administrator: false,
        };
        let draft = self.engine.draft_person((new, false))?;
        let (disabled, email_verified) = (form.disabled, form.email_verified);
        let person = Person { disabled, email_verified, attributes, ..draft };
        let roles = self.role_change(authority, &person, form.roles.as_deref()).await?;
        let mut writes: Vec<Write> =
            self.caller.map(|caller| Write::SessionThere(caller.session.id)).into_iter().collect();
        writes.extend(self.role_writes(&person, &roles)?);
        self.engine.insert_person(person, self.event("person.created", tenant), writes).await
    }

    /// Replaces an account: all of it that the form has, in one commit. Who is kept out loses every session in it.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken or the last administrator, 422 for a name that can't be.
    pub async fn replace_user(&self, tenant: &TenantId, id: PersonId, form: PersonForm) -> Result<User> {
        let on = Resource::person(tenant, id);
        let authority = self.may_change(Action::PeopleWrite, &on).await?;
        let old = self.no_service(tenant, id).await?;
        authority.must_cover(&self.engine.powers_of(&old).await?)?;
        form.check()?;
        let roles = self.role_change(&authority, &old, form.roles.as_deref()).await?;
        let disabled = form.disabled;
        let change = form.change(&old, &roles);
        self.may_make(&authority, &old, &change).await?;
        if disabled != old.disabled {
            self.may(Action::PeopleDisable, &on).await?;
        }
        let mut writes = self.without(&old, &roles, disabled).await?;
        writes.extend(self.role_writes(&old, &roles)?);
        let mut said = kinds(&old, &change);
        if disabled != old.disabled {
            said.retain(|kind| *kind != "person.changed");
            said.push(if disabled { "person.disabled" } else { "person.enabled" });
        }
        if disabled && !old.disabled {
            writes.extend(self.engine.thrown_out(&old));
        }
        let new = Person { disabled, ..self.changed(&old, change)? };
        let person = self.replace_by(&old, new, said, writes).await?;
        self.with_roles(person).await
    }

    /// Deletes accounts with all that is theirs, one after the other; those that are not there are passed over. Nobody is
    /// deleted where somebody may not be.
    ///
    /// # Errors
    /// 403, 404, 409 for the last administrator, 422 for more than 500 at once.
    pub async fn delete_users(&self, tenant: &TenantId, ids: &[PersonId]) -> Result<()> {
        let authority = self.may_change(Action::PeopleWrite, &Resource::of(tenant)).await?;
        if ids.len() > MOST_AT_ONCE {
            return Err(broken("users_ids", "At most 500 at once."));
        }
        let own = self.caller.map(|caller| caller.session.person);
        let (mut people, mut seen) = (Vec::with_capacity(ids.len()), std::collections::BTreeSet::new());
        for id in ids.iter().filter(|id| seen.insert(**id)) {
            let found = self.engine.store.person(tenant, *id).await?;
            let Some(person) = found.filter(|person| !person.service) else { continue };
            authority.must_cover(&self.engine.powers_of(&person).await?)?;
            people.push(person);
        }
        // With their own account goes the session in which they do this.
        people.sort_by_key(|person| Some(person.id) == own);
        for person in &people {
            self.delete(person).await?;
        }
        Ok(())
    }
}

impl PersonForm {
    /// What no name check of an account sees.
    fn check(&self) -> Result<()> {
        let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.locale.as_ref().is_some_and(|l| !(1..=35).contains(&l.len()) || !l.chars().all(tag)) {
            return Err(broken(
                "locale",
                "A language tag of at most 35 letters, digits and hyphens: `pt-BR`.",
            ));
        }
        let bad = |id: &String| id.is_empty() || id.len() > 256 || id.chars().any(char::is_control);
        if self.external_id.as_ref().is_some_and(bad) {
            return Err(broken("external_id", "1 to 256 bytes, without control characters."));
        }
        match self.email_verified && self.email.is_none() {
            true => Err(broken("is_verified", "There is no e-mail address that could be.")),
            false => Ok(()),
        }
    }

    /// What is to be different. What is said again as it is takes no permission.
    fn change(self, old: &Person, roles: &RoleChange) -> PersonChange {
        let attributes = self.attributes(&old.attributes);
        let moved = self.email != old.email;
        PersonChange {
            username: (self.username != old.username).then_some(self.username),
            display_name: None,
            email_verified: (moved && self.email_verified || self.email_verified != old.email_verified)
                .then_some(self.email_verified),
            email: moved.then_some(self.email),
            attributes: (attributes != old.attributes).then_some(attributes),
            administrator: roles.dismissed.then_some(false),
        }
    }

    /// Locale and foreign id under their names in SCIM (RFC 7643, sections 3.1 and 4.1.1), beside what else is known.
    fn attributes(&self, old: &Value) -> Value {
        let mut all: Map<String, Value> = old.as_object().cloned().unwrap_or_default();
        for (name, value) in [("locale", &self.locale), ("externalId", &self.external_id)] {
            match value {
                Some(text) => all.insert(name.to_owned(), Value::String(text.clone())),
                None => all.remove(name),
            };
        }
        if all.is_empty() { Value::Null } else { Value::Object(all) }
    }
}

impl User {
    /// BCP 47 language tag.
    pub fn locale(&self) -> Option<&str> {
        self.person.attributes["locale"].as_str()
    }

    /// What somebody else calls them.
    pub fn external_id(&self) -> Option<&str> {
        self.person.attributes["externalId"].as_str()
    }
}

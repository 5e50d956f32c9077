//! What a token may be limited to. The words in capitals are those of the vault contract.

use super::Action;

/// All that its person may in their own tenant. What is of the host takes its own word.
pub const ADMIN: &str = "admin";

/// The account of its person: sessions, passkeys, API keys.
pub const ACCOUNT: &str = "account";

/// Words that stand for several actions.
const GROUPS: &[(&str, &[Action])] = {
    use Action as A;
    &[
        ("USER", &[A::PeopleRead, A::PeopleWrite, A::PeopleDisable]),
        ("USER:READ", &[A::PeopleRead]),
        ("CLIENT", &[A::ClientsRead, A::ClientsWrite]),
        ("CLIENT:READ", &[A::ClientsRead]),
        ("API_KEY", &[A::ApiKeysRead, A::ApiKeysWrite]),
        ("API_KEY:READ", &[A::ApiKeysRead]),
        ("TENANT", &[A::TenantRead, A::TenantWrite]),
        ("TENANT:READ", &[A::TenantRead]),
        ("SCIM2", &[A::PeopleRead, A::PeopleWrite, A::PeopleDisable, A::GroupsRead, A::GroupsWrite]),
    ]
};

/// Whether one of these scopes allows the action.
pub(super) fn cover(scopes: &[String], action: Action) -> bool {
    scopes.iter().any(|scope| cover_one(scope, action))
}

fn cover_one(scope: &str, action: Action) -> bool {
    (scope == ADMIN && action != Action::HostTenants)
        || scope == action.as_str()
        || GROUPS.iter().any(|(word, actions)| scope == *word && actions.contains(&action))
}

/// What a scope opens to a person who may all of it. `admin` opens nothing of the host.
pub fn opened(scope: &str) -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(move |action| cover_one(scope, *action))
}

/// Whether there is such a scope.
pub fn is_known(scope: &str) -> bool {
    matches!(scope, ADMIN | ACCOUNT)
        || Action::parse(scope).is_some()
        || GROUPS.iter().any(|(word, _)| scope == *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_it_says_and_nothing_else() {
        let on = |scope: &str, action| cover(&[scope.to_owned()], action);
        assert!(on("USER:READ", Action::PeopleRead) && !on("USER:READ", Action::PeopleWrite));
        assert!(on("clients.read", Action::ClientsRead) && !on("clients.read", Action::ClientsWrite));
        assert!(
            on(ADMIN, Action::KeysWrite)
                && !on(ACCOUNT, Action::PeopleRead)
                && !on("openid", Action::PeopleRead)
        );
        assert!(!on(ADMIN, Action::HostTenants) && on("host.tenants", Action::HostTenants));
        assert!(!cover(&[], Action::PeopleRead));
        assert!(opened(ADMIN).count() + 1 == Action::ALL.len() && opened(ACCOUNT).count() == 0);
        assert!(opened("CLIENT").eq([Action::ClientsRead, Action::ClientsWrite]));
        assert!(is_known("SCIM2") && is_known("people.read") && !is_known("scim2"));
    }
}

//! Every table with its columns, the same in every database: what moves a database as a whole goes by this
//! list, and a test holds it against the tables that are there.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Blob,
}

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The primary key is the first so many columns.
    pub(crate) key: usize,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

macro_rules! table {
    ($name:ident [$($key:ident $key_kind:ident),*] $($column:ident $kind:ident),*) => {
        Table {
            name: stringify!($name),
            key: [$(stringify!($key)),*].len(),
            columns: &[
                $((stringify!($key), Kind::$key_kind),)*
                $((stringify!($column), Kind::$kind),)*
            ],
        }
    };
}

/// All tables, each after those that it refers to. The one that holds the version of the schema is not here.
pub(crate) const TABLES: &[Table] = &[
    table!(tenants [id Text] display_name Text, disabled Int, created Int, settings Text, rev Int),
    table!(data_keys [id Blob] tenant Text, generation Int, wrapped Blob, created Int),
    table!(people [id Blob] tenant Text, username Text, username_key Text, username_look Text,
        display_name Text, email Text, email_verified Int, administrator Int, disabled Int, service Int,
        attributes Text, created Int, changed Int, rev Int),
    table!(addresses [tenant Text, key Text] look Text, person Blob),
    table!(credentials [id Blob] tenant Text, person Blob, authenticator Text, lookup Text, label Text,
        sealed Blob, document_version Int, created Int, last_used Int, rev Int),
    table!(transactions [id Blob] tenant Text, handle Blob, wake_authenticator Text, wake_key Text,
        expires Int, rev Int, body Text),
    table!(sessions [id Blob] tenant Text, person Blob, created Int, authenticated Int, last_seen Int,
        expires Int, ends Int, acr Text, amr Text, door Text, client Text, address Text, user_agent Text,
        idle_seconds Int, rev Int, second_factor Int),
    table!(tokens [hash Blob] kind Text, session Blob, tenant Text, expires Int, spent Int, binding Blob),
    table!(counters [name Blob] failures Int, window_start Int, blocked_until Int, blocks Int, in_a_row Int,
        expires Int),
    table!(documents [plugin Text, tenant Text, key Text] rev Int, value Blob, expires Int),
    table!(audit [tenant Text, number Int] at Int, kind Text, person Blob, actor Blob, session Blob,
        authenticator Text, target Text, outcome Text, door Text, address Text, request_id Text, hash Blob),
    table!(audit_heads [tenant Text] number Int, hash Blob, anchor Int, anchor_hash Blob),
    table!(records [id Blob] tenant Text, kind Text, key Text, owner Blob, due Int, body Text, created Int,
        rev Int),
    table!(links [tenant Text, source Blob, kind Text, target Blob]),
    table!(leases [name Text] holder Blob, until Int),
];

impl Table {
    fn names(columns: &[(&str, Kind)]) -> String {
        columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The rows in the order of the key: from the first, or after the one whose key is `$1..`.
    pub(crate) fn page(&self, from_the_first: bool, limit: usize) -> String {
        let (all, key) = (Self::names(self.columns), Self::names(&self.columns[..self.key]));
        let after = match from_the_first {
            true => String::new(),
            false => format!("WHERE ({key}) > ({})", numbers(0, self.key)),
        };
        format!("SELECT {all} FROM {} {after} ORDER BY {key} LIMIT {limit}", self.name)
    }

    /// So many rows at once, their values one after the other.
    pub(crate) fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let values: Vec<String> = (0..rows).map(|row| format!("({})", numbers(row * width, width))).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name, Self::names(self.columns), values.join(", "))
    }
}

fn numbers(after: usize, count: usize) -> String {
    (after + 1..=after + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::TABLES;

    #[test]
    fn statements() {
        let links = TABLES.iter().find(|table| table.name == "addresses").expect("is there");
        assert_eq!(
            links.page(true, 9),
            "SELECT tenant, key, look, person FROM addresses  ORDER BY tenant, key LIMIT 9"
        );
        assert_eq!(
            links.page(false, 9),
            "SELECT tenant, key, look, person FROM addresses WHERE (tenant, key) > ($1, $2) ORDER BY tenant, key LIMIT 9"
        );
        assert_eq!(
            links.insert(2),
            "INSERT INTO addresses (tenant, key, look, person) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)"
        );
    }
}

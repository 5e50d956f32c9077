//! What the commands on a whole database print.

use crate::store::{
    StoreUrl,
    operator::{Copied, Status},
};
use std::{fmt::Write, path::Path};

/// How the database is.
pub(super) fn status(status: &Status) -> String {
    let mut lines = vec![
        ("address", status.place.clone()),
        ("database", status.database.clone()),
        ("schema", format!("{} (this program: {})", status.found, status.known)),
        ("pending", names(status)),
    ];
    lines.extend(status.bytes.map(|size| ("size", bytes(size))));
    lines.push(("in use", status.in_use.clone().unwrap_or_else(|| "no".to_owned())));
    let state = match (&status.damage, status.unfinished) {
        (Some(damage), _) => format!("DAMAGED: {damage}"),
        (None, true) => "UNFINISHED COPY: no host starts on it; copy again".to_owned(),
        (None, false) => "in order".to_owned(),
    };
    lines.push(("state", state));
    let mut text = String::new();
    for (name, value) in lines {
        line(&mut text, &format!("{name:<10}{value}"));
    }
    if !status.rows.is_empty() {
        line(&mut text, "rows");
    }
    for table in &status.rows {
        let about = if table.estimated { "about " } else { "" };
        line(&mut text, &format!("  {:<16}{about}{}", table.table, table.rows));
    }
    text
}

fn names(status: &Status) -> String {
    match status.pending.is_empty() {
        true => "nothing".to_owned(),
        false => {
            let names = status.pending.iter().map(|step| format!("{:04}_{}", step.version, step.name));
            names.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The SQL of what is pending.
pub(super) fn pending(status: &Status) -> String {
    let mut text = String::new();
    if status.pending.is_empty() {
        line(&mut text, &format!("-- nothing is pending: the tables have version {}", status.found));
    }
    for step in &status.pending {
        line(&mut text, &format!("-- {:04}_{}", step.version, step.name));
        line(&mut text, step.sql.trim_end());
        line(&mut text, "");
    }
    text
}

/// What was copied, and what is to be done next.
pub(super) fn copied(copied: &Copied, to: &StoreUrl, keyring: &Path) -> String {
    let mut text = String::new();
    for (table, rows) in &copied.tables {
        line(&mut text, &format!("  {table:<16}{rows}"));
    }
    line(
        &mut text,
        &format!("Both sides hold the same, and {} audit chain(s) end as they should.", copied.chains),
    );
    line(&mut text, &format!("Set `store` to {to} and start the server."));
    line(&mut text, &format!("The keyring is not in the database: it stays {}.", keyring.display()));
    text
}

/// A size for people.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (bytes.saturating_mul(10), None);
    for next in UNITS {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1_024, Some(next));
    }
    match unit {
        None => format!("{bytes} B"),
        Some(unit) => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes() {
        for (size, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_600, "1.5 KiB"),
            (1_048_576, "1.0 MiB"),
            (u64::MAX, "1677721.5 TiB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }
}

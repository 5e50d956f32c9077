//! A crate's manifest without the workspace that it was written in.

/// The manifest of that workspace.
const WORKSPACE: &str = include_str!("../../../../../Cargo.toml");

/// With what the workspace says written out, and our crates in this folder.
pub(super) fn alone(manifest: &str, crates: &str) -> String {
    manifest.lines().map(|line| written_out(line, crates) + "\n").collect()
}

/// Without what only its own tests and the house's style take.
pub(super) fn without_tests(manifest: &str) -> String {
    let mut kept = true;
    let mut keeps = |line: &&str| {
        if line.starts_with('[') {
            kept = !matches!(*line, "[lints]" | "[dev-dependencies]");
        }
        kept
    };
    manifest.lines().filter(&mut keeps).map(|line| format!("{line}\n")).collect()
}

/// `serde.workspace = true` becomes `serde = { version = "…" }`.
fn written_out(line: &str, crates: &str) -> String {
    let said = line.strip_suffix(".workspace = true").and_then(|key| Some((key, of_workspace(key)?)));
    match said {
        Some((key, value)) => {
            format!("{key} = {}", value.replace("path = \"core/", &format!("path = \"{crates}/")))
        }
        None => line.to_owned(),
    }
}

/// What the workspace says: of a package under `[workspace.package]`, of a dependency under `[workspace.dependencies]`.
fn of_workspace(key: &str) -> Option<&'static str> {
    let tables = WORKSPACE.split("\n[").filter(|table| {
        table.starts_with("workspace.package]") || table.starts_with("workspace.dependencies]")
    });
    tables.flat_map(str::lines).find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
}

//! Each kind of record of the provider is known to end at its date, or not to.

use gatewright_core::store::EXPIRING;
use std::{fs, path::Path};

/// Those that stay until somebody deletes them, or whose date says when something is to be done.
const LASTING: &[&str] = &["oauth-client", "oauth-consent", "oauth-logout"];

#[test]
#[allow(clippy::disallowed_methods, reason = "a test that reads the sources")]
fn each_kind_is_listed() {
    let mut found = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("is there").map(|e| e.expect("reads").path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = fs::read_to_string(&entry).expect("is text");
            for kind in text.split("&str = \"").skip(1).filter_map(|rest| rest.split('"').next()) {
                if kind.starts_with("oauth-") {
                    found += 1;
                    let listed = EXPIRING.contains(&kind) || LASTING.contains(&kind);
                    assert!(listed, "{kind} in {}: put it into EXPIRING or LASTING", entry.display());
                }
            }
        }
    }
    assert!(found > 3, "the constants are not found any more");
}

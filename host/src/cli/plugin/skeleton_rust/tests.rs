//! What is written is whole, and builds.

use super::{super::skeleton::Temporary, CRATES, files, rust, type_of};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Beside what this test was built into, so that a second run finds what others have built.
fn target() -> PathBuf {
    let here = std::env::current_exe().expect("a test has a file");
    here.ancestors().nth(3).expect("target/profile/deps/test").join("skeleton")
}

/// `cargo` in the folder. It needs no network: what the skeleton takes, the host is made of as well.
fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(arguments)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("RUSTFLAGS")
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}\n{text}");
    text
}

#[test]
fn what_it_writes_passes_its_tests_and_is_a_library() {
    let folder = Temporary::new("builds-rust");
    let written = rust("night-2-watch", &folder.0).expect("it is written");
    assert!(written.contains(&folder.0.join("gatewright/sdk/src/lib.rs")));
    cargo(&folder.0, &["fmt", "--check"]);
    let tested = cargo(&folder.0, &["test", "--offline"]);
    assert!(tested.contains("test result: ok. 5 passed") && !tested.contains("warning"), "{tested}");
    assert!(!cargo(&folder.0, &["build", "--offline"]).contains("warning"));
    let library = fs::read(target().join("debug/libauthenticator_night_2_watch.so")).expect("the library");
    assert!(library.starts_with(b"\x7fELF"));
    let symbol = gatewright_abi::SYMBOL.as_bytes();
    assert!(library.windows(symbol.len()).any(|bytes| bytes == symbol));
}

#[test]
fn nothing_is_left_to_be_filled_in() {
    for (file, text) in files("night-2-watch") {
        for placeholder in ["{{name}}", "{{Type}}", "{{lib}}", "workspace = true"] {
            assert!(!text.contains(placeholder), "{file} has {placeholder}");
        }
    }
}

/// Every file of a folder but tests, by its path below `core/`.
fn sources(root: &Path, below: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(root.join(below)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("text");
        let path = format!("{below}/{name}");
        match entry.file_type().expect("its type").is_dir() {
            true if matches!(name.as_str(), "tests" | "template" | "include") => {}
            true => sources(root, &path, found),
            false if name == "tests.rs" => {}
            false => drop(found.insert(path)),
        }
    }
}

#[test]
fn the_list_is_what_the_folders_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core");
    let mut found = BTreeSet::new();
    for below in ["abi", "contract", "sdk"] {
        sources(&root, below, &mut found);
    }
    let listed = CRATES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn a_name_becomes_a_type_that_is_no_other() {
    for (name, expected) in [
        ("night-watch", "NightWatch"),
        ("x", "X"),
        ("2fa", "Factor2fa"),
        ("sheet", "SheetFactor"),
        ("authenticator", "AuthenticatorFactor"),
        ("self", "SelfFactor"),
    ] {
        assert_eq!(type_of(name), expected);
    }
}

//! The house: arrows between crates, sizes of files, one shape for every plugin.

use gatewright::Plugins;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

/// No file of code is longer. May only be lowered.
const MOST_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata")
}

/// What a package may depend on among ours; `None`: everything.
fn allowed(package: &str) -> Option<&'static [&'static str]> {
    Some(match package {
        "gatewright-contract" | "gatewright-openapi" | "gatewright-abi" => &[],
        "gatewright-sdk" => &["gatewright-abi", "gatewright-contract"],
        "fault-plugin" => &["gatewright-sdk"],
        "own-authenticator-dylib" => &["gatewright-sdk", "own-authenticator"],
        "gatewright-core" | "gatewright-device" => &["gatewright-contract"],
        "gatewright-oauth" => &["gatewright-contract", "gatewright-core"],
        "gatewright-vault" => &[
            "gatewright-contract",
            "gatewright-core",
            "gatewright-oauth",
            "gatewright-plugin",
            "gatewright-openapi",
        ],
        "gatewright-plugin" => {
            &["gatewright-contract", "gatewright-core", "gatewright-oauth", "gatewright-openapi"]
        }
        "own-authenticator" => &["gatewright-contract"],
        name if name.starts_with("authenticator-") => &["gatewright-contract", "gatewright-device"],
        name if name.starts_with("area-")
            || name.starts_with("channel-")
            || name.starts_with("provisioner-")
            || name.starts_with("service-") =>
        {
            &[
                "gatewright-contract",
                "gatewright-core",
                "gatewright-oauth",
                "gatewright-plugin",
                "gatewright-vault",
                "gatewright-openapi",
            ]
        }
        "gatewright" | "gatewright-tests" | "gatewright-test-postgres" | "embed" => return None,
        other => panic!("a package that the house does not know: {other}"),
    })
}

/// Crates of the outside that only the host (or the plugin crate) may name.
const NOT_BELOW: &[&str] =
    &["sqlx", "reqwest", "hyper", "hyper-util", "tokio-rustls", "rustls", "figment", "clap"];

#[test]
fn arrows_point_down() {
    let metadata = metadata();
    let ours: BTreeSet<&str> =
        metadata["packages"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        assert_ne!(name, "core", "no package is called core");
        let Some(allowed) = allowed(name) else { continue };
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            // What only a test uses does not lean: an example's test runs the whole host.
            let leaning = ours.contains(on) && !allowed.contains(&on) && dependency["kind"] != "dev";
            assert!(!leaning, "{name} leans on {on}: that arrow points the wrong way");
            if dependency["kind"].is_null() {
                // A service goes out itself, and says whom it believes.
                let out = name.starts_with("service-") && on == "rustls";
                assert!(out || !NOT_BELOW.contains(&on), "{name} uses {on}: that belongs to the host");
                let http = name.starts_with("authenticator-")
                    || name == "gatewright-core"
                    || name == "gatewright-device"
                    || name == "gatewright-oauth"
                    || name == "gatewright-contract";
                assert!(!(http && on.starts_with("poem")), "{name} uses {on}: no HTTP below the areas");
            }
        }
    }
}

fn tracked(pattern: &str) -> Vec<PathBuf> {
    let output =
        Command::new("git").args(["ls-files", pattern]).current_dir(root()).output().expect("git runs");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| root().join(line))
        .filter(|p| p.exists())
        .collect()
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    let mut long = Vec::new();
    for file in tracked("*.rs").into_iter().chain(tracked("*.py")).chain(tracked("*.mjs")) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        if lines > MOST_LINES {
            long.push(format!("{lines} {}", file.display()));
        }
    }
    assert!(long.is_empty(), "over {MOST_LINES} lines:\n{}", long.join("\n"));
}

fn folders(of: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root().join(of)) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap())
        .filter(|e| e.path().join("Cargo.toml").is_file())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const KINDS: &[(&str, &str)] = &[
    ("plugins/authenticators", "authenticator"),
    ("plugins/areas", "area"),
    ("plugins/provisioners", "provisioner"),
    ("plugins/channels", "channel"),
    ("plugins/services", "service"),
];

/// What is built in only where the operator asks for it, since it needs more than this tree has.
const BY_WISH: &[&str] = &["face"];

#[test]
fn folder_crate_feature_line_and_registered_id_are_one_word() {
    let list = std::fs::read_to_string(root().join("host/src/plugins.rs")).unwrap();
    let manifest = std::fs::read_to_string(root().join("host/Cargo.toml")).unwrap();
    let registered: BTreeSet<&str> = Plugins::linked().list().into_iter().map(|l| l.id).collect();
    let mut expected = BTreeSet::from([kit::OWN.to_owned()]);
    for (folder, prefix) in KINDS {
        for id in folders(folder) {
            let krate = format!("{prefix}-{id}");
            let line = format!("#[cfg(feature = \"{id}\")]\nuse {} as _;", id.replace('-', "_"));
            assert!(list.contains(&line), "host/src/plugins.rs has no line for {krate}:\n{line}");
            let line =
                format!("{id} = {{ path = \"../{folder}/{id}\", package = \"{krate}\", optional = true }}");
            assert!(manifest.contains(&line), "host/Cargo.toml has no line for {krate}:\n{line}");
            let by_default = manifest.contains(&format!("    \"{id}\",\n"));
            assert_eq!(
                by_default,
                !BY_WISH.contains(&id.as_str()),
                "host/Cargo.toml: {id} as a default feature"
            );
            if by_default {
                expected.insert(id);
            }
        }
    }
    let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(registered, expected, "what registers itself is not what the folders say");
}

#[test]
fn every_plugin_and_crate_has_a_readme_that_says_something() {
    for package in metadata()["packages"].as_array().unwrap() {
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
        let text = std::fs::read_to_string(folder.join("README.md"))
            .unwrap_or_else(|_| panic!("{} has no README.md", folder.display()));
        assert!(text.lines().count() >= 5, "{}/README.md says nothing", folder.display());
        let about = package["description"].as_str().unwrap_or_default();
        assert!(!about.is_empty() && !about.contains("TODO"), "{}: no description", folder.display());
    }
}

#[test]
fn the_top_level_is_as_the_owner_fixed_it() {
    let known = ["core", "plugins", "host", "openapi", "tests", "examples", "docs"];
    for file in tracked("*") {
        let relative = file.strip_prefix(root()).unwrap().to_owned();
        let mut parts = relative.components();
        let top = parts.next().unwrap().as_os_str().to_str().unwrap().to_owned();
        if parts.next().is_some() {
            assert!(
                known.contains(&top.as_str()) || top.starts_with('.'),
                "a folder that is not foreseen: {top}"
            );
        }
    }
}

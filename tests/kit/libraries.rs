//! Plugins in shared libraries: built here, run in processes of this program.

use crate::{KitBuilder, TempFolder};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use std::{
    collections::BTreeMap,
    ffi::{CStr, c_char},
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock},
};

const FLAGS: [&str; 10] = [
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-function",
    "-O1",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-pthread",
];

/// The cheap factor of `tests/faults-c`, as it should be or with one fault: in a folder of its own, made by gcc.
pub struct CheapLibrary {
    /// Key of its table.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// Its SHA-256, in hex digits.
    pub sha256: String,
    _folder: TempFolder,
}

impl CheapLibrary {
    /// Id of the factor.
    pub const ID: &str = "cheap";
    /// What is answered.
    pub const CODE: &str = "open";

    /// Version 1 or 2, without a fault.
    pub fn version(version: u8) -> Self {
        Self::build(Self::ID, version, &[])
    }

    /// Version 2 over the documents of version 1, which can be taken back.
    pub fn second_over_the_same_documents() -> Self {
        Self::build(Self::ID, 2, &["DOCUMENTS=1"])
    }

    /// Version 1 under another id.
    pub fn called(id: &str) -> Self {
        Self::build(id, 1, &[&format!("ID=\"{id}\"")])
    }

    /// Version 1 with a fault of `tests/faults-c/fault.h`.
    pub fn with_fault(fault: &str) -> Self {
        assert!(faults().iter().any(|known| known == fault), "{fault} is not in tests/faults-c/fault.h");
        Self::build(Self::ID, 1, &[&format!("FAULT={fault}")])
    }

    fn build(id: &str, version: u8, defined: &[&str]) -> Self {
        let folder = TempFolder::new();
        let path = folder.path().join("cheap.so");
        let output = Command::new("gcc")
            .args(FLAGS)
            .arg("-I")
            .arg(root().join("core/abi/include"))
            .arg(format!("-DVERSION={version}"))
            .args(defined.iter().map(|word| format!("-D{word}")))
            .arg("-o")
            .arg(&path)
            .arg(root().join("tests/faults-c/cheap.c"))
            .output()
            .expect("gcc runs: tests/install installs it");
        assert!(output.status.success(), "{defined:?}: {}", String::from_utf8_lossy(&output.stderr));
        let sha256 = sha256(&path);
        Self { id: id.to_owned(), path, sha256, _folder: folder }
    }

    /// Its table in the configuration, to which keys can be added.
    pub fn table(&self) -> String {
        format!("[plugins.{}]\nlibrary = {:?}\nsha256 = \"{}\"\n", self.id, self.path, self.sha256)
    }
}

/// The names of the faults, as `fault.h` has them.
pub fn faults() -> Vec<String> {
    let list = std::fs::read_to_string(root().join("tests/faults-c/fault.h")).unwrap();
    let numbered = |line: &str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["#define", name, number] if number.parse::<u32>().is_ok_and(|n| n > 0) => Some((*name).to_owned()),
        _ => None,
    };
    list.lines().filter_map(numbered).collect()
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The host runs a library in `current_exe() plugin-runner`, which here is a program of tests or benches: it becomes
/// that before its own `main` begins.
#[used]
#[unsafe(link_section = ".init_array")]
#[allow(unsafe_code, reason = "a place in the program's start")]
static RUNNER: extern "C" fn(i32, *const *const c_char) = {
    extern "C" fn become_runner(count: i32, arguments: *const *const c_char) {
        // SAFETY: glibc hands over what `main` gets: `count` strings.
        let is_runner = count >= 2 && unsafe { CStr::from_ptr(*arguments.add(1)) } == c"plugin-runner";
        if is_runner {
            gatewright::loader::runner::main();
        }
    }
    become_runner
};

/// The library of a package of this workspace.
///
/// # Panics
/// When it can't be built.
pub fn cargo_library(package: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    built.entry(package.to_owned()).or_insert_with_key(|package| cargo_build(package, "dev")).clone()
}

/// The same as it is released, for what is measured.
///
/// # Panics
/// When it can't be built.
pub fn released_library(package: &str) -> PathBuf {
    cargo_build(package, "release")
}

fn cargo_build(package: &str, profile: &str) -> PathBuf {
    let done = Command::new(env!("CARGO"))
        .args(["build", "--message-format=json-render-diagnostics", "--profile", profile])
        .args(["--package", package])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let messages = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let files = messages.filter_map(|m| m["filenames"].as_array().cloned()).flatten();
    let mut library = files
        .filter_map(|f| f.as_str().map(PathBuf::from))
        .filter(|f| f.extension().is_some_and(|e| e == "so"));
    library.next_back().expect("a library")
}

/// The examples of authenticators in libraries, by id: one in Rust, one in C.
///
/// # Panics
/// When one can't be built.
pub fn example_libraries() -> [(&'static str, PathBuf); 2] {
    [(crate::OWN, cargo_library("own-authenticator-dylib")), ("code-sheet", code_sheet())]
}

/// The example in C, as its Makefile makes it.
///
/// # Panics
/// When it can't be built.
pub fn code_sheet() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let folder = root().join("examples/own-authenticator-c");
        let made = Command::new("make").arg("-C").arg(&folder).output().expect("make runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        folder.join("code-sheet.so").canonicalize().unwrap()
    };
    BUILT.get_or_init(make).clone()
}

/// SHA-256 of a file, as the configuration has it.
///
/// # Panics
/// When the file can't be read.
pub fn sha256(file: &Path) -> String {
    HEXLOWER.encode(digest(&SHA256, &std::fs::read(file).expect("a library")).as_ref())
}

/// The entry of a library in the configuration.
pub fn entry(id: &str, file: &Path, more: &str) -> String {
    format!("[plugins.{id}]\nlibrary = \"{}\"\nsha256 = \"{}\"\n{more}\n", file.display(), sha256(file))
}

impl KitBuilder {
    /// A plugin in a library, with more keys for its table.
    #[must_use]
    pub fn library(self, id: &str, file: &Path, more: &str) -> Self {
        self.config(&entry(id, file, more))
    }
}

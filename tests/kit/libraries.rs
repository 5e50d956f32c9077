//! The cheap factor of `tests/faults-c` as a shared library, as it should be or with one fault.

use crate::TempFolder;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use std::{
    path::{Path, PathBuf},
    process::Command,
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

/// A shared library in a folder of its own, made by gcc.
pub struct CheapLibrary {
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
        Self::build(version, "NONE")
    }

    /// Version 1 with a fault of `tests/faults-c/fault.h`.
    pub fn with_fault(fault: &str) -> Self {
        assert!(faults().iter().any(|known| known == fault), "{fault} is not in tests/faults-c/fault.h");
        Self::build(1, fault)
    }

    fn build(version: u8, fault: &str) -> Self {
        let folder = TempFolder::new();
        let path = folder.path().join("cheap.so");
        let output = Command::new("gcc")
            .args(FLAGS)
            .arg("-I")
            .arg(root().join("core/abi/include"))
            .arg(format!("-DFAULT={fault}"))
            .arg(format!("-DVERSION={version}"))
            .arg("-o")
            .arg(&path)
            .arg(root().join("tests/faults-c/cheap.c"))
            .output()
            .expect("gcc runs: tests/install installs it");
        assert!(output.status.success(), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
        let sha256 = HEXLOWER.encode(digest(&SHA256, &std::fs::read(&path).unwrap()).as_ref());
        Self { path, sha256, _folder: folder }
    }

    /// Its table in the configuration, to which keys can be added.
    pub fn table(&self) -> String {
        format!("[plugins.cheap]\nlibrary = {:?}\nsha256 = \"{}\"\n", self.path, self.sha256)
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

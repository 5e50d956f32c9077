//! Runs the C compilers of this machine.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What every C file here is held to.
pub(crate) const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/// Of this crate.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compiles, and says what the compiler says where it refuses.
pub(crate) fn compile(compiler: &str, arguments: &[&str], source: &Path) -> PathBuf {
    let name: String = format!("{compiler}{}-{}", arguments.concat(), source.display());
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name[name.len().saturating_sub(120)..]);
    let output = Command::new(compiler)
        .args(STRICT)
        .args(arguments)
        .arg("-I")
        .arg(file("include"))
        .arg("-o")
        .arg(&program)
        .arg(source)
        .output()
        .expect("the compiler runs: tests/install installs gcc and g++");
    said(&output, compiler);
    program
}

/// Runs a program, and says what it says where it fails.
pub(crate) fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("it runs");
    said(&output, "the program");
    String::from_utf8(output.stdout).expect("text")
}

fn said(output: &Output, who: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{who}: {}\n{text}", output.status);
}

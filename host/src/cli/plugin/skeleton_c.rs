//! The skeleton of an authenticator in C: what `gatewright plugin new NAME --lang c` writes.
//!
//! The template is a whole factor with its tests; `examples/own-authenticator-c` is the same, written out.

use super::skeleton::{self, SkeletonError};
use std::path::{Path, PathBuf};

/// The files, and where they go. What stands in double braces is filled in.
const FILES: [(&str, &str); 8] = [
    ("README.md", include_str!("../../../../core/abi/template/README.md")),
    ("Makefile", include_str!("../../../../core/abi/template/Makefile")),
    ("manifest.json", include_str!("../../../../core/abi/template/manifest.json")),
    ("authenticator.c", include_str!("../../../../core/abi/template/authenticator.c")),
    ("test.c", include_str!("../../../../core/abi/template/test.c")),
    (".gitignore", include_str!("../../../../core/abi/template/gitignore")),
    ("include/gatewright.h", include_str!("../../../../core/abi/include/gatewright.h")),
    ("include/gatewright_json.h", include_str!("../../../../core/abi/include/gatewright_json.h")),
];

/// Where the headers lie, seen from the Makefile.
const INCLUDE: &str = "include";

/// Writes the skeleton of a plugin with this id into a folder that is new or empty. What was written, in order.
///
/// # Errors
/// A name that is no id, a folder that holds something, or what the system says.
pub(super) fn c(name: &str, folder: &Path) -> Result<Vec<PathBuf>, SkeletonError> {
    let files = FILES.map(|(file, template)| (file.to_owned(), filled(template, name, INCLUDE)));
    skeleton::write(name, folder, files.into())
}

fn filled(template: &str, name: &str, include: &str) -> String {
    template.replace("{{name}}", name).replace("{{include}}", include)
}

#[cfg(test)]
mod tests {
    use super::{super::skeleton::Temporary, FILES, INCLUDE, c, filled};
    use std::{fs, path::Path, process::Command};

    fn make(folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("make").arg("-C").arg(folder).args(arguments).output().expect("make runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    #[test]
    fn what_it_writes_builds_without_a_warning_and_passes_its_tests() {
        let folder = Temporary::new("builds-c");
        let written = c("night-2-watch", &folder.0).expect("it is written");
        assert_eq!(written.len(), FILES.len());
        for file in &written {
            let text = fs::read_to_string(file).expect("text");
            assert!(!text.contains("{{"), "{} is not filled in", file.display());
        }
        make(&folder.0, &["CFLAGS=-O2 -Werror -fanalyzer"]);
        let library = fs::read(folder.0.join("night-2-watch.so")).expect("the library");
        assert!(library.starts_with(b"\x7fELF"));
        assert!(make(&folder.0, &["test"]).contains("all is well"));
        make(&folder.0, &["clean"]);
        assert!(!folder.0.join("night-2-watch.so").exists());
    }

    #[test]
    fn the_example_is_the_template_filled_in() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/own-authenticator-c");
        for (file, template) in FILES.into_iter().filter(|(file, _)| !file.starts_with(INCLUDE)) {
            let path = example.join(file);
            let expected = filled(template, "code-sheet", "../../core/abi/include");
            if std::env::var_os("UPDATE").is_some() {
                fs::create_dir_all(&example).expect("the folder");
                fs::write(&path, &expected).expect("written");
            }
            let there = fs::read_to_string(&path).unwrap_or_default();
            assert!(there == expected, "{file} is not the template: UPDATE=1 writes it anew");
        }
    }
}

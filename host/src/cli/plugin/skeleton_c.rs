//! The skeleton of an authenticator in C: what `gatewright plugin new NAME --lang c` writes.
//!
//! The template is a whole factor with its tests; `examples/own-authenticator-c` is the same, written out.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

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

/// Why no skeleton was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SkeletonError {
    #[error("`{0}` can't be the id of a plugin: lower-case letters, digits and hyphens inside, at most 48")]
    Name(String),
    #[error("{} is not empty: name a folder that is not there yet", .0.display())]
    NotEmpty(PathBuf),
    #[error("{}: {reason}", path.display())]
    Write { path: PathBuf, reason: std::io::Error },
}

/// Writes the skeleton of a plugin with this id into a folder that is new or empty. What was written, in order.
///
/// # Errors
/// A name that is no id, a folder that holds something, or what the system says.
pub(crate) fn c(name: &str, folder: &Path) -> Result<Vec<PathBuf>, SkeletonError> {
    if !is_id(name) {
        return Err(SkeletonError::Name(name.to_owned()));
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |reason| SkeletonError::Write { path, reason }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    if fs::read_dir(folder).map_err(failed(folder))?.next().is_some() {
        return Err(SkeletonError::NotEmpty(folder.to_owned()));
    }
    fs::create_dir(folder.join(INCLUDE)).map_err(failed(folder))?;
    let mut written = Vec::new();
    for (file, template) in FILES {
        let path = folder.join(file);
        let mut made = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed(&path))?;
        made.write_all(filled(template, name, INCLUDE).as_bytes()).map_err(failed(&path))?;
        written.push(path);
    }
    Ok(written)
}

fn filled(template: &str, name: &str, include: &str) -> String {
    template.replace("{{name}}", name).replace("{{include}}", include)
}

/// The rule for ids of plugins, and no hyphen at an end: it is a file and a word of a command line too.
fn is_id(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=48).contains(&name.len())
        && name.bytes().all(letter)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::{FILES, INCLUDE, SkeletonError, c, filled};
    use std::{
        fs,
        path::{Path, PathBuf},
        process::Command,
    };

    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str) -> Self {
            let folder = format!("gatewright-skeleton-{}-{name}", std::process::id());
            Self(std::env::temp_dir().join(folder))
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn make(folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("make").arg("-C").arg(folder).args(arguments).output().expect("make runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    #[test]
    fn what_it_writes_builds_without_a_warning_and_passes_its_tests() {
        let folder = Temporary::new("builds");
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

    #[test]
    fn it_spoils_nothing_that_is_there() {
        let folder = Temporary::new("spoils");
        fs::create_dir_all(&folder.0).expect("a folder");
        fs::write(folder.0.join("thesis.txt"), "mine").expect("written");
        assert!(matches!(c("a", &folder.0), Err(SkeletonError::NotEmpty(_))));
        assert_eq!(fs::read_dir(&folder.0).expect("the folder").count(), 1);
        assert!(matches!(c("a", &folder.0.join("thesis.txt")), Err(SkeletonError::Write { .. })));
    }

    #[test]
    fn a_name_is_an_id() {
        let folder = Temporary::new("names");
        for name in
            ["", "-a", "a-", "A", "a_b", "a/b", "../a", "a b", "ä", "a\n", "{{name}}", &"a".repeat(49)]
        {
            assert!(matches!(c(name, &folder.0), Err(SkeletonError::Name(_))), "{name:?}");
            assert!(!folder.0.exists());
        }
    }
}

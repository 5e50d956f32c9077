//! What `gatewright plugin new` writes, in whichever language: files, into a folder that holds nothing yet.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

/// Why no skeleton was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum SkeletonError {
    #[error("`{0}` can't be the id of a plugin: lower-case letters, digits and hyphens inside, at most 48")]
    Name(String),
    #[error("{} is not empty: name a folder that is not there yet", .0.display())]
    NotEmpty(PathBuf),
    #[error("{}: {reason}", path.display())]
    Write { path: PathBuf, reason: std::io::Error },
}

/// Writes the files of a plugin with this id, each with its path in the folder. What was written, in order.
///
/// # Errors
/// A name that is no id, a folder that holds something, or what the system says.
pub(super) fn write(
    name: &str,
    folder: &Path,
    files: Vec<(String, String)>,
) -> Result<Vec<PathBuf>, SkeletonError> {
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
    let mut written = Vec::new();
    for (file, text) in files {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        let mut made = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed(&path))?;
        made.write_all(text.as_bytes()).map_err(failed(&path))?;
        written.push(path);
    }
    Ok(written)
}

/// The rule for ids of plugins, and no hyphen at an end: it is a file and a word of a command line too.
fn is_id(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=48).contains(&name.len())
        && name.bytes().all(letter)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// A folder for a test, gone with it.
#[cfg(test)]
pub(super) struct Temporary(pub(super) PathBuf);

#[cfg(test)]
impl Temporary {
    pub(super) fn new(name: &str) -> Self {
        let folder = format!("gatewright-skeleton-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(folder))
    }
}

#[cfg(test)]
impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{SkeletonError, Temporary, write};
    use std::fs;

    fn files() -> Vec<(String, String)> {
        vec![("src/a.txt".to_owned(), "text".to_owned())]
    }

    #[test]
    fn it_spoils_nothing_that_is_there() {
        let folder = Temporary::new("spoils");
        fs::create_dir_all(&folder.0).expect("a folder");
        fs::write(folder.0.join("thesis.txt"), "mine").expect("written");
        assert!(matches!(write("a", &folder.0, files()), Err(SkeletonError::NotEmpty(_))));
        assert_eq!(fs::read_dir(&folder.0).expect("the folder").count(), 1);
        let file = folder.0.join("thesis.txt");
        assert!(matches!(write("a", &file, files()), Err(SkeletonError::Write { .. })));
        let written = write("a", &folder.0.join("new"), files()).expect("written");
        assert_eq!(written, [folder.0.join("new/src/a.txt")]);
    }

    #[test]
    fn a_name_is_an_id() {
        let folder = Temporary::new("names");
        let long = "a".repeat(49);
        for name in ["", "-a", "a-", "A", "a_b", "a/b", "../a", "a b", "ä", "a\n", "{{name}}", &long] {
            assert!(matches!(write(name, &folder.0, files()), Err(SkeletonError::Name(_))), "{name:?}");
            assert!(!folder.0.exists());
        }
    }
}

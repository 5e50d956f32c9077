//! Small libraries made by the C compiler, and what becomes of them.

mod cheap;
mod image;
mod isolated;
mod library;
mod pooled;
mod reload;
mod unseen;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

const SOURCE: &str = include_str!("plugin.c");

/// A folder that goes when its test does.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let mut name = [0; 8];
        aws_lc_rs::rand::fill(&mut name).unwrap();
        let path = std::env::temp_dir().join(format!("gatewright-loader-{:x}", u64::from_be_bytes(name)));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn compile(&self, source: &str, flags: &[&str]) -> PathBuf {
        let (from, to) = (self.file("plugin.c", source.as_bytes()), self.0.join("plugin.so"));
        let output = Command::new("gcc")
            .args(["-shared", "-fPIC", "-pthread"])
            .args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/../core/abi/include"), "-o"])
            .args([&to, &from])
            .args(flags)
            .output()
            .expect("gcc runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        to
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The bytes of the library that does nothing wrong.
fn sound() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| built(&[]))
}

fn built(flags: &[&str]) -> Vec<u8> {
    std::fs::read(Folder::new().compile(SOURCE, flags)).unwrap()
}

fn image(bytes: &[u8]) -> Result<super::Image, super::LoadError> {
    let folder = Folder::new();
    super::Image::read(Path::new(&folder.file("plugin.so", bytes)), None)
}

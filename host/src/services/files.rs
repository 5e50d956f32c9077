//! Files that a plugin's own table names: whoever writes the configuration says which, and the plugin only under what key.

use gatewright_contract::Fault;
use serde_json::Value;
use std::{fs::File, io::Read, path::Path};

/// Largest file, in bytes.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// What is in the file that `table` names under `key`, which may be dotted.
///
/// # Errors
/// [`Fault::Config`] with the key, where it names no file or the file can't be read.
pub(super) fn read(table: &Value, key: &str) -> Result<Vec<u8>, Fault> {
    let wrong = |message: String| Fault::Config { key: key.to_owned(), message };
    let named = table.pointer(&format!("/{}", key.replace('.', "/"))).and_then(Value::as_str);
    let path = named.filter(|path| !path.is_empty()).ok_or_else(|| wrong("the path of a file".to_owned()))?;
    bytes(Path::new(path)).map_err(|why| wrong(format!("{path}: {why}")))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    // Before opening: opening a pipe waits for its writer.
    if !std::fs::metadata(path).map_err(|e| e.to_string())?.is_file() {
        return Err("not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| e.to_string())?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err("larger than 64 MiB".to_owned()),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_the_table_names_is_read() {
        let folder = std::env::temp_dir().join(format!("gatewright-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("model");
        std::fs::write(&file, b"numbers").expect("written");
        let table = json!({"detector": &file, "many": [&file], "folder": &folder, "gone": folder.join("gone"), "n": 1});
        assert_eq!(read(&table, "detector").expect("read"), b"numbers");
        assert_eq!(read(&table, "many.0").expect("read"), b"numbers");
        for key in ["", "other", "folder", "gone", "n", "many", "many.1", &file.display().to_string()] {
            assert!(
                matches!(read(&table, key), Err(Fault::Config { key: told, .. }) if told == key),
                "{key}"
            );
        }
        assert!(read(&Value::Null, "detector").is_err());
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}

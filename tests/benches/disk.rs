//! What the disk allows: how often a second something can be made durable, one thing after the other. What a store
//! does beyond that, it does by making several things durable at once.

use crate::rounds::{Turn, cost};
use kit::TempFolder;
use std::{
    cell::RefCell,
    fs::{File, OpenOptions},
    io::Write,
};

/// A file in a folder like the database's.
pub(crate) struct Disk {
    file: RefCell<File>,
    _folder: TempFolder,
}

impl Disk {
    pub(crate) fn new() -> Self {
        let folder = TempFolder::new();
        let file = OpenOptions::new().append(true).create(true).open(folder.path().join("log"));
        Self { file: RefCell::new(file.expect("a file")), _folder: folder }
    }

    /// Appends a page and waits until it is durable, so many times.
    pub(crate) fn turn(&self, count: usize) -> Turn {
        let mut file = self.file.borrow_mut();
        cost(count, || {
            for _ in 0..count {
                file.write_all(&[7; 4096]).expect("is written");
                file.sync_data().expect("is durable");
            }
        })
    }
}

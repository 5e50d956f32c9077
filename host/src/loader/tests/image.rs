//! Which files become images.

use super::{Folder, built, image, sound};
use crate::loader::{Image, Library, LoadError};
use rustix::fs::{MemfdFlags, memfd_create};
use std::{
    fs::File,
    io::Write,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::Path,
};

fn reason(result: Result<Image, LoadError>) -> String {
    result.map(|image| image.size()).unwrap_err().to_string()
}

fn patched(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = sound().to_vec();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// Where a program header of this kind begins.
fn segment(file: &[u8], kind: u32) -> usize {
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
    let count = usize::from(u16::from_le_bytes([file[56], file[57]]));
    let mut places = (0..count).map(|n| number(32) + n * 56);
    places.find(|at| file[*at..at + 4] == kind.to_le_bytes()).unwrap()
}

#[test]
fn a_sound_library_is_read_and_its_sum_is_that_of_the_file() {
    let folder = Folder::new();
    let path = folder.file("plugin.so", sound());
    let read = Image::read(&path, None).unwrap();
    let sum = std::process::Command::new("sha256sum").arg(&path).output().unwrap();
    assert_eq!(read.sha256_hex().as_bytes(), &sum.stdout[..64]);
    assert_eq!((read.size(), read.path()), (sound().len() as u64, path.as_path()));
    assert!(Image::read(&path, Some(&read.sha256_hex())).is_ok());
    assert!(Image::read(&path, Some(&read.sha256_hex().to_uppercase())).is_ok());
}

#[test]
fn another_file_than_the_pinned_one_is_refused_and_so_is_a_pin_that_is_none() {
    let folder = Folder::new();
    let path = folder.file("plugin.so", sound());
    let right = Image::read(&path, None).unwrap().sha256_hex();
    let other = "0".repeat(64);
    let Err(LoadError::Sha256 { found, wanted }) = Image::read(&path, Some(&other)) else { panic!() };
    assert_eq!((found, wanted), (right.clone(), other));
    for pin in ["", "abc", &right[1..], &format!("{right}00"), &format!("{right} "), &"z".repeat(64)] {
        let Err(LoadError::Pin { found }) = Image::read(&path, Some(pin)) else { panic!("{pin}") };
        assert_eq!(found, right);
    }
    // One changed bit is another file, before anybody looks at what it is.
    let path = folder.file("other.so", b"not even a library");
    assert!(matches!(Image::read(&path, Some(&right)), Err(LoadError::Sha256 { .. })));
}

#[test]
fn only_a_regular_file_of_a_fair_size_is_read() {
    let folder = Folder::new();
    assert!(reason(Image::read(&folder.0.join("absent.so"), None)).contains("No such file"));
    assert!(reason(Image::read(&folder.0, None)).ends_with("it is no regular file"));
    assert!(reason(Image::read(Path::new("/dev/zero"), None)).ends_with("it is no regular file"));
    let link = folder.0.join("link.so");
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    assert!(reason(Image::read(&link, None)).ends_with("it is no regular file"));
    // Nobody writes to it: who opened it to read would wait for ever.
    let pipe = folder.0.join("pipe.so");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(reason(Image::read(&pipe, None)).ends_with("it is no regular file"));
    let large = folder.0.join("large.so");
    File::create(&large).unwrap().set_len((64 << 20) + 1).unwrap();
    assert!(reason(Image::read(&large, None)).ends_with("it is larger than 64 MiB"));
}

#[test]
fn what_is_no_library_for_this_machine_says_why() {
    let says = |bytes: &[u8], what: &str| {
        let why = reason(image(bytes));
        assert!(why.starts_with("not a shared library for this machine: ") && why.contains(what), "{why}");
    };
    says(b"", "no ELF file");
    says(b"#!/bin/sh\n", "no ELF file");
    says(b"\x7fELF", "cut off within its header");
    says(&patched(4, &[1]), "not 64 bit");
    says(&patched(5, &[2]), "little endian");
    says(&patched(16, &[2, 0]), "gcc -shared");
    says(&patched(18, &[0xf3, 0x01]), "another processor");
    says(&patched(54, &[32, 0]), "program headers");
    says(&patched(32, &[0xff; 8]), "program headers");
    says(&patched(40, &[0xff; 8]), "section headers");
    says(&patched(56, &[0, 0]), "no dynamic segment");
    let dynamic = segment(sound(), 2);
    says(&patched(dynamic, &[0, 0, 0, 0]), "no dynamic segment");
    says(&patched(dynamic + 32, &[7]), "dynamic segment is damaged");
    says(&patched(dynamic + 8, &[0xff; 8]), "a segment goes past its end");
    let load = segment(sound(), 1);
    says(&patched(load + 32, &[0xff; 7]), "a segment goes past its end");
    // All of it is in the file, but the linker would look where nothing is mapped.
    says(&patched(dynamic + 8, &(sound().len() as u64 - 4096).to_le_bytes()), "no part that is loaded");
    says(&built(&["-Wl,-z,execstack"]), "-z noexecstack");
}

/// What was hashed is what runs: nothing beside it that anybody could put somewhere.
#[test]
fn one_that_brings_others_along_by_path_is_refused() {
    for flags in
        [["-Wl,-rpath,/tmp/x", "-Wl,--disable-new-dtags"], ["-Wl,-rpath,$ORIGIN", "-Wl,--enable-new-dtags"]]
    {
        assert!(reason(image(&built(&flags))).contains("without `-rpath`"), "{flags:?}");
    }
    let folder = Folder::new();
    let other = folder.file("other.so", sound());
    let why = reason(image(&built(&["-Wl,--no-as-needed", &other.display().to_string()])));
    assert!(why.contains("needs a library by its path"), "{why}");
    assert!(reason(image(&built(&["-Wl,-f,other.so"]))).contains("without filters"));
    // Those of the system, by name.
    assert!(image(&built(&["-Wl,--no-as-needed", "-lm"])).is_ok());
}

#[test]
fn a_library_that_is_cut_off_anywhere_is_an_error() {
    let all = sound().len();
    for at in (0..all).step_by(all / 200).chain(all - 70..all) {
        assert!(matches!(image(&sound()[..at]), Err(LoadError::Elf(_))), "cut at {at} of {all}");
    }
}

/// Without section headers, which tell of every byte, the end of a file may be missing and the rest still whole.
#[test]
fn what_passes_without_its_section_headers_can_be_opened() {
    let mut bare = sound().to_vec();
    bare[40..48].fill(0);
    bare[60..62].fill(0);
    let (mut opened, mut refused) = (0, 0);
    for at in (64..=bare.len()).step_by(bare.len() / 100) {
        match image(&bare[..at]) {
            // A page behind the end of the file would end this process here.
            Ok(image) => opened += usize::from(Library::open(&image).is_ok()),
            Err(LoadError::Elf(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(opened > 0 && refused > 60, "{opened} opened, {refused} refused");
}

#[test]
fn an_image_is_sealed_and_goes_to_another_process_as_it_is() {
    let made = image(sound()).unwrap();
    let copy = made.as_fd().try_clone_to_owned().unwrap();
    let mut file = File::from(copy.try_clone().unwrap());
    assert_eq!(file.write(b"x").unwrap_err().raw_os_error(), Some(1));
    assert_eq!(file.set_len(1).unwrap_err().raw_os_error(), Some(1));
    let number = copy.as_raw_fd();
    let got = Image::from_fd(copy).unwrap();
    assert_eq!((got.sha256(), got.size()), (made.sha256(), made.size()));
    assert_eq!(got.path(), Path::new(&format!("/proc/self/fd/{number}")));
}

#[test]
fn memory_that_could_still_change_is_refused() {
    let open = memfd_create("test", MemfdFlags::ALLOW_SEALING | MemfdFlags::CLOEXEC).unwrap();
    let mut file = File::from(open);
    file.write_all(sound()).unwrap();
    assert!(reason(Image::from_fd(OwnedFd::from(file))).contains("it could still be changed"));
    let folder = Folder::new();
    let file = File::open(folder.file("plugin.so", sound())).unwrap();
    assert!(reason(Image::from_fd(file.into())).contains("looking at the seals"));
}

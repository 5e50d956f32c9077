//! Whether a file is a shared library for this machine, and whether all of it is there.
//!
//! The dynamic linker maps what the headers say and does not ask whether the file is that long. Touching a page behind
//! its end is SIGBUS, which ends the process: a copy that was cut off would take the host with it. Against a library
//! that means harm this helps nothing, since it runs code as soon as it is opened; that is what `sha256` is for.

use super::LoadError;

/// `e_machine` of what this program was compiled for.
const MACHINE: Option<u16> = if cfg!(target_arch = "x86_64") {
    Some(62)
} else if cfg!(target_arch = "aarch64") {
    Some(183)
} else if cfg!(target_arch = "riscv64") {
    Some(243)
} else {
    None
};

const HEADER: usize = 64;
const SHARED: u16 = 3;
const SEGMENT: usize = 56;
const SECTION: usize = 64;
const DYNAMIC_ENTRY: u64 = 16;

const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const STACK: u32 = 0x6474_e551;
const EXECUTABLE: u32 = 1;

/// What the dynamic linker reads: the list ends, a library that is needed, the texts, and where else it is to look.
const LAST: u64 = 0;
const NEEDED: u64 = 1;
const TEXTS: u64 = 5;
const TEXTS_SIZE: u64 = 10;
const RPATH: u64 = 15;
const RUNPATH: u64 = 29;
/// Libraries that are to be asked in the place of this one, or to watch it.
const OTHERS: [u64; 4] = [0x6fff_fefb, 0x6fff_fefc, 0x7fff_fffd, 0x7fff_ffff];

const EMPTY: u32 = 0;
const NOT_IN_FILE: u32 = 8;

/// Judges the bytes of a file.
///
/// # Errors
/// [`LoadError::Elf`].
pub(super) fn check(file: &[u8]) -> Result<(), LoadError> {
    judge(file).map_err(|what| LoadError::Elf(what.to_owned()))
}

fn judge(file: &[u8]) -> Result<(), &'static str> {
    header(file)?;
    let all = u64::try_from(file.len()).map_err(|_| "it is too large")?;
    let headers = table(file, (32, 54, 56), SEGMENT).ok_or("it is cut off within its program headers")?;
    segments(file, headers, all)?;
    let sections = table(file, (40, 58, 60), SECTION).ok_or("it is cut off within its section headers")?;
    for section in sections.chunks_exact(SECTION).map(Bytes) {
        let kind = section.u32(4).ok_or(SHORT)?;
        let span = Span { from: section.u64(24).ok_or(SHORT)?, len: section.u64(32).ok_or(SHORT)? };
        if kind != EMPTY && kind != NOT_IN_FILE && !span.within(Span { from: 0, len: all }) {
            return Err("it is cut off: a section goes past its end");
        }
    }
    Ok(())
}

const SHORT: &str = "it is cut off within its header";

fn header(file: &[u8]) -> Result<(), &'static str> {
    if !file.starts_with(b"\x7fELF") {
        return Err("it is no ELF file");
    }
    let header = Bytes(file.get(..HEADER).ok_or(SHORT)?);
    if file.get(4..7) != Some(&[2, 1, 1]) {
        return Err("it is not 64 bit, little endian");
    }
    if header.u16(16) != Some(SHARED) {
        return Err(
            "it is a program or an object file, not a shared library (gcc -shared, crate-type cdylib)",
        );
    }
    match MACHINE {
        None => Err("this host was built for a machine on which it loads none"),
        Some(machine) if header.u16(18) == Some(machine) => Ok(()),
        Some(_) => Err("it was built for another processor"),
    }
}

fn segments(file: &[u8], table: &[u8], all: u64) -> Result<(), &'static str> {
    let bounds = Span { from: 0, len: all };
    let (mut loaded, mut dynamic, mut stack) = (Vec::new(), None, None);
    for segment in table.chunks_exact(SEGMENT).map(Bytes) {
        let kind = segment.u32(0).ok_or(SHORT)?;
        let span = Span { from: segment.u64(8).ok_or(SHORT)?, len: segment.u64(32).ok_or(SHORT)? };
        if kind != EMPTY && !span.within(bounds) {
            return Err("it is cut off: a segment goes past its end");
        }
        match kind {
            LOAD => loaded.push((segment.u64(16).ok_or(SHORT)?, span)),
            DYNAMIC if dynamic.is_some() => return Err("it has two dynamic segments"),
            DYNAMIC => dynamic = Some(span),
            STACK => stack = segment.u32(4),
            _ => {}
        }
    }
    let dynamic = dynamic.ok_or("it has no dynamic segment: it was linked as a static program")?;
    if dynamic.len == 0 || dynamic.len % DYNAMIC_ENTRY != 0 {
        return Err("its dynamic segment is damaged");
    }
    if !loaded.iter().any(|(_, part)| dynamic.within(*part)) {
        return Err("its dynamic segment is in no part that is loaded");
    }
    linked(file, dynamic, &loaded)?;
    // The linker would make the stacks of all threads of this process executable.
    match stack.is_some_and(|flags| flags & EXECUTABLE == 0) {
        true => Ok(()),
        false => Err("it asks for an executable stack; link it with `-z noexecstack`"),
    }
}

/// What else the dynamic linker would load comes from the system's folders: a file that is named by its path has no sum
/// that anybody has checked.
fn linked(file: &[u8], dynamic: Span, loaded: &[(u64, Span)]) -> Result<(), &'static str> {
    const DAMAGED: &str = "its dynamic segment is damaged";
    let (mut needed, mut texts, mut size) = (Vec::new(), None, 0);
    for entry in dynamic.of(file).ok_or(DAMAGED)?.chunks_exact(16).map(Bytes) {
        let (tag, value) = (entry.u64(0).ok_or(DAMAGED)?, entry.u64(8).ok_or(DAMAGED)?);
        match tag {
            LAST => break,
            NEEDED => needed.push(value),
            TEXTS => texts = Some(value),
            TEXTS_SIZE => size = value,
            RPATH | RUNPATH => {
                return Err("it says where its libraries lie (RPATH or RUNPATH); link it without `-rpath`");
            }
            tag if OTHERS.contains(&tag) => {
                return Err(
                    "it names other libraries to be asked in its place; link it without filters and audits",
                );
            }
            _ => {}
        }
    }
    if needed.is_empty() {
        return Ok(());
    }
    // They are named by where they will lie in memory.
    let texts = texts.and_then(|at| {
        loaded.iter().find_map(|(address, part)| {
            let from = part.from.checked_add(at.checked_sub(*address)?)?;
            Some(Span { from, len: size }).filter(|texts| texts.within(*part))
        })
    });
    let texts = texts.and_then(|texts| texts.of(file)).ok_or(DAMAGED)?;
    for at in needed {
        let rest = usize::try_from(at).ok().and_then(|at| texts.get(at..)).ok_or(DAMAGED)?;
        let name = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        if name.contains(&b'/') {
            return Err("it needs a library by its path; link that into it, or name it without one (`-l`)");
        }
    }
    Ok(())
}

/// The table at which three numbers of the header point: where it begins, the size of an entry, how many.
fn table(file: &[u8], (from, size, count): (usize, usize, usize), entry: usize) -> Option<&[u8]> {
    let header = Bytes(file);
    let (from, count) = (usize::try_from(header.u64(from)?).ok()?, usize::from(header.u16(count)?));
    if count == 0 {
        return Some(&[]);
    }
    if usize::from(header.u16(size)?) != entry {
        return None;
    }
    file.get(from..from.checked_add(count.checked_mul(entry)?)?)
}

/// Part of a file.
#[derive(Clone, Copy)]
struct Span {
    from: u64,
    len: u64,
}

impl Span {
    fn of(self, file: &[u8]) -> Option<&[u8]> {
        let from = usize::try_from(self.from).ok()?;
        file.get(from..from.checked_add(usize::try_from(self.len).ok()?)?)
    }

    fn within(self, other: Self) -> bool {
        let ends = |span: Self| span.from.checked_add(span.len);
        match (ends(self), ends(other)) {
            (Some(end), Some(last)) => self.from >= other.from && end <= last,
            _ => false,
        }
    }
}

/// Little-endian numbers at places.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }
}

use super::*;
use crate::code::Code;
use std::collections::{BTreeMap, BTreeSet};

fn read(text: &str) -> String {
    String::from_utf8(Code::read(text).as_bytes().to_vec()).unwrap()
}

#[test]
fn spacing_case_and_letters_that_look_like_digits_do_not_count() {
    for same in
        ["01AB-CDEF", "01ab cdef", " o1AB\u{2011}CDEF\n", "OiabCDEF", "0Lab—cdef", "O\u{a0}l-a-b-c-d-e-f-"]
    {
        assert_eq!(read(same), "01ABCDEF", "{same:?}");
    }
    for other in ["01ABCDE", "01ABCDEFF"] {
        assert_ne!(read(other), "01ABCDEF", "{other:?}");
    }
    for none in ["", "01ABCDEU", "01AB_CDEF", "０1ABCDEF", "01ABCDEF\0", "01ABCDEF\u{200b}", "01ABCDÉF"] {
        assert_eq!(read(none), "", "{none:?}");
    }
    assert_eq!(read(&"A".repeat(129)), "");
}

#[test]
fn a_code_is_grouped_and_reads_back() {
    let code = Code::of_random(&[0, 1, 31, 32, 33, 63, 255, 224, 30, 29, 28, 27, 26, 25, 24]);
    assert_eq!(code.grouped(4), "01Z0-1ZZ0-YXWV-TSR");
    assert_eq!(read(&code.grouped(4)).as_bytes(), code.as_bytes());
    assert_eq!(code.grouped(32), "01Z01ZZ0YXWVTSR");
}

/// Every byte value is as likely as any other, so every character must be too: 5 bits each.
#[test]
fn each_character_holds_five_bits() {
    let all: Vec<u8> = (0..=255).collect();
    let mut counts = BTreeMap::new();
    for byte in Code::of_random(&all).as_bytes() {
        *counts.entry(*byte).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 32);
    assert!(counts.values().all(|n| *n == 8));
    for shortest in [Config::default(), Config { length: 13, ..Config::default() }] {
        shortest.check().unwrap();
        assert!(u32::from(shortest.length) * 5 >= 64);
    }
}

#[test]
fn no_two_codes_of_many_lists_are_alike() {
    let plugin = made(Config { count: 50, ..Config::default() });
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let (_, reveal) = enrol(&plugin);
        assert!(reveal.codes.iter().all(|c| c.len() == 19 && seen.insert(c.clone())));
    }
    assert_eq!(seen.len(), 1000);
}

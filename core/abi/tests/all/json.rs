//! `gatewright_json.h` under AddressSanitizer and UBSan, against `serde_json`: the two take and refuse the same texts
//! and understand the same by them.

use super::cc;
use serde_json::Value;
use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let arguments = ["-std=c99", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    PROGRAM.get_or_init(|| cc::compile("gcc", &arguments, &cc::file("tests/c/json.c")))
}

/// What the C side says of each text.
fn understood(texts: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let mut child = Command::new(program())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = Vec::new();
    for text in texts {
        input.extend(u32::try_from(text.len()).expect("short").to_le_bytes());
        input.extend(text);
    }
    let mut stdin = child.stdin.take().expect("its input");
    let output = std::thread::scope(|scope| {
        // A sanitizer that ends it closes the pipe: its words are in the output.
        scope.spawn(move || stdin.write_all(&input).ok());
        child.wait_with_output().expect("it ends")
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}", output.status);
    let lines = output.stdout.split(|b| *b == b'\n').take(texts.len());
    lines.map(|line| (line != b"-").then(|| line.to_vec())).collect()
}

fn same(texts: &[Vec<u8>]) -> usize {
    let all = understood(texts);
    assert_eq!(all.len(), texts.len());
    for (text, c) in texts.iter().zip(&all) {
        let shown = String::from_utf8_lossy(text);
        match serde_json::from_slice::<Value>(text) {
            // It stops at a number that a double can't hold; what follows, nobody has judged.
            Err(e) if e.to_string().contains("number out of range") => {}
            Err(_) => assert_eq!(c, &None, "{shown}"),
            Ok(value) => {
                let c = c.as_deref().unwrap_or_else(|| panic!("refused: {shown}"));
                assert_eq!(value, serde_json::from_slice::<Value>(c).expect("JSON"), "{shown}");
            }
        }
    }
    all.iter().filter(|v| v.is_some()).count()
}

/// From sequence number to number that looks random (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % most as u64).expect("small")
    }
}

const SEEDS: [&str; 12] = [
    r#"{"scope":{"tenant":"default","now":1790000000000000,"person":null,"first":false,"pseudonym":[7,0,255]},"credentials":[{"id":"01890a5d-ac96-774b-bcce-b302099a8059","label":"blue","doc":{"used":2,"codes":["12345678","00000001"]}}],"state":{"position":3},"answer":{"code":"12345678"}}"#,
    r#" { "a" : [ 1 , -2.5e+10 , true , false , null , "x" , { } , [ ] ] , "" : "" } "#,
    r#""\u0041\ud83d\ude00\"\\\/\b\f\n\r\t\u0000é\u20ac""#,
    "\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"",
    "[9223372036854775807,-9223372036854775808,9223372036854775808,0,-0,1e5,0.5]",
    r#"{"a":1,"a":2,"b":{"c":[[[[]]]]}}"#,
    "[0,00,01]",
    "1.",
    r#""\ud83d""#,
    r#"["\udc00","\ud800\u0041"]"#,
    "nul",
    "[1,]",
];

/// Bytes that mean something here.
const TELLING: &[u8] =
    b"{}[]\",:\\/u0dD8c9eE+-.tfn \n\x00\x01\x1f\x7f\x80\xbf\xc0\xc2\xe0\xed\xa0\xf0\xf4\x90\xff";

#[test]
fn it_takes_and_refuses_what_serde_json_does_whatever_is_sent() {
    let mut dice = Dice(1);
    let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
    for seed in SEEDS {
        texts.extend((0..=seed.len()).map(|len| seed.as_bytes()[..len].to_vec()));
        for _ in 0..2_500 {
            let mut text = seed.as_bytes().to_vec();
            for _ in 0..=dice.below(3) {
                let (at, byte) = (dice.below(text.len().max(1)), TELLING[dice.below(TELLING.len())]);
                match dice.below(4) {
                    0 if at < text.len() => text[at] = byte,
                    1 if at < text.len() => drop(text.remove(at)),
                    2 => text.insert(at.min(text.len()), byte),
                    _ => {
                        let other = SEEDS[dice.below(SEEDS.len())].as_bytes();
                        let from = dice.below(other.len());
                        text.splice(at.min(text.len()).., other[from..].iter().copied());
                    }
                }
            }
            texts.push(text);
        }
    }
    let good = same(&texts);
    assert!(good > 2_000 && good < texts.len() - 2_000, "{good} of {} are JSON", texts.len());
}

#[test]
fn depth_is_bounded_and_costs_no_stack() {
    let nested = |depth: usize| format!("{}0{}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
    let texts = [nested(100), nested(127), b"[".repeat(1_000_000), br#"{"a":"#.repeat(200_000)];
    assert_eq!(same(&texts), 2);
    assert!(matches!(understood(&[nested(128), nested(129)]).as_slice(), [Some(_), None]));
}

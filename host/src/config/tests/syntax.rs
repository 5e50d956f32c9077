use super::*;

#[test]
fn a_syntax_error_has_its_line() {
    let report = lines("[http]\nname = 'x'\nlisten = \n", &[]);
    assert_eq!(report.len(), 1, "{report:?}");
    assert!(report[0].starts_with("gatewright.toml:3:"), "{report:?}");
    assert!(report[0].contains("TOML syntax: "), "{report:?}");
}

#[test]
fn broken_lines_hide_neither_each_other_nor_other_mistakes() {
    let toml = "[http]\nbody = nine\nname = 'x\nbodi = 1\n[plugins.ldap-sync]\nurl = \npassword = 'p'\n";
    let report = lines(toml, &[("GATEWRIGHT_STORE__SPEED", "x")]);
    let starts = [
        "gatewright.toml:2:8: TOML",
        "gatewright.toml:3:",
        "gatewright.toml:4:1: http.bodi: unknown key",
        "gatewright.toml:6:",
        "env GATEWRIGHT_STORE__SPEED: ",
    ];
    assert_eq!(report.len(), starts.len(), "{report:#?}");
    for (line, start) in report.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} does not start with {start}");
    }
}

#[test]
fn a_broken_list_is_one_mistake_and_the_environment_is_read_all_the_same() {
    let report = lines("[http]\nproxies = ['a' 'b',\n 'c']\n", &[("GATEWRIGHT_HTTP__BODY", "x")]);
    assert_eq!(report.len(), 2, "{report:#?}");
    assert!(report[0].starts_with("gatewright.toml:2:"), "{report:?}");
    let report = lines("[http]\nname = \"\"\"open\nbody = 1\n", &[]);
    assert_eq!(report.len(), 1, "{report:#?}");
}

#[test]
fn the_same_key_twice() {
    let report = lines("[http]\nbody = 1\nbody = 2\n", &[]);
    assert_eq!(report.len(), 1, "{report:?}");
    assert!(report[0].starts_with("gatewright.toml:3:1: TOML syntax: duplicate key"), "{report:?}");
}

#[test]
fn no_syntax_message_repeats_the_line() {
    let report = lines("[store]\nkey = \"hunter2\nspeed = 'calm'\n", &[]);
    assert!(!report.concat().contains("hunter2"), "{report:?}");
}

#[test]
fn limits() {
    let deep = format!("[http]\nname = {}{}", "[".repeat(20), "]".repeat(20));
    assert!(lines(&deep, &[]).concat().contains("nested deeper than 16 levels"));
    let deep = format!("a.{}a = 1", "a.".repeat(20));
    assert!(lines(&deep, &[]).concat().contains("nested deeper than 16 levels"));
    let folder = Folder::new();
    let large = folder.file("large.toml", "#".repeat(MAX_FILE_BYTES + 1), 0o600);
    let file =
        |file: PathBuf| Loader::new(sections()).load(Sources { file: Some(file), ..Sources::default() });
    assert_eq!(
        file(large.clone()).unwrap_err().to_string(),
        format!("{}: is larger than 1048576 bytes", large.display())
    );
    assert!(file(folder.file("full.toml", "#".repeat(MAX_FILE_BYTES), 0o644)).is_ok());
    let missing = file(folder.0.join("none.toml")).unwrap_err();
    assert!(missing.to_string().contains("none.toml: can't be read: "), "{missing}");
    let latin = file(folder.file("latin.toml", b"# x\nname = '\xe4'", 0o644)).unwrap_err();
    assert!(latin.to_string().ends_with("latin.toml:2:9: is not UTF-8"), "{latin}");
}

#[test]
fn every_cut_and_every_odd_character_is_survived() {
    let toml = "listen = 'ä:1'\n[http.tls]\ncertificate = \"c\"\n[[http.extra]]\nport = 1.5\n[store]\nengine = { kind = \"sqlite\" }\n";
    for cut in (0..toml.len()).filter(|at| toml.is_char_boundary(*at)) {
        let _ = load(&toml[..cut], &[]);
        for odd in ['=', '[', '"'] {
            let _ = load(&format!("{}{odd}{}", &toml[..cut], &toml[cut..]), &[]);
        }
    }
}

#[test]
fn deep_keys_end_in_a_message() {
    for text in [format!("{}a = 1", "a.".repeat(500_000)), format!("[{}a]", "a.".repeat(500_000))] {
        assert!(!load(&text, &[]).unwrap_err().is_empty());
    }
}

#[test]
fn dates_and_infinities() {
    assert_eq!(lines("[http]\nbody = 1979-05-27\n", &[]).len(), 1);
    assert_eq!(
        lines("[http]\nbody = inf\n", &[]),
        ["gatewright.toml:2:1: http.body: is not a finite number"]
    );
    assert_eq!(
        lines("[http]\nbody = 6.0\n", &[]),
        ["gatewright.toml:2:1: http.body: expected a whole number from 1 to 1000000, found 6.0"]
    );
    assert!(load("\u{feff}[http]\r\nname = 'x'\r\n", &[]).is_ok());
}

//! The card on paper.

use super::*;
use crate::print;

fn card(config: Config) -> Card {
    made(config).card()
}

#[test]
fn the_text_has_each_cell_under_its_letter_and_beside_its_number() {
    for (columns, rows, characters_per_cell) in [(10, 5, 2), (26, 20, 3), (4, 3, 3)] {
        let card = card(Config { columns, rows, characters_per_cell, ..Config::default() });
        let text = print::text(&card);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), usize::from(rows) + 1);
        for row in 0..rows {
            let line = lines[usize::from(row) + 1];
            assert_eq!(line.split_whitespace().next(), Some((row + 1).to_string().as_str()));
            for column in 0..columns {
                let cell = card.at(Cell { column, row }).unwrap();
                let place = lines[0].find(char::from(b'A' + column)).unwrap();
                assert_eq!(&line[place..place + cell.len()], cell, "{text}");
            }
        }
    }
}

#[test]
fn the_pdf_is_one_page_with_all_cells_inside_it() {
    let card = card(Config { columns: 26, rows: 20, characters_per_cell: 3, ..Config::default() });
    let file = data_encoding::BASE64.decode(print::pdf_base64(&card).as_bytes()).unwrap();
    assert!(file.starts_with(b"%PDF-1.") && file.ends_with(b"%%EOF"));
    let text = String::from_utf8_lossy(&file);
    for cell in print::rows(&card).concat() {
        assert!(text.contains(&format!("({cell}) Tj")), "{cell}");
    }
    let numbers =
        |line: &str| line.split_whitespace().filter_map(|n| n.parse::<f32>().ok()).collect::<Vec<_>>();
    let page = text.split("/MediaBox [").nth(1).unwrap().split(']').next().map(numbers).unwrap();
    for line in text.lines().filter(|line| line.ends_with(" Tm")) {
        let [.., x, y] = numbers(line)[..] else { panic!("{line}") };
        assert!(x > 0.0 && x + 18.0 < page[2] && y > 0.0 && y + 10.0 < page[3], "{line} in {page:?}");
    }
}

#[test]
fn whose_card_it_is_stands_nowhere() {
    let card = card(Config { valid_days: Some(30), ..Config::default() });
    let file = data_encoding::BASE64.decode(print::pdf_base64(&card).as_bytes()).unwrap();
    let text = String::from_utf8_lossy(&file).into_owned() + &print::text(&card);
    assert!(text.contains(&format!("Card {} until 2026-03-31", card.serial)));
    assert!(!text.contains("anna") && !text.contains("example.com"));
}

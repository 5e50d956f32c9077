//! The card on paper: as text and as a PDF. Whose it is stands on neither, so that who finds it does not know where it
//! opens a door.

use crate::{Card, Cell};
use data_encoding::BASE64;
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};

/// The cells, row by row.
pub(crate) fn rows(card: &Card) -> Vec<Vec<String>> {
    let cell = |row, column| card.at(Cell { column, row }).unwrap_or_default().to_owned();
    (0..card.rows).map(|row| (0..card.columns).map(|column| cell(row, column)).collect()).collect()
}

/// The name of a column.
fn letter(column: usize) -> char {
    char::from(b'A' + u8::try_from(column).unwrap_or(0))
}

/// In columns, for a font of one width.
pub(crate) fn text(card: &Card) -> String {
    let width = usize::from(card.characters_per_cell) + 2;
    let mut text = "    ".to_owned();
    for column in 0..usize::from(card.columns) {
        text.push_str(&format!("{:<width$}", letter(column)));
    }
    text = text.trim_end().to_owned();
    for (at, row) in rows(card).iter().enumerate() {
        text.push_str(&format!("\n{:>2}  {}", at + 1, row.join("  ")));
    }
    text.push('\n');
    text
}

/// A point is a 72nd of an inch.
const FONT: f32 = 10.0;
const MARGIN: f32 = 14.0;
const LINE: f32 = 18.0;
/// How wide a character of Courier is, in parts of its height.
const COURIER: f32 = 0.6;
const FONT_NAME: Name<'static> = Name(b"F1");

/// A PDF of one page, just as large as the card, in base64. Courier is one of the fonts that each reader has (ISO
/// 32000-1, section 9.6.2.2), so none is embedded.
pub(crate) fn pdf_base64(card: &Card) -> String {
    let cell = FONT * COURIER * (f32::from(card.characters_per_cell) + 1.5);
    let head = FONT * COURIER * 3.0;
    let width = 2.0 * MARGIN + head + cell * f32::from(card.columns);
    // Title, column letters, and the rows.
    let height = 2.0 * MARGIN + LINE * (f32::from(card.rows) + 2.0);
    let width = width.max(2.0 * MARGIN + FONT * COURIER * title(card).len() as f32);
    let page = Rect::new(0.0, 0.0, width, height);
    BASE64.encode(&document(page, &drawing(card, (cell, head), height)))
}

fn title(card: &Card) -> String {
    let until = card.expires.and_then(crate::moment);
    let until = until.and_then(|at| at.get(..10).map(|day| format!(" until {day}")));
    format!("Card {}{}", card.serial, until.unwrap_or_default())
}

fn drawing(card: &Card, (cell, head): (f32, f32), height: f32) -> Vec<u8> {
    let mut content = Content::new();
    let mut write = |text: &str, x: f32, line: f32| {
        content.begin_text();
        content.set_font(FONT_NAME, FONT);
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, height - MARGIN - FONT - LINE * line]);
        // Letters, digits and blanks only: the same in each encoding.
        content.show(Str(text.as_bytes()));
        content.end_text();
    };
    write(&title(card), MARGIN, 0.0);
    for column in 0..card.columns {
        let x = MARGIN + head + cell * f32::from(column);
        write(&letter(usize::from(column)).to_string(), x, 1.0);
    }
    for (row, cells) in (0_u8..).zip(rows(card)) {
        let line = f32::from(row) + 2.0;
        write(&format!("{:>2}", row + 1), MARGIN, line);
        for (column, text) in (0_u8..).zip(cells) {
            write(&text, MARGIN + head + cell * f32::from(column), line);
        }
    }
    // A rule under each line but the last, to lead the eye.
    content.set_line_width(0.4);
    for row in 0..=card.rows {
        let y = height - MARGIN - FONT - LINE * (f32::from(row) + 1.0) - (LINE - FONT) / 2.0;
        content.move_to(MARGIN, y);
        content.line_to(MARGIN + head + cell * f32::from(card.columns), y);
        content.stroke();
    }
    content.finish().to_vec()
}

fn document(page: Rect, drawing: &[u8]) -> Vec<u8> {
    let [catalog, pages, only, content, font] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([only]).count(1);
    let mut written = pdf.page(only);
    written.media_box(page).parent(pages).contents(content);
    written.resources().fonts().pair(FONT_NAME, font);
    written.finish();
    pdf.type1_font(font).base_font(Name(b"Courier"));
    pdf.stream(content, drawing);
    pdf.finish()
}

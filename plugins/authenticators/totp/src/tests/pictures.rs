//! Both pictures are read by a decoder that is not ours.

use super::*;
use data_encoding::BASE64;
use gatewright_device::Picture;

const USUAL: &str =
    "otpauth://totp/Gatewright:anna%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Gatewright";

fn decode(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    let grey = |x, y| if is_dark(x, y) { 0 } else { 255 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

/// Side and pixels of the PNG.
fn png(picture: &Picture) -> (usize, Vec<bool>) {
    let file = BASE64.decode(picture.png_base64().unwrap().as_bytes()).unwrap();
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut buffer).unwrap();
    assert_eq!((info.width, info.color_type), (info.height, png::ColorType::Grayscale));
    (info.width as usize, buffer.iter().map(|p| *p < 128).collect())
}

#[test]
fn the_png_reads_back() {
    let picture = Picture::of(USUAL).unwrap();
    let (side, dark) = png(&picture);
    assert_eq!(decode(side, |x, y| dark[y * side + x]), USUAL);
    assert!((200..600).contains(&side), "{side}");
}

#[test]
fn the_longest_names_fit() {
    let name = "é".repeat(128);
    let uri = credential(&[1; 64], Algorithm::Sha512, 8).uri(&"é".repeat(32), &name).unwrap();
    let (side, dark) = png(&Picture::of(&uri).unwrap());
    assert_eq!(decode(side, |x, y| dark[y * side + x]), uri);
}

/// Each dark module of the SVG is one `M<x>,<y>h1v1h-1` of its path.
#[test]
fn the_svg_reads_back_and_has_nothing_active_in_it() {
    let svg = Picture::of(USUAL).unwrap().svg();
    for word in ["script", "href", "onload", "style", "&", "<image"] {
        assert!(!svg.contains(word), "{word}");
    }
    let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
    let modules: std::collections::BTreeSet<(usize, usize)> = path
        .split('M')
        .skip(1)
        .map(|m| {
            let (x, y) = m.split_once('h').unwrap().0.split_once(',').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect();
    let side: usize = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(decode(side * 5, |x, y| modules.contains(&(x / 5, y / 5))), USUAL);
}

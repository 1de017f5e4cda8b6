//! Images that are bombs, broken, or carry more than a picture.

use crate::Attack;
use crate::make::*;

const UNREADABLE: &str = "DP-4008";
const PIXELS: &str = "DP-4014";
const ANIMATED: &str = "DP-4015";

fn png_of(pieces: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1A\n".to_vec(), pieces.concat()].concat()
}

fn data(bytes: &[u8]) -> Vec<u8> {
    png_chunk(b"IDAT", &deflated(bytes))
}

fn end() -> Vec<u8> {
    png_chunk(b"IEND", b"")
}

pub fn attacks() -> Vec<Attack> {
    let mut attacks = pngs();
    attacks.extend(jpegs());
    attacks.extend(tiffs_and_gifs());
    attacks
}

fn pngs() -> Vec<Attack> {
    let row = |what, bytes, code| (what, "a.png", "image/png", bytes, code);
    let good = || data(&[0; 15]);
    let text = |bytes: &[u8]| png_with(&[png_chunk(b"zTXt", &[b"k\0\0", bytes].concat())]);
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    vec![
        row(
            "png of 100,000 by 100,000",
            png_of(&[png_header(100_000, 100_000), good(), end()]),
            PIXELS,
        ),
        row(
            "png of 2^31 - 1 squared",
            png_of(&[png_header(0x7FFF_FFFF, 0x7FFF_FFFF), good(), end()]),
            PIXELS,
        ),
        row(
            "png of no width",
            png_of(&[png_header(0, 3), good(), end()]),
            UNREADABLE,
        ),
        row(
            "png whose data is a bomb",
            png_of(&[png_header(4, 3), data(&vec![0; 20_000_000]), end()]),
            UNREADABLE,
        ),
        row(
            "png whose data is short",
            png_of(&[png_header(4, 3), data(&[0; 14]), end()]),
            UNREADABLE,
        ),
        row(
            "png with a row too many",
            png_of(&[png_header(4, 3), data(&[0; 20]), end()]),
            UNREADABLE,
        ),
        row(
            "png whose data is no zlib",
            png_of(&[png_header(4, 3), png_chunk(b"IDAT", b"xxxx"), end()]),
            UNREADABLE,
        ),
        row(
            "png with bytes behind its data",
            png_of(&[
                png_header(4, 3),
                png_chunk(b"IDAT", &[deflated(&[0; 15]), b"more".to_vec()].concat()),
                end(),
            ]),
            UNREADABLE,
        ),
        row(
            "png without data",
            png_of(&[png_header(4, 3), end()]),
            UNREADABLE,
        ),
        row(
            "png whose data is in two places",
            png_of(&[
                png_header(4, 3),
                good(),
                png_chunk(b"tEXt", b"a\0b"),
                good(),
                end(),
            ]),
            UNREADABLE,
        ),
        row("png without a header", png_of(&[good(), end()]), UNREADABLE),
        row(
            "png with two headers",
            png_of(&[png_header(4, 3), png_header(4, 3), good(), end()]),
            UNREADABLE,
        ),
        row(
            "png without an end",
            png_of(&[png_header(4, 3), good()]),
            UNREADABLE,
        ),
        row("png cut in half", half(png()), UNREADABLE),
        row(
            "png with a wrong check sum",
            replaced(png(), b"IDAT", b"IDAU"),
            UNREADABLE,
        ),
        row(
            "png whose chunk is longer than the file",
            png_of(&[png_header(4, 3), b"\xFF\xFF\xFF\xFFIDAT".to_vec()]),
            UNREADABLE,
        ),
        row(
            "png with a critical chunk of no version",
            png_with(&[png_chunk(b"EVIL", b"x")]),
            UNREADABLE,
        ),
        row(
            "png with two palettes",
            png_with(&[png_chunk(b"PLTE", &[0; 3]), png_chunk(b"PLTE", &[0; 3])]),
            UNREADABLE,
        ),
        row(
            "png whose end holds something",
            png_of(&[png_header(4, 3), good(), png_chunk(b"IEND", b"x")]),
            UNREADABLE,
        ),
        row(
            "animated png",
            png_with(&[png_chunk(b"acTL", &[0, 0, 0x27, 0x10, 0, 0, 0, 0])]),
            ANIMATED,
        ),
        row(
            "animated png without control",
            png_with(&[png_chunk(b"fdAT", &[0; 8])]),
            ANIMATED,
        ),
        row(
            "png of 3 bits a sample",
            png_of(&[
                png_chunk(b"IHDR", &[0, 0, 0, 4, 0, 0, 0, 3, 3, 0, 0, 0, 0]),
                good(),
                end(),
            ]),
            UNREADABLE,
        ),
        row(
            "text bomb in a png",
            text(&deflated(&vec![b'a'; 70_000_000])),
            "DP-4009",
        ),
        row("text in a png that is no zlib", text(b"none"), UNREADABLE),
        row(
            "png of 30,000 chunks",
            png_with(&vec![png_chunk(b"gAMA", &[0; 4]); 30_000]),
            "DP-4009",
        ),
    ]
}

fn jpegs() -> Vec<Attack> {
    let row = |what, bytes, code| (what, "a.jpg", "image/jpeg", bytes, code);
    let frame = |marker, width, height, components| {
        jpeg_of(&[jpeg_frame(marker, width, height, components), jpeg_scan()])
    };
    let half = |bytes: Vec<u8>| bytes[..bytes.len() - 8].to_vec();
    vec![
        row(
            "jpeg of 65,535 squared",
            frame(0xC0, 65_535, 65_535, 3),
            PIXELS,
        ),
        row("jpeg without height", frame(0xC0, 4, 0, 3), UNREADABLE),
        row("lossless jpeg", frame(0xC3, 4, 3, 3), UNREADABLE),
        row("arithmetic jpeg", frame(0xC9, 4, 3, 3), UNREADABLE),
        row("jpeg of 200 components", frame(0xC0, 4, 3, 200), UNREADABLE),
        row(
            "jpeg with two frames",
            jpeg_of(&[
                jpeg_frame(0xC0, 4, 3, 1),
                jpeg_frame(0xC0, 9, 9, 1),
                jpeg_scan(),
            ]),
            UNREADABLE,
        ),
        row(
            "jpeg inside a jpeg",
            jpeg_of(&[jpeg_frame(0xC0, 4, 3, 1), jpeg_scan(), jpeg()]),
            UNREADABLE,
        ),
        row("jpeg without a frame", jpeg_of(&[]), UNREADABLE),
        row(
            "jpeg without a scan",
            jpeg_of(&[jpeg_frame(0xC0, 4, 3, 1)]),
            UNREADABLE,
        ),
        row("jpeg without an end", half(jpeg()), UNREADABLE),
        row(
            "jpeg whose segment is longer than the file",
            b"\xFF\xD8\xFF\xE1\xFF\xFF".to_vec(),
            UNREADABLE,
        ),
        row(
            "jpeg whose segment has no length",
            jpeg_of(&[vec![0xFF, 0xE1, 0, 1]]),
            UNREADABLE,
        ),
        row(
            "exif whose directory leads to itself",
            jpeg_with(&[jpeg_exif(
                &[b"II*\0\x08\0\0\0".to_vec(), ifd(&[], 8)].concat(),
            )]),
            UNREADABLE,
        ),
        row(
            "exif whose text lies outside",
            jpeg_with(&[jpeg_exif(
                &[
                    b"II*\0\x08\0\0\0".to_vec(),
                    ifd(&[(0x10E, 2, 9999, 9999)], 0),
                ]
                .concat(),
            )]),
            UNREADABLE,
        ),
        row(
            "exif of 65,535 entries",
            jpeg_with(&[jpeg_exif(b"II*\0\x08\0\0\0\xFF\xFF")]),
            UNREADABLE,
        ),
        row(
            "exif that is none",
            jpeg_with(&[jpeg_exif(b"ZZ")]),
            UNREADABLE,
        ),
        row(
            "jpeg of 3,000 segments",
            jpeg_with(&vec![jpeg_segment(0xDB, &[0; 65]); 3000]),
            "DP-4009",
        ),
        row("progressive jpeg in four inks", frame(0xC2, 4, 3, 4), ""),
    ]
}

fn tiffs_and_gifs() -> Vec<Attack> {
    let tiff_row = |what, bytes, code| (what, "a.tiff", "image/tiff", bytes, code);
    let gif_row = |what, bytes, code| (what, "a.gif", "image/gif", bytes, code);
    let big = tiff_entries(100_000, 100_000);
    let mut outside = tiff_entries(4, 3);
    outside[3].3 = 99_999;
    // Each directory of four entries has 54 bytes; the next stands behind it.
    let chain: Vec<u8> = (1..=60)
        .flat_map(|page| {
            ifd(
                &tiff_entries(4, 3),
                if page == 60 { 0 } else { 20 + page * 54 },
            )
        })
        .collect();
    vec![
        tiff_row(
            "tiff of 100,000 by 100,000",
            tiff_with(&ifd(&big, 0)),
            PIXELS,
        ),
        tiff_row(
            "tiff whose directory leads to itself",
            tiff_with(&ifd(&tiff_entries(4, 3), 20)),
            UNREADABLE,
        ),
        tiff_row(
            "tiff whose strip lies outside",
            tiff_with(&ifd(&outside, 0)),
            UNREADABLE,
        ),
        tiff_row("tiff without an image", tiff_with(&ifd(&[], 0)), UNREADABLE),
        tiff_row(
            "tiff whose directory lies outside",
            b"II*\0\xFF\xFF\xFF\xFF".to_vec(),
            UNREADABLE,
        ),
        tiff_row(
            "tiff whose count overflows",
            tiff_with(&ifd(&[(256, 4, 0xFFFF_FFFF, 8)], 0)),
            UNREADABLE,
        ),
        tiff_row("tiff of 60 pages", tiff_with(&chain), "DP-4013"),
        gif_row(
            "gif of two frames",
            gif_of(&[gif_frame(), gif_frame()]),
            ANIMATED,
        ),
        gif_row(
            "gif that loops",
            gif_of(&[
                b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0".to_vec(),
                gif_frame(),
            ]),
            ANIMATED,
        ),
        gif_row(
            "gif of 65,535 squared",
            replaced(gif(), b"GIF89a\x04\0\x03\0", b"GIF89a\xFF\xFF\xFF\xFF"),
            PIXELS,
        ),
        gif_row("gif without a frame", gif_of(&[]), UNREADABLE),
        gif_row(
            "gif without an end",
            gif()[..gif().len() - 1].to_vec(),
            UNREADABLE,
        ),
        gif_row(
            "gif whose block is cut off",
            b"GIF89a\x04\0\x03\0\0\0\0\x21\xFE\xFFab".to_vec(),
            UNREADABLE,
        ),
    ]
}

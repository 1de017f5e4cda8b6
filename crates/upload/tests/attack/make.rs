//! Small valid files of every kind, and ways to spoil them. Everything is made here, so that no sample that scanners
//! dislike lies in the tree.

#![allow(clippy::as_conversions, clippy::expect_used)]

/// A published test number, joined where it is used.
pub const CARD: &str = "4242424242424242";

pub fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut checked = name.to_vec();
    checked.extend_from_slice(data);
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend_from_slice(&checked);
    chunk.extend_from_slice(&crc32fast::hash(&checked).to_be_bytes());
    chunk
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

pub fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend_from_slice(&height.to_be_bytes());
    // Eight bits of grey, not interlaced.
    header.extend_from_slice(&[8, 0, 0, 0, 0]);
    png_chunk(b"IHDR", &header)
}

/// A grey image of 4 by 3 with `extra` chunks before its data.
pub fn png_with(extra: &[Vec<u8>]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    png.extend(png_header(4, 3));
    png.extend(extra.concat());
    png.extend(png_chunk(b"IDAT", &deflated(&[0_u8; 15])));
    png.extend(png_chunk(b"IEND", b""));
    png
}

pub fn png() -> Vec<u8> {
    png_with(&[])
}

pub fn jpeg_segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xFF, marker];
    segment.extend_from_slice(&(data.len() as u16 + 2).to_be_bytes());
    segment.extend_from_slice(data);
    segment
}

/// A frame of so many components.
pub fn jpeg_frame(marker: u8, width: u16, height: u16, components: u8) -> Vec<u8> {
    let mut frame = vec![8];
    frame.extend_from_slice(&height.to_be_bytes());
    frame.extend_from_slice(&width.to_be_bytes());
    frame.push(components);
    for component in 1..=components {
        frame.extend_from_slice(&[component, 0x11, 0]);
    }
    jpeg_segment(marker, &frame)
}

pub fn jpeg_of(pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    jpeg.extend(pieces.concat());
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

pub fn jpeg_scan() -> Vec<u8> {
    let mut scan = jpeg_segment(0xDA, &[1, 1, 0, 0, 63, 0]);
    scan.extend_from_slice(&[0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56]);
    scan
}

pub fn jpeg_with(extra: &[Vec<u8>]) -> Vec<u8> {
    let tables = jpeg_segment(0xDB, &[0; 65]);
    jpeg_of(&[
        extra.concat(),
        tables,
        jpeg_frame(0xC0, 4, 3, 1),
        jpeg_scan(),
    ])
}

pub fn jpeg() -> Vec<u8> {
    jpeg_with(&[])
}

/// Directories of a TIFF, each entry (tag, form, count, value), all little-endian; `next` is where a further one stands.
pub fn ifd(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let mut out = (entries.len() as u16).to_le_bytes().to_vec();
    for (tag, form, count, value) in entries {
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&form.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&next.to_le_bytes());
    out
}

/// One strip at 8, then `directory` at 20.
pub fn tiff_with(directory: &[u8]) -> Vec<u8> {
    let mut tiff = b"II*\0".to_vec();
    tiff.extend_from_slice(&20_u32.to_le_bytes());
    tiff.extend_from_slice(&[7; 12]);
    tiff.extend_from_slice(directory);
    tiff
}

pub fn tiff_entries(width: u32, height: u32) -> [(u16, u16, u32, u32); 4] {
    [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (273, 4, 1, 8),
        (279, 4, 1, 12),
    ]
}

pub fn tiff() -> Vec<u8> {
    tiff_with(&ifd(&tiff_entries(4, 3), 0))
}

/// Exif with one text of more than four bytes.
pub fn exif(tag: u16, text: &str) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0".to_vec();
    exif.extend(ifd(&[(tag, 2, text.len() as u32, 26)], 0));
    exif.extend_from_slice(text.as_bytes());
    exif
}

pub fn jpeg_exif(block: &[u8]) -> Vec<u8> {
    jpeg_segment(0xE1, &[b"Exif\0\0", block].concat())
}

pub fn gif_frame() -> Vec<u8> {
    vec![0x2C, 0, 0, 0, 0, 4, 0, 3, 0, 0, 2, 2, 0x4C, 0x01, 0]
}

pub fn gif_of(pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut gif = b"GIF89a\x04\0\x03\0\0\0\0".to_vec();
    gif.extend(pieces.concat());
    gif.push(0x3B);
    gif
}

pub fn gif_comment(text: &str) -> Vec<u8> {
    let mut comment = vec![0x21, 0xFE, text.len() as u8];
    comment.extend_from_slice(text.as_bytes());
    comment.push(0);
    comment
}

pub fn gif() -> Vec<u8> {
    gif_of(&[gif_frame()])
}

/// The end of an archive whose directory is empty.
pub fn zip_end() -> Vec<u8> {
    [b"PK\x05\x06".as_slice(), &[0; 18]].concat()
}

/// Objects of a PDF by their order, the first being number 1, written with a table and a trailer.
pub fn pdf_of(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(pdf.len());
        pdf.extend(format!("{number} 0 obj\n").into_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let table = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        pdf.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let size = objects.len() + 1;
    pdf.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n")
            .into_bytes(),
    );
    pdf
}

pub fn stream(dict: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("<< /Length {} {dict} >>\nstream\n", bytes.len());
    [head.as_bytes(), bytes, b"\nendstream"].concat()
}

pub fn flate(dict: &str, bytes: &[u8]) -> Vec<u8> {
    stream(&format!("/Filter /FlateDecode {dict}"), &deflated(bytes))
}

/// Catalog, tree, one page, its content, its font, and further objects from number 6 on.
pub fn pdf_objects(content: Vec<u8>, more: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /X1 6 0 R >> >> >>".to_vec(),
        content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
    ];
    objects.extend_from_slice(more);
    objects
}

/// One page with this content, deflated.
pub fn pdf_showing(content: &str) -> Vec<u8> {
    pdf_of(&pdf_objects(flate("", content.as_bytes()), &[]), "")
}

pub fn pdf() -> Vec<u8> {
    pdf_showing("BT /F1 12 Tf 72 720 Td (Delivered on 3 March) Tj ET")
}

/// With one object more, which the cross-reference knows and nothing uses.
pub fn pdf_with(object: &str) -> Vec<u8> {
    let content = flate("", b"BT /F1 12 Tf (x) Tj ET");
    pdf_of(&pdf_objects(content, &[object.as_bytes().to_vec()]), "")
}

/// With a stream more.
pub fn pdf_with_stream(object: Vec<u8>) -> Vec<u8> {
    pdf_of(&pdf_objects(flate("", b"BT ET"), &[object]), "")
}

/// With another catalog.
pub fn pdf_catalog(more: &str) -> Vec<u8> {
    let mut objects = pdf_objects(flate("", b"BT ET"), &[]);
    if let Some(catalog) = objects.first_mut() {
        *catalog = format!("<< /Type /Catalog /Pages 2 0 R {more} >>").into_bytes();
    }
    pdf_of(&objects, "")
}

/// Where the bytes stand first.
pub fn place(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .position(|window| window == what)
        .expect("it stands there")
}

/// The first occurrence replaced by bytes of the same length.
pub fn replaced(mut bytes: Vec<u8>, what: &[u8], by: &[u8]) -> Vec<u8> {
    assert_eq!(what.len(), by.len());
    let at = place(&bytes, what);
    bytes.splice(at..at + what.len(), by.iter().copied());
    bytes
}

/// A PDF 1.5 whose catalog, tree and page stand in an object stream, with a cross-reference stream. `claimed` is how many
/// objects the stream says it has; `columns` the predictor's.
pub fn pdf_packed(claimed: usize, catalog: &str) -> Vec<u8> {
    let inner = [
        catalog,
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R >>",
    ];
    let (mut head, mut body) = (String::new(), String::new());
    for (number, object) in (1..).zip(inner) {
        head.push_str(&format!("{number} {} ", body.len()));
        body.push_str(object);
        body.push(' ');
    }
    let mut pdf = b"%PDF-1.5\n".to_vec();
    let packed = pdf.len();
    pdf.extend_from_slice(b"4 0 obj\n");
    let all = format!("{head}{body}");
    pdf.extend(flate(
        &format!("/Type /ObjStm /N {claimed} /First {}", head.len()),
        all.as_bytes(),
    ));
    pdf.extend_from_slice(b"\nendobj\n");
    let table = pdf.len();
    let mut rows = vec![0_u8, 0, 0, 0];
    for index in 0..3 {
        rows.extend_from_slice(&[2, 0, 4, index]);
    }
    for place in [packed, table] {
        rows.push(1);
        rows.extend_from_slice(&(place as u16).to_be_bytes());
        rows.push(0);
    }
    // PNG's filter "up" before each row, as writers use it.
    let mut filtered = Vec::new();
    let mut above = [0_u8; 4];
    for row in rows.chunks(4) {
        filtered.push(2);
        for (byte, up) in row.iter().zip(above) {
            filtered.push(byte.wrapping_sub(up));
        }
        above.copy_from_slice(row);
    }
    pdf.extend_from_slice(b"5 0 obj\n");
    let dict =
        "/Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /DecodeParms << /Predictor 12 /Columns 4 >>";
    pdf.extend(flate(dict, &filtered));
    pdf.extend(format!("\nendobj\nstartxref\n{table}\n%%EOF\n").into_bytes());
    pdf
}

/// In base 85; the length is a multiple of four.
pub fn base85(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for four in bytes.chunks(4) {
        let mut number = u32::from_be_bytes(four.try_into().expect("four bytes"));
        let mut five = [0; 5];
        for digit in five.iter_mut().rev() {
            *digit = b'!' + (number % 85) as u8;
            number /= 85;
        }
        out.extend(five);
    }
    out.extend(b"~>");
    out
}

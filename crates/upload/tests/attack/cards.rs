//! Card numbers in every writing and every place, and numbers that are none. All are published test numbers.

use crate::Attack;
use crate::make::*;

const CARD_DATA: &str = "DP-4016";

fn note(what: &'static str, text: String, code: &'static str) -> Attack {
    (what, "note.txt", "text/plain", text.into_bytes(), code)
}

/// `4242<by>4242<by>4242<by>4242`
fn parted(by: &str) -> String {
    ["4242"; 4].join(by)
}

fn with_zero(zero: char) -> String {
    let digit = |c: char| char::from_u32(zero as u32 + c.to_digit(10).unwrap()).unwrap();
    CARD.chars().map(digit).collect()
}

fn escaped(each: impl Fn(u32) -> String) -> String {
    CARD.chars().map(|c| each(c as u32)).collect()
}

pub fn written() -> Vec<Attack> {
    let row = |what, text: String| note(what, format!("paid with {text}, thanks"), CARD_DATA);
    let base64 = "NDI0MjQyNDI0MjQyNDI0Mg==";
    vec![
        row("visa", CARD.into()),
        row("visa of 13", "4222222222222".into()),
        row("mastercard", "5555555555554444".into()),
        row("mastercard of the 2-series", "2223003122003222".into()),
        row("american express", "378282246310005".into()),
        row("diners", "30569309025904".into()),
        row("discover", "6011111111111117".into()),
        row("jcb", "3530111333300000".into()),
        row("unionpay of 19", "6205500000000000004".into()),
        row("spaces", parted(" ")),
        row("no-break spaces", parted("\u{A0}")),
        row("narrow no-break spaces", parted("\u{202F}")),
        row("hyphens", parted("-")),
        row("dashes", parted("\u{2013}")),
        row("dots", parted(".")),
        row("slashes", parted("/")),
        row("line breaks", parted("\n")),
        row("windows line breaks", parted("\r\n")),
        row("tabs", parted("\t")),
        row("zero-width spaces", parted("\u{200B}")),
        row("soft hyphens", parted("\u{AD}")),
        row("byte order marks", parted("\u{FEFF}")),
        row("spaced hyphens", parted(" - ")),
        row(
            "a space after every digit",
            CARD.chars().map(|c| format!("{c} ")).collect(),
        ),
        row(
            "a zero-width joiner after every digit",
            CARD.chars().map(|c| format!("{c}\u{200D}")).collect(),
        ),
        row("american express as printed", "3782 822463 10005".into()),
        row("diners as printed", "3056 930902 5904".into()),
        row("wrapped anywhere", "424242\n4242424242".into()),
        row("fullwidth digits", with_zero('\u{FF10}')),
        row("arabic-indic digits", with_zero('\u{660}')),
        row("eastern arabic digits", with_zero('\u{6F0}')),
        row("devanagari digits", with_zero('\u{966}')),
        row("mathematical bold digits", with_zero('\u{1D7CE}')),
        row("percent signs", escaped(|c| format!("%{c:02X}"))),
        row("character references", escaped(|c| format!("&#{c};"))),
        row("hexadecimal references", escaped(|c| format!("&#x{c:x};"))),
        row("json escapes", escaped(|c| format!("\\u{c:04x}"))),
        row("hexadecimal", escaped(|c| format!("{c:02x}"))),
        row("base64", base64.into()),
        row(
            "in a web address",
            format!("https://example.com/?pan={CARD}&x=1"),
        ),
        row("in json", format!("{{\"pan\":\"{CARD}\"}}")),
        row(
            "in a stack trace",
            format!("at Pay.charge(Pay.java:12) [{CARD}]"),
        ),
        row("track 2", format!(";{CARD}=25121010000012300000?")),
        row("track 1", format!("%B{CARD}^HOLDER/CARD^2512101?")),
        row("with its security code", format!("{CARD} cvv: 123")),
        row("after its security code", format!("CVC 1234 {CARD}")),
        row("behind another number", format!("1234 {}", parted(" "))),
        row("before another number", format!("{} 12/28", parted(" "))),
    ]
}

fn shown(what: &'static str, content: &str) -> Attack {
    (what, "a.pdf", "", pdf_showing(content), CARD_DATA)
}

/// A font of glyph numbers, explained by a character map or by nobody; the card as glyphs, the digit 0 being `zero`.
fn glyphs(zero: u32, map: Option<&str>) -> Vec<u8> {
    let codes: String = CARD
        .chars()
        .map(|c| format!("{:04x}", zero + c.to_digit(10).unwrap()))
        .collect();
    let content = format!("BT /F1 12 Tf <{codes}> Tj ET");
    let mut objects = pdf_objects(
        flate("", content.as_bytes()),
        &[flate("", map.unwrap_or("").as_bytes())],
    );
    let unicode = if map.is_some() {
        "/ToUnicode 6 0 R"
    } else {
        ""
    };
    objects[4] =
        format!("<< /Type /Font /Subtype /Type0 /Encoding /Identity-H {unicode} >>").into_bytes();
    pdf_of(&objects, "")
}

pub fn placed() -> Vec<Attack> {
    let pdf = |what, bytes: Vec<u8>| (what, "a.pdf", "", bytes, CARD_DATA);
    let png = |what, chunk: Vec<u8>| (what, "a.png", "", png_with(&[chunk]), CARD_DATA);
    let jpeg = |what, segment: Vec<u8>| (what, "a.jpg", "", jpeg_with(&[segment]), CARD_DATA);
    let single: String = CARD
        .chars()
        .map(|c| format!("1 0 0 1 9 9 Tm ({c}) Tj "))
        .collect();
    let utf16: String = CARD.chars().map(|c| format!("{:04X}", c as u32)).collect();
    let xmp = format!("<x:xmpmeta><dc:title>{CARD}</dc:title></x:xmpmeta>");
    let form = stream(
        "/Subtype /Form /Resources << >>",
        format!("BT ({CARD}) Tj ET").as_bytes(),
    );
    let names = "<< /Type /Font /Subtype /Type1 /Encoding << /Differences [65 /zero /one /two /three /four] >> >>";
    let range = "1 beginbfrange <0100> <0109> <0030> endbfrange";
    let chars = "2 beginbfchar <0104> <0034> <0102> <0032> endbfchar";
    let keyed = |key: &[u8]| [key, CARD.as_bytes()].concat();
    let deflated_text = [b"k\0\0".to_vec(), deflated(CARD.as_bytes())].concat();
    let international = [b"k\0\x01\0en\0k\0".to_vec(), deflated(CARD.as_bytes())].concat();
    let mut differing = pdf_objects(flate("", b"BT /F1 9 Tf (ECECECECECECECEC) Tj ET"), &[]);
    differing[4] = names.as_bytes().to_vec();
    vec![
        shown("on a page", &format!("BT /F1 12 Tf ({CARD}) Tj ET")),
        shown(
            "on a page in hexadecimal",
            &format!("BT <{}> Tj ET", hex::encode(CARD)),
        ),
        shown(
            "on a page in octal",
            &format!("BT ({}) Tj ET", escaped(|c| format!("\\{c:03o}"))),
        ),
        shown(
            "split over TJ",
            "BT [(42) -20 (42) 3 (4242) -10.5 (4242) (4242)] TJ ET",
        ),
        shown(
            "split over TJ with spaces",
            "BT [(4242) -300 (4242) -300 (4242) -300 (4242)] TJ ET",
        ),
        shown("split over Tj", "BT (42424242) Tj (42424242) Tj ET"),
        shown(
            "split over lines",
            "BT (4242) Tj T* (4242) Tj T* (4242) ' 0 0 (4242) \" ET",
        ),
        shown("every digit by itself", &format!("BT {single} ET")),
        shown(
            "in a reader's text",
            &format!("/Span << /ActualText ({CARD}) >> BDC EMC"),
        ),
        shown(
            "behind an inline picture",
            &format!("BI /W 1 /H 1 ID \x01\x02 EI BT ({CARD}) Tj ET"),
        ),
        pdf(
            "on a page that is not deflated",
            pdf_of(
                &pdf_objects(stream("", format!("({CARD}) Tj").as_bytes()), &[]),
                "",
            ),
        ),
        pdf(
            "on a page in base 85",
            pdf_of(
                &pdf_objects(
                    stream(
                        "/Filter /ASCII85Decode",
                        &base85(format!("({CARD})Tj").as_bytes()),
                    ),
                    &[],
                ),
                "",
            ),
        ),
        pdf(
            "in a form of a page",
            pdf_of(
                &pdf_objects(stream("", b"/X1 Do"), std::slice::from_ref(&form)),
                "",
            ),
        ),
        pdf("in a form of no page", pdf_with_stream(form)),
        pdf(
            "in an unused stream",
            pdf_with_stream(flate("", format!("x = {CARD}").as_bytes())),
        ),
        pdf("in a font of named digits", pdf_of(&differing, "")),
        pdf("in glyphs explained by a range", glyphs(0x100, Some(range))),
        pdf("in glyphs explained one by one", glyphs(0x100, Some(chars))),
        pdf("in glyphs that nobody explains", glyphs(19, None)),
        pdf(
            "in a title",
            pdf_of(
                &pdf_objects(
                    stream("", b""),
                    &[format!("<< /Title ({CARD}) >>").into_bytes()],
                ),
                "/Info 6 0 R",
            ),
        ),
        pdf(
            "in a title in utf-16",
            pdf_with(&format!("<< /Title <FEFF{utf16}> >>")),
        ),
        pdf(
            "in the trailer",
            pdf_of(
                &pdf_objects(stream("", b""), &[]),
                &format!("/Note ({CARD})"),
            ),
        ),
        pdf(
            "in a note on a page",
            pdf_with(&format!(
                "<< /Type /Annot /Subtype /Text /Contents ({}) >>",
                parted(" ")
            )),
        ),
        pdf(
            "in a form's field",
            pdf_with(&format!("<< /FT /Tx /V ({CARD}) >>")),
        ),
        pdf(
            "in xmp",
            pdf_with_stream(flate("/Type /Metadata /Subtype /XML", xmp.as_bytes())),
        ),
        pdf(
            "in an object stream",
            pdf_packed(
                3,
                &format!("<< /Type /Catalog /Pages 2 0 R /Lang ({CARD}) >>"),
            ),
        ),
        pdf(
            "in an object that was replaced",
            pdf_of(
                &[
                    pdf_objects(stream("", b""), &[]),
                    vec![format!("null\nendobj\n6 0 obj\n({CARD})").into_bytes()],
                ]
                .concat(),
                "",
            ),
        ),
        png("in png text", png_chunk(b"tEXt", &keyed(b"Author\0"))),
        png(
            "in a png keyword",
            png_chunk(b"tEXt", &[CARD.as_bytes(), b"\0x"].concat()),
        ),
        png("in deflated png text", png_chunk(b"zTXt", &deflated_text)),
        png(
            "in deflated international png text",
            png_chunk(b"iTXt", &international),
        ),
        png(
            "in international png text",
            png_chunk(b"iTXt", &keyed(b"k\0\0\0\0\0")),
        ),
        png("in exif of a png", png_chunk(b"eXIf", &exif(0x10E, CARD))),
        pdf("in a pdf's key", pdf_with(&format!("<< /{CARD} 1 >>"))),
        pdf("in a pdf's name", pdf_with(&format!("/{CARD}"))),
        png("in a private chunk", png_chunk(b"prVt", CARD.as_bytes())),
        jpeg("in a jpeg comment", jpeg_segment(0xFE, CARD.as_bytes())),
        jpeg("in an exif description", jpeg_exif(&exif(0x10E, CARD))),
        jpeg("in an exif comment", jpeg_exif(&exif(0x9286, CARD))),
        jpeg(
            "in xmp of a jpeg",
            jpeg_segment(0xE1, &keyed(b"http://ns.adobe.com/xap/1.0/\0")),
        ),
        jpeg(
            "in photoshop's segment",
            jpeg_segment(0xED, &keyed(b"Photoshop 3.0\0")),
        ),
        (
            "in a gif comment",
            "a.gif",
            "",
            gif_of(&[gif_comment(CARD), gif_frame()]),
            CARD_DATA,
        ),
        (
            "in a file name",
            "4242-4242-4242-4242.pdf",
            "",
            crate::make::pdf(),
            CARD_DATA,
        ),
        (
            "in a file name without extension",
            CARD,
            "",
            crate::make::png(),
            CARD_DATA,
        ),
    ]
}

pub fn negatives() -> Vec<Attack> {
    let row = |what, text: &str| note(what, text.to_owned(), "");
    vec![
        row("a wrong check digit", "4242424242424241"),
        row(
            "an acquirer reference of 23 digits",
            "74242424242424242424242",
        ),
        row("a card inside a longer run", "99424242424242424242999"),
        row("an imei", "356938035643809"),
        row("a number of no network", "9999999999999995"),
        row("a tracking number of 22 digits", "9400111899223100001234"),
        row("a tracking number with letters", "1Z999AA10123456784"),
        row("milliseconds", "1767225600000 1767225600001"),
        row("a date and a time", "2026-03-02T04:05:06.123456Z"),
        row("an order with dashes", "ORD-2026-000123-4567"),
        row("amounts in a table", "4242.10\t4242.20\t4242.30\t99.00"),
        row("only the last four", "card ending in 4242"),
        row("masked", "424242******4242"),
        row("a number parted by letters", "42424242a42424242"),
        (
            "widths of a font",
            "a.pdf",
            "",
            pdf_with("<< /Widths [444 500 444 500 556 556 444 500 444 556 500 444 500] >>"),
            "",
        ),
        (
            "a drawing",
            "a.pdf",
            "",
            pdf_showing("4242.4242 4242.4242 m 4242 4242 4242 4242 re f"),
            "",
        ),
        ("a cross-reference", "a.pdf", "", pdf(), ""),
    ]
}

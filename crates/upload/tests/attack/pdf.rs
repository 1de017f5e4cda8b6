//! PDFs that act, lie about themselves, or unfold.

use crate::Attack;
use crate::make::*;

const ACTIVE: &str = "DP-4011";
const UNREADABLE: &str = "DP-4008";
const ENCRYPTED: &str = "DP-4010";
const BOUND: &str = "DP-4009";

fn row(what: &'static str, bytes: Vec<u8>, code: &'static str) -> Attack {
    (what, "a.pdf", "application/pdf", bytes, code)
}

pub fn active() -> Vec<Attack> {
    let with = |what, object: &str| row(what, pdf_with(object), ACTIVE);
    let catalog = |what, more: &str| row(what, pdf_catalog(more), ACTIVE);
    let packed = "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (x) >> >>";
    let signed = |range: &str| {
        pdf_with(&format!(
            "<< /Type /Sig /ByteRange [{range}] /Contents <00> >>"
        ))
    };
    // Ten digits each, so that the length of the file is known before it is written.
    let whole = {
        let draft = signed("0000000000 0000000000 0000000001 0000000002");
        let rest = format!("{:010}", draft.len() - 1);
        replaced(draft, b"0000000002", rest.as_bytes())
    };
    vec![
        catalog(
            "script on opening",
            "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        ),
        catalog("action on opening, elsewhere", "/OpenAction 5 0 R"),
        catalog(
            "destination that is an action",
            "/OpenAction [3 0 R << /S /Launch >>]",
        ),
        catalog(
            "scripts by name",
            "/Names << /JavaScript << /Names [(a) 5 0 R] >> >>",
        ),
        catalog(
            "embedded files by name",
            "/Names << /EmbeddedFiles << /Names [] >> >>",
        ),
        catalog("xfa form", "/AcroForm << /Fields [] /XFA 5 0 R >>"),
        catalog("actions of the document", "/AA << /WC 5 0 R >>"),
        with(
            "launch of a program",
            "<< /S /Launch /Win << /F (cmd.exe) >> >>",
        ),
        with("script in an action", "<< /S /JavaScript >>"),
        with("script whose name is escaped", "<< /S /J#61vaScr#69pt >>"),
        with("script whose key is escaped", "<< /J#53 (x) >>"),
        with(
            "script deep in arrays",
            "[[[ << /A << /S /JavaScript >> >> ]]]",
        ),
        with(
            "link into another file",
            "<< /S /GoToR /F (other.pdf) /D [0 /Fit] >>",
        ),
        with("link into an embedded file", "<< /S /GoToE >>"),
        with(
            "form that sends itself",
            "<< /S /SubmitForm /F (http://example.com) >>",
        ),
        with("form that imports", "<< /S /ImportData /F (x.fdf) >>"),
        with("rich media", "<< /Type /Annot /Subtype /RichMedia >>"),
        with("film", "<< /Type /Annot /Subtype /Movie >>"),
        with("three dimensions", "<< /Type /Annot /Subtype /3D >>"),
        with(
            "file attached to a page",
            "<< /Type /Annot /Subtype /FileAttachment /FS 5 0 R >>",
        ),
        with(
            "embedded file of a specification",
            "<< /Type /Filespec /EF << /F 5 0 R >> >>",
        ),
        row(
            "link that runs",
            pdf_with("<< /S /URI /URI (JavaScript:alert) >>"),
            "DP-4007",
        ),
        row(
            "embedded file",
            pdf_with_stream(stream("/Type /EmbeddedFile", b"x")),
            ACTIVE,
        ),
        row(
            "stream in another file",
            pdf_with_stream(stream("/F (other.bin)", b"x")),
            ACTIVE,
        ),
        row(
            "script inside an object stream",
            pdf_packed(3, packed),
            ACTIVE,
        ),
        row(
            "script in an object that nothing refers to",
            pdf_of(
                &[
                    pdf_objects(stream("", b""), &[]),
                    vec![b"<< /JS (x) >>".to_vec()],
                ]
                .concat(),
                "",
            ),
            ACTIVE,
        ),
        row(
            "encrypted with an empty password",
            pdf_of(
                &pdf_objects(stream("", b""), &[]),
                "/Encrypt << /Filter /Standard /V 2 /R 3 /P -4 >>",
            ),
            ENCRYPTED,
        ),
        row(
            "encrypted elsewhere",
            pdf_of(&pdf_objects(stream("", b""), &[]), "/Encrypt 5 0 R"),
            ENCRYPTED,
        ),
        row(
            "stream with its own encryption",
            pdf_with_stream(stream("/Filter /Crypt", b"x")),
            ENCRYPTED,
        ),
        row("signed, then changed", signed("0 10 20 30"), "DP-4012"),
        row("signature of nothing", signed(""), "DP-4012"),
        row(
            "signature that overflows",
            signed("0 10 9223372036854775807 9223372036854775807"),
            "DP-4012",
        ),
        row("signed to its end", whole, ""),
        row(
            "place to show on opening",
            pdf_catalog("/OpenAction [3 0 R /XYZ null null 0]"),
            "",
        ),
    ]
}

/// Catalog and tree as given, further objects behind.
fn tree(catalog: &str, pages: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![catalog.as_bytes().to_vec(), pages.as_bytes().to_vec()];
    objects.extend(more.iter().map(|object| object.as_bytes().to_vec()));
    pdf_of(&objects, "")
}

pub fn broken() -> Vec<Attack> {
    let mut attacks = lies();
    attacks.extend(bombs());
    attacks
}

fn lies() -> Vec<Attack> {
    let catalog = "<< /Type /Catalog /Pages 2 0 R >>";
    let page = "<< /Type /Page /Parent 2 0 R >>";
    let pages =
        |kids: &str, count: u32| format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>");
    let kids60: String = (3..63).map(|number| format!("{number} 0 R ")).collect();
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let first = b"0000000015 00000 n";
    vec![
        row(
            "pages that lead to themselves",
            tree(catalog, &pages("2 0 R", 1), &[]),
            UNREADABLE,
        ),
        row(
            "pages that lead back",
            tree(catalog, &pages("3 0 R", 1), &[&pages("2 0 R", 1)]),
            UNREADABLE,
        ),
        row(
            "one page twice",
            tree(catalog, &pages("3 0 R 3 0 R", 2), &[page]),
            UNREADABLE,
        ),
        row(
            "more pages than it says",
            tree(catalog, &pages("3 0 R 4 0 R", 1), &[page, page]),
            UNREADABLE,
        ),
        row(
            "fewer pages than it says",
            tree(catalog, &pages("3 0 R", 2), &[page]),
            UNREADABLE,
        ),
        row("no pages", tree(catalog, &pages("", 0), &[]), UNREADABLE),
        row(
            "60 pages",
            tree(catalog, &pages(&kids60, 60), &[page; 60]),
            "DP-4013",
        ),
        row(
            "60 pages that say 1",
            tree(catalog, &pages(&kids60, 1), &[page; 60]),
            "DP-4013",
        ),
        row(
            "page that is not there",
            tree(catalog, &pages("9 0 R", 1), &[page]),
            UNREADABLE,
        ),
        row(
            "page that is a font",
            tree(catalog, &pages("3 0 R", 1), &["<< /Type /Font >>"]),
            UNREADABLE,
        ),
        row(
            "no catalog",
            tree("null", &pages("3 0 R", 1), &[page]),
            UNREADABLE,
        ),
        row("nothing but a header", b"%PDF-1.7\n".to_vec(), UNREADABLE),
        row("header and end", b"%PDF-1.7\n%%EOF\n".to_vec(), UNREADABLE),
        row("cut in half", half(pdf()), UNREADABLE),
        row(
            "cross-reference beside the objects",
            replaced(pdf(), first, b"0000000016 00000 n"),
            UNREADABLE,
        ),
        row(
            "cross-reference beyond the file",
            replaced(pdf(), first, b"0000999999 00000 n"),
            UNREADABLE,
        ),
        row("start beyond the file", start_beyond(), UNREADABLE),
        row("cross-references in a circle", circle(), UNREADABLE),
        row(
            "stream shorter than it says",
            pdf_with("<< /Length 99 >>\nstream\nabc\nendstream"),
            UNREADABLE,
        ),
        row(
            "stream longer than it says",
            pdf_with("<< /Length 1 >>\nstream\nabc\nendstream"),
            UNREADABLE,
        ),
        row(
            "stream without a length",
            pdf_with("<< >>\nstream\nabc\nendstream"),
            UNREADABLE,
        ),
        row(
            "stream whose length elsewhere is wrong",
            pdf_with("<< /Length 5 0 R >>\nstream\nabc\nendstream"),
            UNREADABLE,
        ),
        row(
            "key that stands twice",
            pdf_with("<< /A 1 /A 2 >>"),
            UNREADABLE,
        ),
        row(
            "bytes between objects",
            pdf_with("null\nendobj\nGARBAGE\n9 0 obj\nnull"),
            UNREADABLE,
        ),
        row(
            "long comment between objects",
            pdf_with(&format!(
                "null\nendobj\n%{}\n9 0 obj\nnull",
                "x".repeat(500)
            )),
            UNREADABLE,
        ),
        row("dictionary without an end", pdf_with("<< /A 1"), UNREADABLE),
        row("text without an end", pdf_with("(abc"), UNREADABLE),
        row(
            "content that does not read",
            pdf_showing("BT (abc Tj ET"),
            UNREADABLE,
        ),
        row(
            "content that is a number",
            tree(
                catalog,
                &pages("3 0 R", 1),
                &["<< /Type /Page /Contents 7 >>"],
            ),
            UNREADABLE,
        ),
        row(
            "filter that is not read",
            pdf_with_stream(stream("/Filter /LZWDecode", b"x")),
            UNREADABLE,
        ),
        row(
            "deflated stream that is none",
            pdf_with_stream(stream("/Filter /FlateDecode", b"none")),
            UNREADABLE,
        ),
        row(
            "object stream with fewer objects than it says",
            pdf_packed(4, catalog),
            UNREADABLE,
        ),
        row(
            "object stream of which one is missing",
            pdf_packed(2, catalog),
            UNREADABLE,
        ),
        row(
            "picture without a size",
            pdf_with_stream(stream("/Subtype /Image", b"x")),
            UNREADABLE,
        ),
    ]
}

fn start_beyond() -> Vec<u8> {
    let bytes = pdf();
    let at = place(&bytes, b"startxref\n") + 10;
    [&bytes[..at], b"999999", &bytes[at..]].concat()
}

/// A trailer whose older section is itself.
fn circle() -> Vec<u8> {
    let draft = pdf_of(&pdf_objects(stream("", b""), &[]), "/Prev 0000000000");
    let at = format!("{:010}", place(&draft, b"xref\n0 "));
    replaced(draft, b"/Prev 0000000000", format!("/Prev {at}").as_bytes())
}

fn bombs() -> Vec<Attack> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let zeros = vec![b' '; 70_000_000];
    let twice = flate("/Filter2 0", &deflated(&vec![b'0'; 1000]));
    let wide = |w: &str| {
        let rows = deflated(&[0; 64]);
        let dict = format!("/Type /XRef /Size 9 /W [{w}] /Root 1 0 R /Filter /FlateDecode");
        let mut pdf = b"%PDF-1.5\n".to_vec();
        let at = pdf.len();
        pdf.extend(
            [
                b"1 0 obj\n".to_vec(),
                stream(&dict, &rows),
                b"\nendobj\n".to_vec(),
            ]
            .concat(),
        );
        pdf.extend(format!("startxref\n{at}\n%%EOF\n").into_bytes());
        pdf
    };
    let columns =
        "/DecodeParms << /Predictor 15 /Columns 2147483647 /Colors 4 /BitsPerComponent 16 >>";
    vec![
        row(
            "bomb in a content stream",
            pdf_of(&pdf_objects(flate("", &zeros), &[]), ""),
            BOUND,
        ),
        row(
            "bomb in an unused stream",
            pdf_with_stream(flate("", &zeros)),
            BOUND,
        ),
        row(
            "bomb in an object stream",
            pdf_with_stream(flate("/Type /ObjStm /N 1 /First 4", &zeros)),
            BOUND,
        ),
        row(
            "bomb in parts",
            pdf_of(
                &pdf_objects(stream("", b""), &vec![flate("", &zeros[..10_000_000]); 7]),
                "",
            ),
            BOUND,
        ),
        row(
            "four million objects",
            pdf_with(&format!("[{}]", "//".repeat(2_000_000))),
            BOUND,
        ),
        row("arrays 10,000 deep", pdf_with(&deep("[", "]")), UNREADABLE),
        row(
            "dictionaries 10,000 deep",
            pdf_with(&deep("<< /A ", ">>")),
            UNREADABLE,
        ),
        row(
            "arrays 10,000 deep in content",
            pdf_showing(&deep("[", "]")),
            UNREADABLE,
        ),
        row(
            "filters without end",
            pdf_with_stream(stream(
                &format!("/Filter [{}]", "/AHx ".repeat(1000)),
                b"00",
            )),
            UNREADABLE,
        ),
        row(
            "cross-reference 2 GiB wide",
            wide("1 2147483647 1"),
            UNREADABLE,
        ),
        row("cross-reference of no width", wide("0 0 0"), UNREADABLE),
        row(
            "cross-reference whose widths are negative",
            wide("1 -1 1"),
            UNREADABLE,
        ),
        row(
            "cross-reference with fewer rows than numbers",
            wide("8 8 8"),
            UNREADABLE,
        ),
        row(
            "predictor of 16 GiB a row",
            pdf_with_stream(flate(columns, b"abc")),
            UNREADABLE,
        ),
        row(
            "predictor that is not read",
            pdf_with_stream(flate("/DecodeParms << /Predictor 2 >>", b"abc")),
            UNREADABLE,
        ),
        row(
            "object stream of four billion objects",
            pdf_with_stream(flate("/Type /ObjStm /N 4294967295 /First 0", b"")),
            UNREADABLE,
        ),
        row(
            "object stream that starts outside",
            pdf_with_stream(flate("/Type /ObjStm /N 1 /First 99999", b"1 0 null")),
            UNREADABLE,
        ),
        row(
            "picture of 100,000 by 100,000",
            pdf_with_stream(stream(
                "/Subtype /Image /Width 100000 /Height 100000 /Filter /DCTDecode",
                b"x",
            )),
            "DP-4014",
        ),
        row("compressed twice", pdf_with_stream(twice), ""),
        row(
            "forms that paint themselves",
            pdf_of(
                &pdf_objects(
                    stream("", b"/X1 Do"),
                    &[stream(
                        "/Subtype /Form /Resources << /XObject << /X1 6 0 R >> >>",
                        b"/X1 Do",
                    )],
                ),
                "",
            ),
            "",
        ),
    ]
}

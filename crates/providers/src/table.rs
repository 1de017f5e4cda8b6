//! Delimited reports with the place of every row and cell: the `csv` crate reads them, this remembers where each row stood.

use adapter::{Reject, RejectCode};
use dispute::fact::Span;

/// One row: its cells, and the bytes it came from.
#[derive(Clone, Debug)]
pub struct Row {
    pub cells: Vec<String>,
    pub span: Span,
    /// From 1, as a spreadsheet shows it.
    pub number: usize,
}

/// All rows of a report, ragged as they came. Rows that do not read become rejects and cost only themselves.
#[derive(Debug)]
pub struct Table {
    pub rows: Vec<Row>,
    pub rejects: Vec<Reject>,
}

/// Reads a report with this delimiter. A byte order mark and mixed line ends are tolerated; bytes that are not UTF-8 are
/// read as windows-1252, the only other encoding seen in these reports.
pub fn read(body: &[u8], delimiter: u8) -> Table {
    let skip = if body.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(body.get(skip..).unwrap_or_default());
    let mut table = Table {
        rows: Vec::new(),
        rejects: Vec::new(),
    };
    let mut record = csv::ByteRecord::new();
    loop {
        let from = position(&reader) + skip;
        match reader.read_byte_record(&mut record) {
            Ok(false) => return table,
            Ok(true) => {
                let until = position(&reader) + skip;
                let cells = record.iter().map(text).collect();
                table.rows.push(Row {
                    cells,
                    span: Span::new(from, until),
                    number: table.rows.len() + 1,
                });
            }
            Err(error) => {
                let until = (position(&reader) + skip).max(from + 1);
                let detail = format!("row {} does not read: {error}", table.rows.len() + 1);
                let span = Span::new(from, until);
                table.rejects.push(Reject {
                    span,
                    code: RejectCode::Syntax,
                    detail,
                    hint: String::new(),
                });
                if error.is_io_error() {
                    return table;
                }
            }
        }
    }
}

fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte())
        .expect("a document in memory has fewer bytes than usize counts")
}

/// A cell as text. The bytes 0x80-0x9F of windows-1252 that Unicode places elsewhere occur in names only, which no fact
/// uses, so Latin-1 suffices to keep the row.
fn text(cell: &[u8]) -> String {
    match std::str::from_utf8(cell) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => cell
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
            .trim()
            .to_owned(),
    }
}

/// Which column holds what, found by the header's names: providers reorder and append columns (F-65).
#[derive(Clone, Debug)]
pub struct Columns(Vec<String>);

impl Columns {
    /// Takes the names of a header row.
    pub fn of(header: &Row) -> Columns {
        Columns(header.cells.clone())
    }

    /// The cell of this column in a row; `None` when the column or the cell is absent or blank.
    pub fn cell<'r>(&self, row: &'r Row, name: &str) -> Option<&'r str> {
        let index = self
            .0
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))?;
        row.cells
            .get(index)
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    }

    /// Whether the report has this column.
    pub fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|column| column.eq_ignore_ascii_case(name))
    }
}

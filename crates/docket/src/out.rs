//! Standard output: lines, tables, or one JSON value.

use crate::exit::Stop;
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;
use std::io::{BufWriter, Write};

/// Where answers go. Colour codes are written always; the stream drops them when it is no terminal.
pub struct Out {
    json: bool,
    stream: BufWriter<anstream::Stdout>,
}

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
pub const YELLOW: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
pub const GREEN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

/// The text in this style.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

impl Out {
    pub fn new(json: bool) -> Out {
        Out {
            json,
            stream: BufWriter::new(anstream::stdout()),
        }
    }

    /// Whether the answer is to be JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    pub fn line(&mut self, text: &str) -> Result<(), Stop> {
        Ok(writeln!(self.stream, "{text}")?)
    }

    /// A heading with an empty line before it.
    pub fn heading(&mut self, text: &str) -> Result<(), Stop> {
        self.line("")?;
        self.line(&styled(BOLD, text))
    }

    /// One JSON value, indented, on lines of its own.
    pub fn value(&mut self, value: &impl Serialize) -> Result<(), Stop> {
        let text = serde_json::to_string_pretty(value)
            .expect("views have text keys and no value that JSON lacks");
        self.line(&text)
    }

    /// A table. Columns whose name begins with `>` are aligned to the right.
    pub fn table(&mut self, columns: &[&str], rows: Vec<Vec<String>>) -> Result<(), Stop> {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(columns.iter().map(|name| name.trim_start_matches('>')));
        for (place, name) in columns.iter().enumerate() {
            if let Some(column) = table.column_mut(place) {
                column.set_padding((0, 2));
                if name.starts_with('>') {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        table.add_rows(rows);
        let text: Vec<String> = table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        self.line(&text.join("\n"))
    }

    pub fn flush(&mut self) -> Result<(), Stop> {
        Ok(self.stream.flush()?)
    }
}

//! Writing Rust: the literals of the tables, and the ground that every entry stands on.

use crate::row::{Read, Row, confidence};
use calendar::Date;
use serde_json::Value;

/// The text of the tables, and every source once.
#[derive(Default)]
pub(crate) struct Tables {
    text: String,
    sources: Vec<String>,
}

impl Tables {
    pub(crate) fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The list of sources as an expression. An entry without a source does not map.
    pub(crate) fn sources(&mut self, at: &str, sources: &[&str]) -> Read<String> {
        if sources.is_empty() || sources.iter().any(|source| source.trim().is_empty()) {
            return Err(format!("{at}: has no source"));
        }
        let names = sources
            .iter()
            .map(|source| format!("S{}", self.place_of(source)));
        Ok(format!("&[{}]", names.collect::<Vec<_>>().join(", ")))
    }

    /// The fields `sources` and `confidence` of an entry.
    pub(crate) fn ground(&mut self, row: &Row<'_>) -> Read<String> {
        let sources = self.sources(&row.at, &row.texts("source")?)?;
        let name = row.text("confidence")?;
        let confidence = confidence(&row.at, name)?;
        if row.value("seen") == Some(&Value::Bool(false)) && name == "high" {
            return Err(format!(
                "{}: is of high confidence though nobody read a source for it",
                row.at
            ));
        }
        Ok(format!("sources: {sources}, confidence: {confidence}"))
    }

    fn place_of(&mut self, source: &str) -> usize {
        if let Some(place) = self.sources.iter().position(|known| known == source) {
            return place;
        }
        self.sources.push(String::from(source));
        self.sources.len() - 1
    }

    pub(crate) fn finish(self) -> String {
        let mut text = self.text;
        for (place, source) in self.sources.iter().enumerate() {
            text.push_str(&format!("const S{place}: &str = {source:?};\n"));
        }
        text
    }
}

/// The fields `since` and `until` of an entry.
pub(crate) fn period(row: &Row<'_>) -> Read<String> {
    let since = date(&row.at, row.maybe_text("since")?)?;
    let until = date(&row.at, row.maybe_text("until")?)?;
    Ok(format!("since: {since}, until: {until}"))
}

/// A date as `Some("YYYY-MM-DD")`, checked to be one.
pub(crate) fn date(at: &str, text: Option<&str>) -> Read<String> {
    if let Some(text) = text {
        Date::parse(text).map_err(|error| format!("{at}: {error}"))?;
    }
    Ok(maybe(text))
}

pub(crate) fn maybe(text: Option<&str>) -> String {
    format!("{text:?}")
}

pub(crate) fn list(texts: &[&str]) -> String {
    format!("&{texts:?}")
}

/// A whole number as an expression, checked to fit 32 bits.
pub(crate) fn small(at: &str, number: Option<u64>) -> Read<Option<u32>> {
    let fit = |number: u64| {
        u32::try_from(number).map_err(|_| format!("{at}: {number} does not fit 32 bits"))
    };
    number.map(fit).transpose()
}

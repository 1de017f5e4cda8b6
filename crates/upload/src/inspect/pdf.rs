//! PDF (ISO 32000-2), read to the last byte.
//!
//! The whole file is walked from its first byte to its last, without trusting the cross-reference: every byte belongs to
//! an object, a cross-reference section, a trailer or a short comment. Then the cross-reference is read, and what it says
//! must be what stands there. What a file can do is looked for in every object that was met, also in one that nothing
//! refers to; pages are counted by walking their tree, and must be as many as the file says.

mod active;
mod document;
mod filter;
mod font;
mod object;
mod pages;
mod scan;
mod shown;

use super::{Search, Shape};
use crate::refusal::Refusal;
use document::Document;

pub(super) fn inspect(content: &[u8], search: &mut Search<'_>) -> Result<Shape, Refusal> {
    let document = Document::read(content, search)?;
    active::inspect(&document, content, search)?;
    let pages = pages::inspect(&document, search)?;
    Ok(Shape {
        pages: Some(pages),
        pixels: None,
    })
}

//! PDF: not read yet, so refused.

use super::{Search, Shape};
use crate::refusal::Refusal;

pub(super) fn inspect(_content: &[u8], search: &mut Search<'_>) -> Result<Shape, Refusal> {
    Err(search.unreadable(0, "its structure"))
}

//! Reading numbers and pieces out of hostile bytes: every access can fail, none can panic.

/// `length` bytes from `at` on, or nothing where the content ends before.
pub(crate) fn piece(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

pub(crate) fn u16_big(bytes: &[u8], at: usize) -> Option<u16> {
    piece(bytes, at, 2)?.try_into().ok().map(u16::from_be_bytes)
}

pub(crate) fn u16_little(bytes: &[u8], at: usize) -> Option<u16> {
    piece(bytes, at, 2)?.try_into().ok().map(u16::from_le_bytes)
}

pub(crate) fn u32_big(bytes: &[u8], at: usize) -> Option<u32> {
    piece(bytes, at, 4)?.try_into().ok().map(u32::from_be_bytes)
}

pub(crate) fn u32_little(bytes: &[u8], at: usize) -> Option<u32> {
    piece(bytes, at, 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// Sizes inside a file are 32 bits; every machine this runs on addresses at least that.
pub(crate) fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Lengths in memory always fit 64 bits.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Where `needle` first stands in `bytes`, at `from` or later.
pub(crate) fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let first = needle.first()?;
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        at += rest.iter().position(|byte| byte == first)?;
        if bytes.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
}

/// Bytes as text: UTF-8 where they are, otherwise each byte as the character of its number (ISO 8859-1), so that digits
/// and separators are found either way.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

//! Just enough of Rust's surface to tell code, strings and comments apart, and to find functions and test modules.

/// A source with parts blanked: every byte keeps its place and every newline stays, so lines can be counted.
pub(crate) struct Masked {
    /// Comments, and what stands inside quotes, are spaces.
    pub(crate) code: String,
    /// Comments are spaces.
    pub(crate) code_and_strings: String,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Line of the word `fn`, counted from 1.
    pub(crate) line: usize,
    /// From the word `fn` to the closing brace.
    pub(crate) lines: usize,
}

enum Part {
    Code,
    Quoted,
    Comment,
}

pub(crate) fn mask(source: &str) -> Masked {
    let mut masked = Masked {
        code: String::with_capacity(source.len()),
        code_and_strings: String::with_capacity(source.len()),
    };
    let mut rest = source;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (part, length) = next_part(rest, first, before);
        let (taken, after) = rest.split_at(length);
        before = taken.chars().next_back().unwrap_or(' ');
        masked.push(&part, taken);
        rest = after;
    }
    masked
}

impl Masked {
    fn push(&mut self, part: &Part, text: &str) {
        let blank: String = text
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect();
        self.code.push_str(if matches!(part, Part::Code) {
            text
        } else {
            &blank
        });
        self.code_and_strings
            .push_str(if matches!(part, Part::Comment) {
                &blank
            } else {
                text
            });
    }

    /// Blanks every `#[cfg(test)] mod name { ... }` as well.
    pub(crate) fn without_tests(mut self) -> Masked {
        let mut from = 0;
        while let Some((start, end)) = test_module(&self.code, from) {
            for text in [&mut self.code, &mut self.code_and_strings] {
                let blank: String = text
                    .bytes()
                    .enumerate()
                    .map(|(at, byte)| (at, byte, (start..end).contains(&at)))
                    .filter(|(_, _, inside)| *inside)
                    .map(|(_, byte, _)| if byte == b'\n' { '\n' } else { ' ' })
                    .collect();
                text.replace_range(start..end, &blank);
            }
            from = end;
        }
        self
    }
}

/// What starts at `rest`, and its length in bytes; never zero.
fn next_part(rest: &str, first: char, before: char) -> (Part, usize) {
    let in_word = before.is_alphanumeric() || before == '_';
    if rest.starts_with("//") {
        return (Part::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Part::Comment, block_comment(rest));
    }
    if first == '"' {
        return (Part::Quoted, quoted(rest, '"'));
    }
    if first == '\'' {
        return match char_literal(rest) {
            Some(length) => (Part::Quoted, length),
            // A lifetime.
            None => (Part::Code, 1),
        };
    }
    if let Some(length) = raw_string(rest).filter(|_| !in_word) {
        return (Part::Quoted, length);
    }
    (Part::Code, first.len_utf8())
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Up to and with the closing quote; a backslash takes the next character with it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn char_literal(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, inside) = chars.next()?;
    if inside == '\\' {
        return Some(quoted(rest, '\''));
    }
    let (at, closing) = chars.next()?;
    (closing == '\'').then_some(at + 1)
}

/// `r"..."`, `r#"..."#`, with `b` or `c` before.
fn raw_string(rest: &str) -> Option<usize> {
    let unprefixed = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let hashed = unprefixed.strip_prefix('r')?;
    let opened = hashed.trim_start_matches('#');
    let hashes = hashed.len() - opened.len();
    let body = opened.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let head = rest.len() - body.len();
    Some(
        body.find(&closing)
            .map_or(rest.len(), |at| head + at + closing.len()),
    )
}

/// Start and end of the next `#[cfg(test)]` module from byte `from` on.
fn test_module(code: &str, from: usize) -> Option<(usize, usize)> {
    const MARK: &str = "#[cfg(test)]";
    let mut search = from;
    loop {
        let start = search + code.get(search..)?.find(MARK)?;
        let after = code.get(start + MARK.len()..)?;
        let item = after.trim_start();
        let open = after.find('{')?;
        let semicolon = after.find(';').unwrap_or(usize::MAX);
        if (item.starts_with("mod ") || item.starts_with("#[")) && open < semicolon {
            let body = start + MARK.len() + open;
            return Some((start, closing_brace(code, body)));
        }
        search = start + MARK.len();
    }
}

/// The byte after the brace that closes the one at `open`.
fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// Every function with a body in masked code, nested ones too, in order.
pub(crate) fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let Some(rest) = code.get(at + 3..) else {
            continue;
        };
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let Some(open) = body_start(rest).filter(|_| !name.is_empty()) else {
            continue;
        };
        let end = closing_brace(code, at + 3 + open);
        let line = line_of(code, at);
        found.push(Function {
            name,
            line,
            lines: line_of(code, end) - line + 1,
        });
    }
    found
}

/// Where a signature's body opens; `None` when it ends in a semicolon. Brackets hold semicolons (`[u8; 4]`).
fn body_start(signature: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in signature.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The line, counted from 1, that byte `at` is on.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The words of a text and of the identifiers in it, lower case, with the byte each starts at: `AchReturn_x` is
/// `ach`, `return`, `x`. Digits belong to the word before them.
pub(crate) fn words(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            let hump = c.is_uppercase() && previous.is_lowercase();
            match found.last_mut() {
                Some((_, word)) if previous.is_alphanumeric() && !hump => {
                    word.extend(c.to_lowercase());
                }
                _ => found.push((at, c.to_lowercase().collect())),
            }
        }
        previous = c;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_told_from_code() {
        let source = "let a = \"// no\"; // yes\nlet b = 'x'; /* /* \" */ */ let c: &'a str = r#\"\"{\"#;\nr#fn";
        let masked = mask(source);
        assert_eq!(masked.code.len(), source.len());
        assert_eq!(
            masked.code.split_whitespace().collect::<Vec<_>>().join(" "),
            "let a = ; let b = ; let c: &'a str = ; r#fn"
        );
        assert!(masked.code_and_strings.contains("// no"));
        assert!(!masked.code_and_strings.contains("yes"));
        assert!(mask("let q = '\\''; code").code.contains("code"));
        assert!(mask("b\"\\\"{\" after").code.contains("after"));
    }

    #[test]
    fn test_modules_are_blanked_and_lines_kept() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { x }\n}\nfn c() {}\n#[cfg(test)]\nuse d;\n";
        let masked = mask(source).without_tests();
        assert_eq!(masked.code.lines().count(), source.lines().count());
        let names: Vec<String> = functions(&masked.code)
            .into_iter()
            .map(|f| f.name)
            .collect();
        assert_eq!(names, ["a", "c"]);
    }

    #[test]
    fn functions_are_measured_with_nested_ones_and_without_bodiless_ones() {
        let code =
            "trait T {\n fn none(x: [u8; 4]);\n}\nfn outer() -> [u8; 2] {\n fn inner() {\n }\n}\n";
        let found = functions(&mask(code).code);
        let told: Vec<(&str, usize, usize)> = found
            .iter()
            .map(|f| (f.name.as_str(), f.line, f.lines))
            .collect();
        assert_eq!(told, [("outer", 4, 4), ("inner", 5, 2)]);
    }

    #[test]
    fn identifiers_fall_into_words() {
        let told: Vec<String> = words("AchReturn each_ach `x9`")
            .into_iter()
            .map(|w| w.1)
            .collect();
        assert_eq!(told, ["ach", "return", "each", "ach", "x9"]);
    }
}

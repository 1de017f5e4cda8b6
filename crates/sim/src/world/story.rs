//! The form of a world: one statement a line, words divided by blanks, `"words with blanks"`, `key=value`, `# comment`, a
//! trailing `\` to go on, and `<<<` to `>>>` for the bytes of a document.

use super::instant;
use calendar::Instant;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    pub words: Vec<String>,
    /// What stood between `<<<` and `>>>`, with its line ends.
    pub body: Option<String>,
}

impl Line {
    /// Whether it only looks, and changes nothing.
    pub fn expects(&self) -> bool {
        self.words.first().is_some_and(|word| word == "expect")
    }
}

/// A world that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Its file name.
    pub name: String,
    pub begins: Instant,
    /// The failure cases it covers (`F-17`).
    pub covers: Vec<String>,
    pub lines: Vec<Line>,
}

impl Story {
    /// Reads a world.
    ///
    /// # Errors
    /// Names the file and the line of the first thing that does not read.
    pub fn read(name: &str, text: &str) -> Result<Story, String> {
        let mut begins = None;
        let mut covers = Vec::new();
        let mut lines = Vec::new();
        for line in
            statements(text).map_err(|(number, words)| format!("{name}:{number}: {words}"))?
        {
            let fault = |words: &str| format!("{name}:{}: {words}", line.number);
            match line
                .words
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .as_slice()
            {
                ["world", at] if begins.is_none() => {
                    begins = Some(instant(at).map_err(|words| fault(&words))?);
                }
                ["world", ..] => return Err(fault("expected one `world` line with one instant")),
                ["covers", ids @ ..] => covers.extend(ids.iter().map(|id| (*id).to_owned())),
                _ => lines.push(line),
            }
        }
        let begins = begins.ok_or_else(|| format!("{name}:1: expected a `world` line first"))?;
        Ok(Story {
            name: name.to_owned(),
            begins,
            covers,
            lines,
        })
    }
}

type Fault = (usize, String);

fn statements(text: &str) -> Result<Vec<Line>, Fault> {
    let mut statements = Vec::new();
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    while let Some((number, first)) = lines.next() {
        let mut whole = first.trim().to_owned();
        while let Some(kept) = whole.strip_suffix('\\') {
            let (_, next) = lines
                .next()
                .ok_or((number, "nothing follows `\\`".to_owned()))?;
            whole = format!("{} {}", kept.trim_end(), next.trim());
        }
        if whole.is_empty() || whole.starts_with('#') {
            continue;
        }
        let body = match whole.strip_suffix("<<<") {
            None => None,
            Some(kept) => {
                whole = kept.trim_end().to_owned();
                Some(body(number, &mut lines)?)
            }
        };
        let words = words(&whole).map_err(|words| (number, words))?;
        statements.push(Line {
            number,
            words,
            body,
        });
    }
    Ok(statements)
}

fn body<'a>(
    opened: usize,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Result<String, Fault> {
    let mut body = String::new();
    for (_, line) in lines {
        if line.trim() == ">>>" {
            return Ok(body);
        }
        body.push_str(line);
        body.push('\n');
    }
    Err((opened, "`<<<` without `>>>`".to_owned()))
}

fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    for character in line.chars() {
        match character {
            '"' => {
                quoted = !quoted;
                begun = true;
            }
            ' ' | '\t' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if quoted {
        return Err("a quotation mark without its partner".to_owned());
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

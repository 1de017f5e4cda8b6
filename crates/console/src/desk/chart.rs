//! Charts drawn on the server: one bar of parts, for which a table always stands beside.

use maud::{Markup, html};

/// One part of a bar.
pub struct Part<'a> {
    pub name: &'a str,
    /// Chooses the colour: a class of the stylesheet.
    pub class: &'static str,
    pub value: u64,
}

/// A bar in which each part is as wide as its share of `whole`; what the parts leave of it stays empty.
pub fn bar(label: &str, parts: &[Part<'_>], whole: u64) -> Markup {
    let whole = whole.max(1);
    let mut from: u64 = 0;
    let mut drawn = Vec::with_capacity(parts.len());
    for part in parts.iter().filter(|part| part.value > 0) {
        let start = share(from, whole);
        from = from.saturating_add(part.value);
        drawn.push((start, share(from, whole).saturating_sub(start), part));
    }
    html! {
        svg.bar-chart role="img" aria-label=(label) width="100%" height="12" preserveAspectRatio="none" {
            rect class="empty" x="0" y="0" width="100%" height="12" rx="3" {}
            @for (start, width, part) in drawn {
                rect class=(part.class) x=(percent(start)) y="0" width=(percent(width)) height="12" {
                    title { (part.name) ": " (part.value) }
                }
            }
        }
    }
}

/// Thousandths of the whole.
fn share(value: u64, whole: u64) -> u64 {
    value.saturating_mul(1_000) / whole
}

fn percent(thousandths: u64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_wide_as_their_share() {
        let part = |name, value| Part {
            name,
            class: "part-ours",
            value,
        };
        let drawn = bar("x", &[part("a", 1), part("zero", 0), part("b", 2)], 4).into_string();
        assert!(drawn.contains(r#"x="0.0%" y="0" width="25.0%""#), "{drawn}");
        assert!(
            drawn.contains(r#"x="25.0%" y="0" width="50.0%""#),
            "{drawn}"
        );
        assert!(!drawn.contains("zero"), "{drawn}");
        assert!(!bar("x", &[], 0).into_string().contains("<title>"));
    }
}

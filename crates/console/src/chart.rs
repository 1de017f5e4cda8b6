//! Bars, drawn on the server. A chart is never the only place of its numbers: a table with the same stands beside it.

use crate::amount;
use maud::{Markup, html};

const WIDTH: u64 = 720;
const HEIGHT: u64 = 180;
/// Below the bars, for their names; above, for their numbers.
const FOOT: u64 = 24;
const HEAD: u64 = 20;

/// One bar: its name and its height.
pub struct Bar {
    pub name: String,
    pub value: u64,
}

/// Bars side by side, each with its number over it. `label` says what they are to whoever does not see them.
pub fn bars(bars: &[Bar], label: &str) -> Markup {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let count = u64::try_from(bars.len()).unwrap_or(u64::MAX).max(1);
    let step = WIDTH / count;
    let wide = step.saturating_mul(7) / 10;
    let room = HEIGHT - FOOT - HEAD;
    html! {
        svg.chart role="img" aria-label=(label) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            line.axis x1="0" x2=(WIDTH) y1=(HEIGHT - FOOT) y2=(HEIGHT - FOOT) {}
            @for (place, bar) in (0_u64..).zip(bars) {
                // What is there is seen, however small it is beside the most.
                @let tall = (bar.value.saturating_mul(room) / most).max(u64::from(bar.value > 0) * 2);
                @let left = place * step + (step - wide) / 2;
                @let middle = place * step + step / 2;
                @let top = HEIGHT - FOOT - tall;
                rect.bar x=(left) y=(top) width=(wide) height=(tall) rx="2" {}
                text.value x=(middle) y=(top - 6) text-anchor="middle" { (amount::count(bar.value)) }
                text.name x=(middle) y=(HEIGHT - 7) text-anchor="middle" { (bar.name) }
            }
        }
    }
}

/// A part of a whole, in per mille, as a bar in a table's cell. The number stands beside it.
pub fn part(per_mille: u64) -> Markup {
    let width = per_mille.min(1_000) / 10;
    html! {
        svg.part aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none" {
            rect.whole x="0" y="0" width="100" height="8" {}
            rect.bar x="0" y="0" width=(width) height="8" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_room_and_none_is_lost() {
        let bar = |name: &str, value| Bar {
            name: name.to_owned(),
            value,
        };
        let drawn = bars(&[bar("a", 0), bar("b", 1), bar("c", 1_000_000)], "x").into_string();
        assert!(drawn.contains("height=\"136\""), "{drawn}");
        assert!(drawn.contains("height=\"2\""), "{drawn}");
        assert!(drawn.contains("height=\"0\""), "{drawn}");
        // Nothing to draw is no division by nothing.
        assert!(bars(&[], "x").into_string().contains("<svg"));
        assert!(
            bars(&[bar("a", u64::MAX)], "x")
                .into_string()
                .contains("<rect")
        );
    }
}

//! Square codes, drawn as one path.

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// Light modules around the code, without which readers do not find it (ISO/IEC 18004, 6.3.8).
const QUIET: i32 = 4;

/// A text as a square code; nothing when it is too long for one.
pub fn square(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return html! {};
    };
    let size = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET)
                .expect("a string takes every write");
        }
    }
    html! {
        svg.square role="img" aria-label=(label) viewBox={ "0 0 " (size) " " (size) } shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_its_quiet_zone() {
        let drawn = square("otpauth://totp/A:b?secret=ABC", "for your telephone").into_string();
        // The finder pattern begins at the first module after the quiet zone, and nothing is drawn before it.
        assert!(drawn.contains("M4 4h1v1h-1z"));
        assert!(!drawn.contains("M3 ") && !drawn.contains("M0 "));
        assert!(drawn.contains("aria-label=\"for your telephone\""));
        assert_eq!(square(&"x".repeat(5_000), "").into_string(), "");
    }
}

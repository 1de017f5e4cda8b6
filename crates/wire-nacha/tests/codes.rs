//! Codes: which layout a 98 or 99 has by its code, which codes are published, which way a transaction code goes.
#![allow(clippy::indexing_slicing)]

mod sample;

use wire_nacha::{Code, Direction, Ending, direction, read, verify};

#[track_caller]
fn check_code(line: usize, code: &str, layout: &str, published: bool) {
    let bytes = sample::edit(&sample::everything(Ending::Lf), line, 4, code);
    let file = read(&bytes);
    let addenda = file.records[line - 1].record;
    let layout_found = format!("{addenda:?}");
    let variant = layout_found
        .trim_start_matches("Addenda(")
        .split('(')
        .next()
        .expect("a variant")
        .to_owned();
    assert_eq!(variant, layout, "{code}");
    let noted = verify(&file)
        .iter()
        .any(|it| matches!(it.code, Code::ReturnCode | Code::ChangeCode));
    assert_eq!(!noted, published, "{code}");
}

/// R01-R47, R50-R53, R61, R62, R67-R77, R80-R85 and R90 are published; R61-R70 dishonor, R71-R77 contest.
#[test]
fn return_codes_choose_their_layout_and_the_rest_is_noted() {
    for code in 0..100 {
        let published = matches!(code, 1..=47 | 50..=53 | 61 | 62 | 67..=77 | 80..=85 | 90);
        let layout = match code {
            61..=70 => "Dishonored",
            71..=77 => "Contested",
            _ => "Return",
        };
        check_code(15, &format!("R{code:02}"), layout, published);
        if layout == "Return" {
            check_code(48, &format!("R{code:02}"), "IatReturn", published);
        }
    }
    check_code(15, "X01", "Return", false);
    check_code(15, "   ", "Return", false);
}

/// C01-C09, C13 and C14 ask for a change; C61-C69 refuse one.
#[test]
fn change_codes_choose_their_layout_and_the_rest_is_noted() {
    for code in 0..100 {
        let layout = if (61..=69).contains(&code) {
            "RefusedChange"
        } else {
            "Change"
        };
        check_code(
            25,
            &format!("C{code:02}"),
            layout,
            matches!(code, 1..=9 | 13 | 14 | 61..=69),
        );
    }
}

/// Transaction codes with a direction, and no others.
#[test]
fn transaction_codes_have_a_direction_or_none() {
    for code in 0..100 {
        let want = match (code / 10, code % 10) {
            (2..=5, 1..=4) => Some(Direction::Credit),
            (2..=4, 6..=9) | (5, 5 | 6) => Some(Direction::Debit),
            (8, 1 | 3 | 5 | 7) => Some(Direction::Credit),
            (8, 2 | 4 | 6 | 8) => Some(Direction::Debit),
            _ => None,
        };
        assert_eq!(direction(code), want, "{code}");
    }
}

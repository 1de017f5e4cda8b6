//! What a bank answered to an entry, and the facts that it makes: the same for both forms in which ACH files come.

use super::codes;
use super::setting::Setting;
use crate::draft::{Draft, Voice};
use adapter::RejectCode;
use dispute::fact::Span;
use dispute::movement::{Movement, MovementKind};
use dispute::network::Network;
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Authority, Party, Phase, Stage, Standing};
use money::{Currency, Money};
use std::borrow::Cow;
use wire_nacha::Direction;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    pub text: Cow<'a, str>,
    pub span: Span,
}

/// Which step of the exchange between the banks an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Change,
    RefusedChange,
    Return,
    Dishonored,
    Contested,
}

/// One entry that came back, with what its addenda says.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    pub step: Step,
    /// The code that makes it this step.
    pub code: Word<'a>,
    /// Trace of the entry that was first sent, as it stands.
    pub original_trace: Word<'a>,
    /// Eight digits: the bank to which that entry went.
    pub original_rdfi: Option<Word<'a>>,
    /// Trace of this very message.
    pub trace: Option<Word<'a>>,
    /// Traces of the messages before it: the return's, the dishonored return's.
    pub earlier: Vec<Word<'a>>,
    /// The return's code and the dishonor's, two digits each, where a later step repeats them.
    pub return_code: Option<Word<'a>>,
    pub dishonored_code: Option<Word<'a>>,
    /// US cents.
    pub amount: (u64, Span),
    /// Which way the original entry went; `None` for accounting advices, which tell of money that moves by other entries.
    pub direction: Option<Direction>,
    /// The originator's own identification of the receiver or the payment.
    pub merchant: Option<Word<'a>>,
    pub corrected: Option<Word<'a>>,
    pub information: Option<Word<'a>>,
    /// Addenda types that the rules do not define.
    pub unlisted: Vec<Word<'a>>,
    /// The entry with its addenda.
    pub whole: Span,
}

/// States what the answer says. An original trace that names nothing is rejected, and nothing is stated.
pub(super) fn state(draft: &mut Draft, setting: &Setting, answer: &Answer<'_>) {
    let original = &answer.original_trace;
    if !is_trace(&original.text) {
        let found = money::Excerpt::of(&original.text);
        let detail = format!(
            "original trace number is `{}`, expected up to 15 digits that are not all zero",
            found.as_str()
        );
        draft.reject(original.span, RejectCode::Reference, detail);
        return;
    }
    let original = fifteen(&original.text);
    let voice = Voice {
        scope: setting.scope.clone(),
        refs: references(answer, &original),
        by: speaker(answer),
        authority: Authority::MessageType,
        true_at: setting.true_at,
        sequence: 0,
    };
    let phase = Phase {
        stage: stage(answer.step),
        standing: standing(answer),
    };
    draft.say(&voice, answer.code.span, Said::Phase(phase));
    draft.say(&voice, answer.whole, Said::Network(Network::Ach));
    match answer.step {
        Step::Change => change(draft, &voice, setting, answer),
        Step::RefusedChange => reasons(draft, &voice, answer),
        Step::Return | Step::Dishonored | Step::Contested => {
            let disputed = Money::of_minor(i128::from(answer.amount.0), Currency::USD);
            draft.say(&voice, answer.amount.1, Said::Disputed(disputed));
            reasons(draft, &voice, answer);
            movement(draft, &voice, setting, answer, &original);
            suspicion(draft, &voice, answer);
        }
    }
    for word in &answer.unlisted {
        draft.drift(&voice, word.span, "addenda_type", &word.text);
    }
}

/// Whether it can name an entry: spreadsheets turn trace numbers into `9.9E+14` (F-67), and blanks and zeros name nothing.
fn is_trace(trace: &str) -> bool {
    let digits = trace.bytes().all(|byte| byte.is_ascii_digit());
    digits && trace.len() <= 15 && trace.bytes().any(|byte| byte != b'0')
}

/// A trace number in its full width: JSON and trimmed lines leave zeros out.
fn fifteen(trace: &str) -> String {
    format!("{trace:0>15}")
}

/// The case is the entry first sent: its trace and the bank it went to are in every step of the exchange. A notice of change is a case
/// of its own, since the entry it names was paid.
fn references(answer: &Answer<'_>, original: &str) -> References {
    let mut dispute = original.to_owned();
    if let Some(rdfi) = answer
        .original_rdfi
        .as_ref()
        .filter(|rdfi| !rdfi.text.is_empty())
    {
        dispute.push('-');
        dispute.push_str(&rdfi.text);
    }
    if matches!(answer.step, Step::Change | Step::RefusedChange) {
        dispute.push_str("-noc");
    }
    let mut refs = References::none()
        .and(RefKind::Dispute, &dispute)
        .and(RefKind::Payment, original)
        .and(RefKind::Trace, original);
    for trace in answer.trace.iter().chain(&answer.earlier) {
        if is_trace(&trace.text) {
            refs = refs.and(RefKind::Trace, &fifteen(&trace.text));
        }
    }
    match &answer.merchant {
        Some(merchant) => refs.and(RefKind::Merchant, &merchant.text),
        None => refs,
    }
}

/// Returns, contests and notices are the receiving bank's words (R80 to R85 a gateway's), refusals those of our own bank.
fn speaker(answer: &Answer<'_>) -> Party {
    match answer.step {
        Step::Dishonored | Step::RefusedChange => Party::Provider,
        Step::Return if answer.code.text.starts_with("R8") => Party::Network,
        Step::Change | Step::Return | Step::Contested => Party::Issuer,
    }
}

fn stage(step: Step) -> Stage {
    match step {
        Step::Change | Step::RefusedChange => Stage::NoticeOfChange,
        Step::Return => Stage::Return,
        Step::Dishonored => Stage::DishonoredReturn,
        Step::Contested => Stage::ContestedReturn,
    }
}

/// Whose move it is. A return whose code takes no answer is nobody's: a wrongly made one can still be dishonored, but nothing in it asks
/// for that. A code that is not listed is ours, so that a person looks. After a contest the network has no further step.
fn standing(answer: &Answer<'_>) -> Standing {
    match answer.step {
        Step::Change => Standing::Ours,
        Step::RefusedChange | Step::Dishonored => Standing::Theirs,
        Step::Contested => Standing::Nobody,
        Step::Return => match codes::known(&answer.code.text) {
            Some(known) if known.unanswerable => Standing::Nobody,
            _ => Standing::Ours,
        },
    }
}

fn change(draft: &mut Draft, voice: &Voice, setting: &Setting, answer: &Answer<'_>) {
    let code = answer.code.text.as_ref();
    if !codes::asks_change(code) {
        draft.drift(voice, answer.code.span, "change_code", code);
    }
    let data = answer.corrected.as_ref();
    let said = Said::ChangeAsked {
        code: code.to_owned(),
        corrected: data
            .map(|data| codes::corrected(code, &data.text))
            .unwrap_or_default(),
        settled_on: setting.settled_on,
    };
    draft.say(voice, answer.whole, said);
}

/// The return's reason is the payer's and stands; the codes of the banks' own argument about it are kept beside it with the weakest
/// voice, so that none of them replaces it.
fn reasons(draft: &mut Draft, voice: &Voice, answer: &Answer<'_>) {
    let aside = Voice {
        authority: Authority::ReportRow,
        ..voice.clone()
    };
    let own = if answer.step == Step::Return {
        voice
    } else {
        &aside
    };
    reason(draft, own, &answer.code, answer.code.text.as_ref());
    for (voice, code) in [
        (voice, &answer.return_code),
        (&aside, &answer.dishonored_code),
    ] {
        if let Some(code) = code {
            reason(draft, voice, code, &format!("R{}", code.text));
        }
    }
}

fn reason(draft: &mut Draft, voice: &Voice, word: &Word<'_>, code: &str) {
    let known = codes::known(code);
    let claim = ReasonClaim {
        reason: known.map_or_else(
            || Reason::Unmapped(code.to_owned()),
            |known| known.reason.clone(),
        ),
        network: Some(Network::Ach),
        code: Some(code.to_owned()),
    };
    draft.say(voice, word.span, Said::Reason(claim));
    if known.is_none() {
        draft.drift(voice, word.span, "return_code", code);
    }
}

/// A returned debit takes the money from the originator again, a returned credit gives it back; a dishonor undoes that, a contest
/// undoes the dishonor.
///
/// The key is the message's own trace and the original one. The settlement date is left out of it: an extract that lacks it and the
/// file that has it tell of one movement.
fn movement(
    draft: &mut Draft,
    voice: &Voice,
    setting: &Setting,
    answer: &Answer<'_>,
    original: &str,
) {
    let (Some(direction), (amount, _)) = (answer.direction, answer.amount) else {
        return;
    };
    if amount == 0 {
        return;
    }
    let undone = answer.step == Step::Dishonored;
    let taken = (direction == Direction::Debit) != undone;
    let minor = i128::from(amount);
    let (kind, minor) = if taken {
        (MovementKind::Withdrawal, -minor)
    } else {
        (MovementKind::Reinstatement, minor)
    };
    let own = answer
        .trace
        .as_ref()
        .map(|trace| fifteen(&trace.text))
        .unwrap_or_default();
    let movement = Movement {
        key: format!("{}/{own}/{original}", stage(answer.step)),
        kind,
        amount: Money::of_minor(minor, Currency::USD),
        settled: setting.settled_on.is_some(),
    };
    draft.say(voice, answer.whole, Said::Moved(movement));
}

/// R17 with QUESTIONABLE in its information: the receiving bank suspects fraud (rule in force since 2024-10-01).
fn suspicion(draft: &mut Draft, voice: &Voice, answer: &Answer<'_>) {
    let Some(information) = &answer.information else {
        return;
    };
    if answer.code.text == "R17" && information.text.trim_start().starts_with("QUESTIONABLE") {
        let kind = "QUESTIONABLE".to_owned();
        draft.say(voice, information.span, Said::FraudReported { kind });
    }
}

//! Synthetic files, made with the builders: one with every kind of entry and addenda, one of accounting advices.
#![allow(dead_code, clippy::as_conversions, clippy::indexing_slicing)]

use wire_nacha::{
    AdvEntry, ChangeAddenda, Composer, ContestedAddenda, CorporateEntry, DishonoredAddenda,
    DraftFault, Ending, FileHeader, IatAddenda10, IatAddenda11, IatAddenda12, IatAddenda13,
    IatAddenda14, IatAddenda15, IatAddenda16, IatAddenda17, IatAddenda18, IatBatchHeader, IatEntry,
    IatReturnAddenda, PaymentAddenda, RefusedChangeAddenda, ReturnAddenda, StandardBatchHeader,
    StandardBatchHeaderDraft, StandardEntry, StandardEntryDraft, TerminalAddenda,
};

type Rendered = Result<[u8; 94], DraftFault>;

const OURS: &str = "99000001";
const THEIRS: &str = "98000002";

pub fn file_header() -> [u8; 94] {
    FileHeader::draft()
        .immediate_destination("980000023")
        .immediate_origin("990000013")
        .created_on("260302")
        .created_at_local("0815")
        .file_id_modifier("A")
        .destination_name("Bank 1")
        .origin_name("Bank 2")
        .render()
        .expect("fits")
}

pub fn batch_header(sec: &str, number: u64) -> StandardBatchHeaderDraft {
    StandardBatchHeader::draft()
        .service_class(200u64)
        .company_name("Merchant 1")
        .company_id("1234567890")
        .sec(sec)
        .entry_description("RENT")
        .effective_on("260303")
        .settled_on("062")
        .originator_status("1")
        .odfi(OURS)
        .batch_number(number)
}

fn trace(sequence: u64) -> u64 {
    990_000_010_000_000 + sequence
}

pub fn entry(code: u64, amount: u64, sequence: u64) -> StandardEntryDraft {
    StandardEntry::draft()
        .transaction_code(code)
        .rdfi(THEIRS)
        .check_digit(3u64)
        .account("123456789")
        .amount(amount)
        .individual_id("INVOICE 1")
        .individual_name("Customer 1")
        .trace(trace(sequence))
}

fn returned(code: &str, sequence: u64) -> ReturnAddendaDraftOf {
    ReturnAddenda::draft()
        .return_code(code)
        .original_trace(980_000_020_000_000 + sequence)
        .original_rdfi(OURS)
        .trace(trace(sequence))
}
type ReturnAddendaDraftOf = wire_nacha::ReturnAddendaDraft;

fn put(composer: Composer, records: impl IntoIterator<Item = Rendered>) -> Composer {
    records.into_iter().fold(composer, |composer, record| {
        composer.record(record.expect("fits"))
    })
}

fn forward(composer: Composer) -> Composer {
    let composer = composer.batch(batch_header("POS", 1).render().expect("fits"));
    let terminal = TerminalAddenda::draft()
        .reference_1("ORDER 1")
        .reference_2("REF")
        .terminal_id("TILL 1")
        .serial_number("100049")
        .transacted_on("0302")
        .authorization("123456")
        .location("Store 1")
        .city("Springfield")
        .state("PA")
        .trace(trace(1));
    let payment = PaymentAddenda::draft()
        .information("rent of March")
        .sequence(1u64)
        .entry_sequence(2u64);
    put(
        composer,
        [
            entry(27, 12_345, 1).addenda_indicator(1u64).render(),
            terminal.render(),
            entry(22, 700, 2).addenda_indicator(1u64).render(),
            payment.render(),
        ],
    )
}

fn corporate(composer: Composer) -> Composer {
    let composer = composer.batch(batch_header("CTX", 2).render().expect("fits"));
    let entry = CorporateEntry::draft()
        .transaction_code(27u64)
        .rdfi(THEIRS)
        .check_digit(3u64)
        .account("123456789")
        .amount(99_999u64)
        .individual_id("INVOICE 2")
        .addenda_count(2u64)
        .individual_name("Company 2")
        .addenda_indicator(1u64)
        .trace(trace(3));
    let payment = |nth: u64| {
        PaymentAddenda::draft()
            .information("RMR*IV*1~")
            .sequence(nth)
            .entry_sequence(3u64)
            .render()
    };
    put(composer, [entry.render(), payment(1), payment(2)])
}

fn returns(composer: Composer) -> Composer {
    let composer = composer.batch(batch_header("PPD", 3).render().expect("fits"));
    let dishonored = DishonoredAddenda::draft()
        .dishonored_code("R68")
        .original_trace(trace(6))
        .original_rdfi(THEIRS)
        .return_trace(980_000_020_000_006u64)
        .return_settled_on("061")
        .return_code("10")
        .information("late")
        .trace(trace(6));
    let contested = ContestedAddenda::draft()
        .contested_code("R73")
        .original_trace(trace(7))
        .original_returned_on("260301")
        .original_rdfi(THEIRS)
        .original_settled_on("058")
        .return_trace(980_000_020_000_007u64)
        .return_settled_on("061")
        .return_code("10")
        .dishonored_trace(990_000_010_000_077u64)
        .dishonored_settled_on("062")
        .dishonored_code("68")
        .trace(trace(7));
    put(
        composer,
        [
            entry(26, 5_000, 4).addenda_indicator(1u64).render(),
            returned("R01", 4).render(),
            entry(21, 5_001, 5).addenda_indicator(1u64).render(),
            returned("R15", 5)
                .date_of_death("260115")
                .information("see note")
                .render(),
            entry(26, 5_002, 6).addenda_indicator(1u64).render(),
            dishonored.render(),
            entry(26, 5_003, 7).addenda_indicator(1u64).render(),
            contested.render(),
        ],
    )
}

fn changes(composer: Composer) -> Composer {
    let composer = composer.batch(batch_header("COR", 4).render().expect("fits"));
    let change = ChangeAddenda::draft()
        .change_code("C01")
        .original_trace(980_000_020_000_008u64)
        .original_rdfi(OURS)
        .corrected_data("555000111")
        .trace(trace(8));
    let refused = RefusedChangeAddenda::draft()
        .refused_code("C62")
        .original_trace(980_000_020_000_009u64)
        .original_rdfi(OURS)
        .corrected_data("555000111")
        .change_code("C01")
        .trace_sequence(8u64)
        .trace(trace(9));
    put(
        composer,
        [
            entry(26, 0, 8).addenda_indicator(1u64).render(),
            change.render(),
            entry(26, 0, 9).addenda_indicator(1u64).render(),
            refused.render(),
        ],
    )
}

fn iat_addenda(sequence: u64) -> Vec<Rendered> {
    vec![
        IatAddenda10::draft()
            .transaction_type("BUS")
            .foreign_amount(4_242u64)
            .receiver_name("Customer 3")
            .entry_sequence(sequence)
            .render(),
        IatAddenda11::draft()
            .originator_name("Merchant 1")
            .originator_street("Street 1")
            .entry_sequence(sequence)
            .render(),
        IatAddenda12::draft()
            .originator_city_state("Springfield*PA\\")
            .originator_country_postal_code("US*00001\\")
            .entry_sequence(sequence)
            .render(),
        IatAddenda13::draft()
            .odfi_name("Bank 1")
            .odfi_qualifier("01")
            .odfi_identification("990000013")
            .odfi_country("US")
            .entry_sequence(sequence)
            .render(),
        IatAddenda14::draft()
            .rdfi_name("Bank 2")
            .rdfi_qualifier("01")
            .rdfi_identification("980000023")
            .rdfi_country("CA")
            .entry_sequence(sequence)
            .render(),
        IatAddenda15::draft()
            .receiver_id("3")
            .receiver_street("Street 3")
            .entry_sequence(sequence)
            .render(),
        IatAddenda16::draft()
            .receiver_city_state("Toronto*ON\\")
            .receiver_country_postal_code("CA*00002\\")
            .entry_sequence(sequence)
            .render(),
    ]
}

fn iat_entry(code: u64, sequence: u64, addenda: u64) -> Rendered {
    IatEntry::draft()
        .transaction_code(code)
        .rdfi(THEIRS)
        .check_digit(3u64)
        .addenda_count(addenda)
        .amount(4_200u64)
        .account("123456789")
        .addenda_indicator(1u64)
        .trace(trace(sequence))
        .render()
}

fn international(composer: Composer) -> Composer {
    let header = IatBatchHeader::draft()
        .service_class(200u64)
        .exchange_indicator("FF")
        .exchange_reference_indicator("3")
        .destination_country("CA")
        .originator_id("1234567890")
        .entry_description("RENT")
        .originating_currency("USD")
        .destination_currency("CAD")
        .effective_on("260303")
        .originator_status("1")
        .odfi(OURS)
        .batch_number(5u64);
    let composer = composer.batch(header.render().expect("fits"));
    let composer = put(composer, [iat_entry(27, 10, 9)]);
    let composer = put(composer, iat_addenda(10));
    let composer = put(
        composer,
        [
            IatAddenda17::draft()
                .information("rent")
                .sequence(1u64)
                .entry_sequence(10u64)
                .render(),
            IatAddenda18::draft()
                .correspondent_name("Bank 3")
                .correspondent_qualifier("01")
                .correspondent_identification("55500")
                .correspondent_country("CA")
                .sequence(1u64)
                .entry_sequence(10u64)
                .render(),
            iat_entry(26, 11, 7),
        ],
    );
    let returned = IatReturnAddenda::draft()
        .return_code("R03")
        .original_trace(980_000_020_000_011u64)
        .original_rdfi(OURS)
        .original_amount(4_200u64)
        .information("no account")
        .trace(trace(11));
    put(put(composer, iat_addenda(11)), [returned.render()])
}

/// Every record type but the advices', five batches, 50 lines: no fill is needed.
pub fn everything(ending: Ending) -> Vec<u8> {
    let composer = Composer::new(file_header(), ending);
    international(changes(returns(corporate(forward(composer)))))
        .finish()
        .expect("in place")
}

pub fn advices(ending: Ending) -> Vec<u8> {
    let header = batch_header("ADV", 1)
        .service_class(280u64)
        .originator_status("0")
        .render()
        .expect("fits");
    let advice = |code: u64, amount: u64, sequence: u64| {
        AdvEntry::draft()
            .transaction_code(code)
            .rdfi(THEIRS)
            .check_digit(3u64)
            .account("55-1")
            .amount(amount)
            .advice_routing_number("990000013")
            .file_id("00001")
            .individual_name("Name 1")
            .operator_routing_number("97000001")
            .created_on(61u64)
            .sequence(sequence)
            .render()
    };
    let composer = Composer::new(file_header(), ending).batch(header);
    put(composer, [advice(81, 50_000, 1), advice(82, 250_000, 2)])
        .finish()
        .expect("in place")
}

/// Lines of a sample without their endings.
pub fn lines(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).expect("samples are ASCII");
    text.lines().map(str::to_owned).collect()
}

/// One LF-ended file from lines.
pub fn join(lines: &[String]) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| [line.as_bytes(), b"\n"].concat())
        .collect()
}

/// Replaces the text at 1-based position `from` of line `number` (from 1), as the rule book counts.
pub fn edit(bytes: &[u8], number: usize, from: usize, text: &str) -> Vec<u8> {
    let mut lines = lines(bytes);
    lines[number - 1].replace_range(from - 1..from - 1 + text.len(), text);
    join(&lines)
}

pub fn whole() -> Vec<u8> {
    everything(Ending::Lf)
}

/// The whole sample, saying `text` at position `from` of line `number`.
pub fn edited(number: usize, from: usize, text: &str) -> Vec<u8> {
    edit(&whole(), number, from, text)
}

pub fn without(gone: &[usize]) -> Vec<u8> {
    let kept: Vec<_> = lines(&whole())
        .into_iter()
        .enumerate()
        .filter(|(at, _)| !gone.contains(&(at + 1)))
        .map(|(_, line)| line)
        .collect();
    join(&kept)
}

/// Line `number` once more, after line `after`.
pub fn repeated(number: usize, after: usize) -> Vec<u8> {
    let mut lines = lines(&whole());
    let line = lines[number - 1].clone();
    lines.insert(after, line);
    join(&lines)
}

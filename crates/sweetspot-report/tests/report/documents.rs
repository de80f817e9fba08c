//! Documents to the byte, and the equivalence of a page and a text.

use sweetspot_core::{
    Comment, Definition, Finding, HypothesisEntry, IcpCategory, LabelPolicy, LabelPreset, Outcome, OutcomeStatus,
    Severity, SpicedPart, Stance,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::{Block, Document, Report, ReportInput, Table, TableCell, html, markdown};

use crate::fixtures::{
    company, customers_with_texts, default_input, exclusion_rule, hypothesis, statement_by_ann, trained_input,
};

fn text(document: Document, input: &ReportInput) -> String {
    markdown::text(&Report::new("", &[document], input, None))
}

/// A sample definition.
fn sample_definition() -> Definition {
    let finding = Finding {
        id: "by-may".to_owned(),
        text: "They need it by May.".to_owned(),
        category: Some(IcpCategory::BusinessProblem),
        spiced: Some(SpicedPart::CriticalEvent),
        stance: Stance::Positive,
        attribution: statement_by_ann(None),
        ..Finding::default()
    };
    let comment = Comment { id: "c".to_owned(), text: "Ask finance | sales.".to_owned(), ..Comment::default() };
    let hypothesis = hypothesis("sap", "technologies", 3.0);
    let held =
        HypothesisEntry { hypothesis, stated_at: jiff::Timestamp::UNIX_EPOCH, reason: "we have seen it".to_owned() };
    Definition {
        hypotheses: vec![held],
        exclusion_rules: vec![exclusion_rule(Severity::Out, None), exclusion_rule(Severity::Caution, Some(20_000))],
        findings: vec![finding],
        comments: vec![comment],
        ..Definition::default()
    }
}

/// Customers of two sectors buy, those of two others do not, except for every ninth.
fn two_segment_input() -> ReportInput {
    let sector = |row: usize| ["Logistics", "Retail", "Media", "Mining"][row % 4];
    let won = |row: usize| (row % 4 < 2) != row.is_multiple_of(9);
    let status = |row: usize| if won(row) { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let value = |row: usize| won(row).then(|| if row.is_multiple_of(4) { 5_000.0 } else { 1_000.0 });
    let outcome = |row: usize| Outcome { status: Some(status(row)), value: value(row), ..Outcome::default() };
    let rows: Vec<(&str, Outcome)> = (0..400).map(|row| (sector(row), outcome(row))).collect();
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    trained_input(customers_with_texts("sector", &rows), Definition::default(), &spec)
}

#[test]
fn segments_read_as_they_should() {
    insta::assert_snapshot!(text(Document::Segments, &two_segment_input()));
}

#[test]
fn value_reads_as_it_should() {
    insta::assert_snapshot!(text(Document::Value, &default_input(company(600))));
}

#[test]
fn the_review_reads_as_it_should() {
    insta::assert_snapshot!(text(Document::Review, &default_input(company(600))));
}

#[test]
fn the_definition_reads_as_it_should() {
    let input = trained_input(company(200), sample_definition(), &TrainingSpec::default());
    insta::assert_snapshot!(text(Document::Definition, &input));
}

#[test]
fn a_page_and_a_text_say_the_same() {
    let input = trained_input(company(300), sample_definition(), &TrainingSpec::default());
    let report = Report::new("", &Document::ALL, &input, None);
    let (page, text) = (read_page(&html::page(&report)), read_text(&markdown::text(&report)));
    let mut figures = 0;
    for one in report.parts.iter().flat_map(|part| part.blocks.iter().flat_map(texts)) {
        let one = plain(&one);
        assert!(page.contains(&one), "the page lacks {one:?}");
        assert!(text.contains(&one), "the text lacks {one:?}");
        figures += usize::from(one.contains(|c: char| c.is_ascii_digit()));
    }
    assert!(figures > 300, "{figures}");
}

/// All texts of a block.
fn texts(block: &Block) -> Vec<String> {
    match block {
        Block::Heading(_, text) | Block::Text(text) | Block::Callout(_, text) => vec![text.clone()],
        Block::List(texts) => texts.clone(),
        Block::Table(table) => cells(table),
        Block::Chart(chart) => [vec![chart.finding.clone()], cells(&chart.table)].concat(),
        Block::Cards(cards) => {
            let facts = cards.iter().flat_map(|card| card.facts.iter().map(|(_, fact)| fact.clone()));
            cards.iter().map(|card| card.subtitle.clone()).chain(facts).collect()
        }
        Block::Pond(bands) => {
            let marks = bands.iter().flat_map(|band| band.negatives.iter().chain(&band.positives));
            marks.flat_map(|mark| [mark.text.clone(), mark.source.clone(), mark.matching.clone()]).collect()
        }
        Block::Panels(panels) => {
            let lines = panels.iter().flat_map(|panel| panel.lines.iter().map(|line| line.text.clone()));
            panels.iter().filter_map(|panel| panel.lead.clone()).chain(lines).collect()
        }
        Block::RateBars(bars) => bars.iter().map(|bar| bar.label.clone()).collect(),
    }
}

fn cells(table: &Table) -> Vec<String> {
    let cell = |cell: &TableCell| cell.text.clone();
    table.rows.iter().flatten().map(cell).collect()
}

/// Words separated by one space, without Markdown characters.
fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, '\\' | '*' | '\u{2060}')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_text(text: &str) -> String {
    plain(&unescaped(text))
}

fn read_page(page: &str) -> String {
    let mut inside = false;
    let words = page.chars().map(|c| match c {
        '<' => {
            inside = true;
            ' '
        }
        '>' if inside => {
            inside = false;
            ' '
        }
        _ if inside => ' ',
        _ => c,
    });
    plain(&unescaped(&words.collect::<String>()))
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Markdown separates the head of each table from its rows.
#[test]
fn the_tables_of_a_report_are_those_of_its_page() {
    let report = Report::new("", &Document::ALL, &default_input(company(600)), None);
    let tables = sweetspot_report::tables(&report);
    let heads = markdown::text(&report).lines().filter(|line| line.starts_with("| ---")).count();
    assert_eq!(tables.len(), heads);
    assert!(tables.iter().all(|table| table.rows.iter().all(|row| row.len() == table.columns.len())), "{tables:?}");
    assert!(tables.iter().any(|table| table.document == "Proof and caution" && table.section != table.document));
}

//! Documents as people read them: what they say to the byte, and that a page and a text say the same.

use sweetspot_core::{
    Category, Comment, Definition, Finding, HeldHypothesis, LabelPolicy, LabelPreset, Lean, Outcome, Severity, Spiced,
    Status,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::{Block, Cell, Document, Evidence, Report, Table, html, markdown};

use crate::support::{belief, by_ann, company, evidence, evidence_of, gate, with_texts};

fn text(document: Document, evidence: &Evidence) -> String {
    markdown::text(&Report::new("", &[document], evidence, None))
}

/// What a committee has said so far.
fn said() -> Definition {
    let finding = Finding {
        id: "by-may".to_owned(),
        text: "They need it by May.".to_owned(),
        category: Some(Category::BusinessProblem),
        spiced: Some(Spiced::CriticalEvent),
        lean: Lean::Positive,
        by: by_ann(None),
        ..Finding::default()
    };
    let comment = Comment { id: "c".to_owned(), text: "Ask finance | sales.".to_owned(), ..Comment::default() };
    let hypothesis = belief("sap", "technologies", 3.0);
    let held = HeldHypothesis { hypothesis, stated: jiff::Timestamp::UNIX_EPOCH, reason: "we have seen it".to_owned() };
    Definition {
        hypotheses: vec![held],
        gates: vec![gate(Severity::Out, None), gate(Severity::Caution, Some(20_000))],
        findings: vec![finding],
        comments: vec![comment],
        ..Definition::default()
    }
}

/// Those of two sectors buy, those of two others do not, but for every ninth.
fn of_two_kinds() -> Evidence {
    let sector = |row: usize| ["Logistics", "Retail", "Media", "Mining"][row % 4];
    let won = |row: usize| (row % 4 < 2) != row.is_multiple_of(9);
    let status = |row: usize| if won(row) { Status::Won } else { Status::Lost };
    let value = |row: usize| won(row).then(|| if row.is_multiple_of(4) { 5_000.0 } else { 1_000.0 });
    let outcome = |row: usize| Outcome { status: Some(status(row)), value: value(row), ..Outcome::default() };
    let rows: Vec<(&str, Outcome)> = (0..400).map(|row| (sector(row), outcome(row))).collect();
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    evidence_of(with_texts("sector", &rows), Definition::default(), &spec)
}

#[test]
fn segments_read_as_they_should() {
    insta::assert_snapshot!(text(Document::Segments, &of_two_kinds()));
}

#[test]
fn value_reads_as_it_should() {
    insta::assert_snapshot!(text(Document::Value, &evidence(company(600))));
}

#[test]
fn the_review_reads_as_it_should() {
    insta::assert_snapshot!(text(Document::Review, &evidence(company(600))));
}

#[test]
fn the_definition_reads_as_it_should() {
    let evidence = evidence_of(company(200), said(), &TrainingSpec::default());
    insta::assert_snapshot!(text(Document::Definition, &evidence));
}

#[test]
fn a_page_and_a_text_say_the_same() {
    let evidence = evidence_of(company(300), said(), &TrainingSpec::default());
    let report = Report::new("", &Document::ALL, &evidence, None);
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

/// Everything that a block says.
fn texts(block: &Block) -> Vec<String> {
    match block {
        Block::Heading(_, text) | Block::Text(text) | Block::Told(_, text) => vec![text.clone()],
        Block::List(texts) => texts.clone(),
        Block::Table(table) => cells(table),
        Block::Chart(chart) => [vec![chart.finding.clone()], cells(&chart.table)].concat(),
        Block::Cards(cards) => {
            let facts = cards.iter().flat_map(|card| card.facts.iter().map(|(_, fact)| fact.clone()));
            cards.iter().map(|card| card.line.clone()).chain(facts).collect()
        }
        Block::Pond(bands) => {
            let marks = bands.iter().flat_map(|band| band.negatives.iter().chain(&band.positives));
            marks.flat_map(|mark| [mark.text.clone(), mark.source.clone()]).collect()
        }
    }
}

fn cells(table: &Table) -> Vec<String> {
    let cell = |cell: &Cell| cell.text.clone();
    table.rows.iter().flatten().map(cell).collect()
}

/// Words with one space between them, without the signs that mean something in Markdown.
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

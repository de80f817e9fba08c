use sweetspot_core::{
    AccountReviews, AccountTable, Attribution, Column, ColumnData, Condition, Customers, Date, Definition, Digest,
    ExclusionRule, Finding, LabelPolicy, LabelPreset, Outcome, OutcomeStatus, PondMapSectionKind, ReviewField,
    Severity, SpicedPart, Test,
};
use sweetspot_model::{NoProgress, Scorer, TrainingSpec, train};

use super::blocks::put_out;
use super::*;
use crate::Block;

/// Small logistics firms and large hospitals, which buy, and others, which rarely do.
fn customers(rows: usize) -> Customers {
    let row = |row: usize| (row % 4, row / 4 % 2 == 1, (row / 8).is_multiple_of(10));
    let won = |at: usize| {
        let (sector, large, odd) = row(at);
        (sector == 0 && !large || sector == 1 && large) != odd
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let sectors = (0..rows).map(|at| Some(row(at).0 as u32)).collect();
    let sizes = (0..rows).map(|at| Some((at * 7 % 90 + if row(at).1 { 1000 } else { 10 }) as f64)).collect();
    let paths = (0..rows).map(|at| Some(u32::from(row(at).0 == 1 && at % 16 > 3))).collect();
    let columns = vec![
        Column { name: "employees".to_owned(), data: ColumnData::Numbers(sizes) },
        Column {
            name: "sector".to_owned(),
            data: ColumnData::Categories {
                dictionary: texts(&["Logistics", "Health", "Mining", "Retail"]),
                codes: sectors,
            },
        },
        Column {
            name: "pain".to_owned(),
            data: ColumnData::Categories { dictionary: texts(&["Slow", "Lost <records>"]), codes: paths },
        },
    ];
    let outcome = |at| {
        let status = Some(if won(at) { OutcomeStatus::Won } else { OutcomeStatus::Lost });
        Outcome { status, value: won(at).then_some(100.0 + at as f64), ..Outcome::default() }
    };
    let ids = (0..rows).map(|at| format!("c-{at}")).collect();
    let accounts = AccountTable::new(ids, columns).unwrap();
    Customers::new(accounts, (0..rows).map(outcome).collect(), Some("USD".to_owned())).unwrap()
}

fn input(customers: Customers, definition: Definition) -> ReportInput {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let exclusion_rules = definition.exclusion_rules.clone();
    let spec = TrainingSpec { label_policy, exclusion_rules, ..TrainingSpec::default() };
    let model = train(&spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap();
    let scorer = Scorer::compile(&model).unwrap();
    ReportInput::new("v".to_owned(), model, &scorer, customers, definition, Date { days: 20_000 }).unwrap()
}

#[test]
fn figures_are_those_of_the_customers_in_it() {
    let input = input(customers(800), Definition::default());
    let view = SegmentProfiles::new(&input);
    assert!(view.segments.len() >= 2, "{view:#?}");
    let inside: u64 = view.segments.iter().map(|segment| segment.ideal.total).sum();
    assert_eq!(inside + view.outside.total, 800);
    for (segment, kept) in view.segments.iter().zip(input.model.segments()) {
        assert_eq!((segment.ideal.total, segment.ideal.part), (kept.customers, kept.ideal));
        assert!(segment.value_share.is_some_and(|share| (0.0..=1.0).contains(&share)));
        assert_eq!(segment.examples.len(), 3);
        assert!(segment.examples.is_sorted_by(|a, b| a.value >= b.value));
        assert!(segment.sizes.iter().any(|size| size.name.key == "employees"));
        let is_first = segment.id == view.segments[0].id;
        let account = if is_first { "An account" } else { "An account that is in no earlier segment" };
        let start = format!("{account} belongs here if: ");
        assert!(segment.rule_sentence.starts_with(&start), "{}", segment.rule_sentence);
        let said: Vec<_> = segment.spiced.iter().map(|line| line.part).collect();
        assert_eq!(said, SpicedPart::ALL);
    }
    let told = view.segments.iter().flat_map(|segment| &segment.spiced).filter(|line| line.part == SpicedPart::Pain);
    assert!(told.clone().all(|line| !line.quotes.is_empty()), "an attribute with that name contains it");
}

#[test]
fn a_review_has_the_first_word_and_findings_are_reported_with_their_segment() {
    let mut review = AccountReviews::default();
    let texts = vec!["We lose records".to_owned(), " WE LOSE RECORDS".to_owned()];
    let codes = (0..800_usize).map(|at| Some((at % 2) as u32)).collect();
    review.set(ReviewField::Impact, ColumnData::Categories { dictionary: texts, codes });
    let customers = customers(800).with_review(review).unwrap();
    let finding = |id: &str, segment: &str| Finding {
        id: id.to_owned(),
        text: format!("learned {id}"),
        segment_id: segment.to_owned(),
        spiced: Some(SpicedPart::Impact),
        attribution: Attribution::default(),
        ..Finding::default()
    };
    let findings = vec![finding("a", "segment-1"), finding("b", "segment-9")];
    let view = SegmentProfiles::new(&input(customers, Definition { findings, ..Definition::default() }));
    let impact =
        |segment: &SegmentProfile| segment.spiced.iter().find(|line| line.part == SpicedPart::Impact).unwrap().clone();
    let first = impact(&view.segments[0]);
    assert_eq!(first.findings, ["learned a"]);
    assert_eq!(first.quotes.len(), 1, "case does not matter: {first:?}");
    assert_eq!(first.quotes[0].customers, view.segments[0].ideal.part);
    assert_eq!(impact(&view.segments[1]).findings, Vec::<String>::new());
    assert_eq!(view.findings_without_segment, ["learned b (its segment \"segment-9\" is not in version v)"]);
    let page = format!("{:?}", blocks(&view));
    assert!(page.contains("Findings on segments of other versions") && page.contains("is not in version v"), "{page}");
}

#[test]
fn without_kinds_the_page_says_so_and_with_kinds_each_has_a_section() {
    let few = SegmentProfiles::new(&input(customers(64), Definition::default()));
    assert_eq!(few.segments, []);
    let Some(Block::Callout(crate::CalloutKind::Missing, text)) = blocks(&few).pop() else { panic!("a callout") };
    assert!(text.ends_with(" ideal customers, at least 40 are needed."), "{text}");
    let view = SegmentProfiles::new(&input(customers(800), Definition::default()));
    let page = blocks(&view);
    let sections = page.iter().filter(|block| matches!(block, Block::Heading(2, _))).count();
    assert_eq!(sections, view.segments.len());
    let table = page.iter().find_map(|block| if let Block::Table(table) = block { Some(table) } else { None }).unwrap();
    assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    let text = format!("{page:?}");
    assert!(text.contains("not yet interviewed"), "no critical event is known");
}

#[test]
fn customers_that_an_exclusion_rule_puts_out_count_in_no_segment() {
    let rule = |severity, sector: &str| ExclusionRule {
        id: sector.to_owned(),
        statement: String::new(),
        when: Condition { attribute: "sector".to_owned(), test: Test::AnyOf(vec![sector.to_owned()]) },
        severity,
        section: PondMapSectionKind::AccountProfile,
        attribution: Attribution::default(),
    };
    let exclusion_rules = vec![rule(Severity::Out, "Health"), rule(Severity::Caution, "Logistics")];
    let input = input(customers(800), Definition { exclusion_rules, ..Definition::default() });
    let view = SegmentProfiles::new(&input);
    assert_eq!(view.put_out.total, 200);
    let inside: u64 = view.segments.iter().map(|segment| segment.ideal.total).sum();
    assert_eq!(inside + view.outside.total + view.put_out.total, 800);
    for (segment, summary) in view.segments.iter().zip(input.model.segments()) {
        assert_eq!((segment.ideal.total, segment.ideal.part), (summary.customers, summary.ideal));
    }
    assert_eq!(
        put_out(view.put_out),
        format!(" An exclusion rule puts out 200 customers ({} ideal), which count in no segment.", view.put_out.part)
    );
}

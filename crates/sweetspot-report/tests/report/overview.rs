//! The overview.

use sweetspot_core::{
    AccountTable, Column, ColumnData, Condition, Customers, Definition, ExclusionRule, LabelPolicy, LabelPreset,
    Outcome, OutcomeStatus, Severity, Test,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::overview::{AccountPattern, Overview, PatternSource, Usability, blocks};
use sweetspot_report::{Document, Proportion, Report, ReportInput, markdown};

use crate::fixtures::{
    company, customers_with_texts, default_input, exclusion_rule, hypothesis_only_input, outcome_with_status,
    trained_input,
};

fn won_spec() -> TrainingSpec {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    TrainingSpec { label_policy, ..TrainingSpec::default() }
}

fn won(is_won: bool) -> Outcome {
    outcome_with_status(if is_won { OutcomeStatus::Won } else { OutcomeStatus::Lost })
}

fn categories(name: &str, dictionary: &[&str], codes: impl Iterator<Item = usize>) -> Column {
    let dictionary = dictionary.iter().map(|text| (*text).to_owned()).collect();
    let codes = codes.map(|code| Some(u32::try_from(code).unwrap())).collect();
    Column { name: name.to_owned(), data: ColumnData::Categories { dictionary, codes } }
}

fn input(columns: Vec<Column>, is_won: impl Fn(usize) -> bool, rows: usize, definition: Definition) -> ReportInput {
    let ids = (0..rows).map(|row| format!("c{row}")).collect();
    let outcomes: Vec<Outcome> = (0..rows).map(|row| won(is_won(row))).collect();
    let customers = Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap();
    trained_input(customers, definition, &won_spec())
}

fn descriptions(patterns: &[AccountPattern]) -> Vec<&str> {
    patterns.iter().map(|pattern| pattern.description.as_str()).collect()
}

/// 3 of 4 logistics companies buy, 1 of 10 mining companies, and 2 of 5 others.
fn sector_input(definition: Definition) -> ReportInput {
    let sector = |row: usize| row % 4;
    let is_won = |row: usize| match sector(row) {
        0 => row / 4 % 4 < 3,
        1 => row / 4 % 10 < 1,
        _ => row / 4 % 5 < 2,
    };
    let sectors = categories("sector", &["Logistics", "Mining", "Retail", "Media"], (0..800).map(sector));
    input(vec![sectors], is_won, 800, definition)
}

#[test]
fn patterns_have_the_counts_of_their_customers() {
    let overview = Overview::new(&sector_input(Definition::default()), None);
    assert_eq!(descriptions(&overview.call), ["Sector: Logistics"]);
    assert_eq!(descriptions(&overview.skip), ["Sector: Mining"]);
    assert_eq!(overview.call[0].customers, Proportion { part: 150, total: 200 });
    assert_eq!(overview.skip[0].customers, Proportion { part: 20, total: 200 });
    assert_eq!((overview.called, overview.skipped), (overview.call[0].customers, overview.skip[0].customers));
    assert_eq!(overview.all, Proportion { part: 330, total: 800 });
    let text = markdown::text(&Report::new("", &[Document::Overview], &sector_input(Definition::default()), None));
    let headline = "One kind of account stands out (Sector: Logistics). 75 in 100 of them are ideal, 41 in 100 of all.";
    assert!(text.contains(headline), "{text}");
    assert!(text.contains("They are 25% of all accounts, with 45% of the ideal ones."), "{text}");
    let skipped = "- **Sector: Mining:** 10 in 100 are ideal (200 of 800 accounts, with 6.1% of the ideal ones).";
    assert!(text.contains(skipped), "{text}");
    assert_eq!(overview.others, Proportion { part: 160, total: 400 });
    assert!(text.contains("- **Then all others:** 40 in 100 are ideal (400 accounts)."), "{text}");
}

/// Rows without an outcome are called only if they are at least as likely to be ideal as the average customer.
#[test]
fn accounts_below_the_average_are_not_called() {
    let sector = |row: usize| row % 3;
    let outcome = |row: usize| match row {
        790.. => Outcome::default(),
        _ => won([row.is_multiple_of(4), !row.is_multiple_of(4), !row.is_multiple_of(10)][sector(row)]),
    };
    let rows: Vec<_> = (0..800).map(|row| (["Mining", "Retail", "Logistics"][sector(row)], outcome(row))).collect();
    let input = trained_input(customers_with_texts("sector", &rows), Definition::default(), &won_spec());
    let overview = Overview::new(&input, None);
    let rate = overview.all.rate().unwrap();
    assert!(!overview.next.call.is_empty() && overview.next.call.len() < 10, "{:?}", overview.next);
    assert!(overview.next.call.iter().all(|call| call.probability >= rate), "{:?}", overview.next);
}

#[test]
fn the_certainty_follows_the_targets() {
    let certainty = |is_won: fn(usize) -> bool| {
        let sectors = categories("sector", &["a", "b", "c", "d", "e"], (0..2000).map(|row| row % 5));
        let text = markdown::text(&Report::new(
            "",
            &[Document::Overview],
            &input(vec![sectors], is_won, 2000, Definition::default()),
            None,
        ));
        text.lines().find(|line| line.contains("How sure")).unwrap().to_owned()
    };
    let good = certainty(|row| if row % 5 == 0 { row / 5 % 10 < 7 } else { row / 5 % 50 == 7 });
    let limited = certainty(|row| row / 5 % 5 < if row % 5 < 2 { 4 } else { 1 });
    assert_eq!([good.as_str(), limited.as_str()], ["### How sure: good", "### How sure: limited"]);
}

#[test]
fn every_customer_is_called_skipped_or_among_the_others() {
    let retail_and_logistics = ExclusionRule {
        when: Condition {
            attribute: "sector".to_owned(),
            test: Test::AnyOf(vec!["Logistics".to_owned(), "Retail".to_owned()]),
        },
        ..exclusion_rule(Severity::Out, None)
    };
    let definition = Definition { exclusion_rules: vec![retail_and_logistics], ..Definition::default() };
    let overview = Overview::new(&sector_input(definition), None);
    assert_eq!(descriptions(&overview.call), [""; 0]);
    assert_eq!((overview.called.total, overview.skipped.total, overview.others.total), (0, 600, 200));
    let ideal = overview.called.part + overview.skipped.part + overview.others.part;
    assert_eq!(ideal, overview.all.part);
}

/// High skill decides, but only in manufacturing: neither attribute alone sets ideal accounts apart.
#[test]
fn two_attributes_that_matter_only_together_are_one_pattern() {
    let (skill, industry) = (|row: usize| row % 2, |row: usize| row / 2 % 2);
    // Ideal in 4 of 5 cases if both are 1 or both are 0, otherwise in 1 of 5 cases.
    let is_won = |row: usize| (row / 4 % 5 < 4) == (skill(row) == industry(row));
    let columns = vec![
        categories("work", &["routine", "skilled"], (0..1200).map(skill)),
        categories("industry", &["Retail", "Manufacturing"], (0..1200).map(industry)),
    ];
    let overview = Overview::new(&input(columns, is_won, 1200, Definition::default()), None);
    let mut called = descriptions(&overview.call);
    called.sort_unstable();
    assert_eq!(called.len(), 2, "{overview:?}");
    for (text, both) in called.iter().zip([["routine", "Retail"], ["skilled", "Manufacturing"]]) {
        assert!(both.iter().all(|value| text.contains(value)), "{text}");
    }
    assert_eq!(overview.call[0].customers, Proportion { part: 240, total: 300 });
    assert_eq!(overview.skip.len(), 2, "{overview:?}");
}

#[test]
fn a_number_has_one_bound_on_the_sheet() {
    let overview = Overview::new(&default_input(company(2000)), None);
    let patterns = || overview.call.iter().chain(&overview.skip);
    for attribute in ["employees", "revenue"] {
        let conditions = patterns()
            .flat_map(|pattern| pattern.description.split(", and "))
            .filter(|condition| condition.to_lowercase().contains(attribute));
        let mut bounds: Vec<String> =
            conditions.map(|text| text.chars().filter(char::is_ascii_digit).collect()).collect();
        bounds.sort_unstable();
        bounds.dedup();
        assert!(bounds.len() <= 1, "{attribute}: {bounds:?}");
    }
    assert!(!overview.call.is_empty() && !overview.skip.is_empty(), "{overview:?}");
    let rate = overview.all.rate().unwrap();
    assert!(overview.call.iter().all(|pattern| pattern.customers.interval().0 > rate), "{overview:?}");
    assert!(overview.skip.iter().all(|pattern| pattern.customers.interval().1 < rate), "{overview:?}");
}

#[test]
fn without_signal_there_is_no_pattern_and_no_account_to_call() {
    let rows: Vec<_> = (0..400).map(|row| (["north", "south"][row % 2], won(row % 4 < 2))).collect();
    let input = trained_input(customers_with_texts("region", &rows), Definition::default(), &won_spec());
    let overview = Overview::new(&input, None);
    assert_eq!((overview.usability, overview.call.len(), overview.skip.len()), (Usability::NotUsable, 0, 0));
    assert!(overview.next.call.is_empty() && overview.usability_reason.ends_with("no better than a coin."));
    let text = markdown::text(&Report::new("", &[Document::Overview], &input, None));
    assert!(text.contains("Nothing sets ideal customers apart yet, judging by 400 customers."), "{text}");
    assert!(!text.contains("Tiers, from the best"), "{text}");
}

#[test]
fn beliefs_without_customers_are_named_as_such() {
    let overview = Overview::new(&hypothesis_only_input(), None);
    assert_eq!((overview.usability, descriptions(&overview.call)), (Usability::Untested, vec!["Tools SAP"]));
    assert_eq!(overview.call[0].source, PatternSource::Hypothesis("Ann".to_owned()));
    let text = format!("{:?}", blocks(&overview));
    assert!(
        text.contains("believed by Ann, not tested.") && text.contains("No customers have tested this yet"),
        "{text}"
    );
}

#[test]
fn a_stated_rule_has_its_price() {
    let definition = Definition {
        exclusion_rules: vec![exclusion_rule(Severity::Out, None), exclusion_rule(Severity::Caution, None)],
        ..Definition::default()
    };
    let input = trained_input(company(600), definition, &TrainingSpec::default());
    let overview = Overview::new(&input, None);
    let small = |row: &usize| {
        let column = input.accounts().column("employees").unwrap();
        matches!(column.data.get(*row), Some(sweetspot_core::ValueRef::Number(number)) if number < 20.0)
    };
    let small = (0..600).filter(small).filter_map(|row| input.ideal(row));
    assert_eq!(overview.skip[0].source, PatternSource::ExclusionRule("Ann".to_owned()));
    assert_eq!(overview.skip[0].customers, Proportion::from_bools(small));
    assert!(overview.skip[1..].iter().all(|pattern| pattern.source == PatternSource::Customers));
}

#[test]
fn the_whole_overview_reads_as_it_should() {
    let input = default_input(company(600));
    insta::assert_snapshot!(markdown::text(&Report::new("", &[Document::Overview], &input, None)));
}

#[test]
fn the_rarer_label_makes_a_hunch() {
    let sector = |row: usize| row % 2;
    // 25 of 400 are not ideal, most of them in mining.
    let is_won = |row: usize| !(sector(row) == 1 && row < 40 || row.is_multiple_of(80));
    let sectors = categories("sector", &["Logistics", "Mining"], (0..400).map(sector));
    let overview = Overview::new(&input(vec![sectors], is_won, 400, Definition::default()), None);
    assert!(overview.usability_reason.starts_with("Only 25 are not ideal: treat it as a hunch."), "{overview:?}");
}

//! The ICP summary.

use sweetspot_core::{
    AccountReviews, ColumnData, Customers, Definition, Finding, IcpCategory, LabelPolicy, LabelPreset, OutcomeStatus,
    ReviewField, Severity, SpicedPart, Stance, Value,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::summary::{Summary, blocks};
use sweetspot_report::{Block, CalloutKind, Proportion, ReportInput};

use crate::fixtures::{
    account, company, customers_with_texts, default_input, exclusion_rule, hypothesis_only_input, outcome_with_status,
    statement_by_ann, trained_input,
};

fn texts(blocks: &[Block]) -> String {
    format!("{blocks:?}")
}

#[test]
fn the_opening_sentence_counts_what_it_says() {
    let customers = company(600);
    let input = default_input(customers.clone());
    let opening = Summary::new(&input).headline.unwrap();
    // The same count by hand, for the traits that are numbers: from their words back to the customers.
    let one = &opening.traits[0];
    let least: f64 = one.value.trim_end_matches(" or more").replace(',', "").parse().unwrap();
    let has = |row: usize| match account(&customers, row).attributes.get(&one.attribute.key) {
        Some(Value::Number(number)) => *number >= least,
        _ => false,
    };
    let alone = (0..600).filter(|row| has(*row) && input.ideal(*row).is_some()).count() as u64;
    assert!(opening.matching.total <= alone && opening.matching.total > 0, "{opening:?}");
    let (low, _) = opening.matching.interval();
    assert!(low > opening.all.rate().unwrap(), "the traits set ideal customers apart: {opening:?}");
    assert!(opening.matching.part * 4 >= opening.all.part, "a quarter of the ideal customers at least");
    let sentence = opening.sentence();
    assert!(
        sentence.starts_with(&format!("Your best-fit accounts have at least {least} {}", one.attribute)),
        "{sentence}"
    );
}

#[test]
fn figures_are_those_of_the_customers() {
    let customers = company(600);
    let input = default_input(customers.clone());
    let summary = Summary::new(&input);
    let ideal = (0..600).filter(|row| input.ideal(*row) == Some(true)).count() as u64;
    assert_eq!(summary.customers.part, ideal);
    let net = |row: usize| customers.outcomes().get(row).net_value().unwrap_or(0.0);
    let all: f64 = (0..600).map(net).sum();
    let held: f64 = (0..600).filter(|row| input.ideal(*row) == Some(true)).map(net).sum();
    assert!((summary.value_share.unwrap() - held / all).abs() < 1e-12);
    for factor in summary.parts.iter().flat_map(|part| &part.factors).chain(&summary.negative_factors) {
        assert!(factor.low <= factor.odds_ratio && factor.odds_ratio <= factor.high, "{factor:?}");
        assert!(factor.customers.part <= factor.customers.total && factor.customers.total <= 600, "{factor:?}");
    }
    assert!(summary.negative_factors.iter().all(|factor| factor.high < 1.0));
    assert!(!summary.negative_factors.is_empty());
}

#[test]
fn what_people_say_stands_with_their_name_until_it_expires() {
    let finding = |id: &str, until| Finding {
        id: id.to_owned(),
        text: format!("finding {id}"),
        category: Some(IcpCategory::ImpactPotential),
        stance: Stance::Positive,
        attribution: statement_by_ann(until),
        ..Finding::default()
    };
    let definition = Definition {
        exclusion_rules: vec![exclusion_rule(Severity::Out, None), exclusion_rule(Severity::Caution, Some(20_000))],
        findings: vec![finding("current", Some(20_601)), finding("past", Some(20_600))],
        ..Definition::default()
    };
    let summary = Summary::new(&trained_input(company(200), definition, &TrainingSpec::default()));
    let expected = "employees below 20 (stated by Ann, 1970-01-01)".to_owned();
    assert_eq!(summary.exclusion_rules, [(Severity::Out, expected)]);
    let part = summary.parts.iter().find(|part| part.category == IcpCategory::ImpactPotential).unwrap();
    assert_eq!(part.findings, ["finding current (stated by Ann, 1970-01-01, until 2026-05-28)"]);
}

#[test]
fn nothing_is_drawn_from_nothing() {
    let input = hypothesis_only_input();
    let summary = Summary::new(&input);
    assert_eq!((summary.customers.total, summary.headline.clone(), summary.value_share), (0, None, None));
    let blocks = blocks(&input, &summary);
    assert!(
        matches!(&blocks[1], Block::Callout(CalloutKind::Missing, text) if text.starts_with("There are no customers yet"))
    );
    assert!(texts(&blocks).contains("not yet interviewed"));
}

#[test]
fn customers_that_cannot_be_distinguished_get_no_sentence() {
    let rows: Vec<_> = (0..40)
        .map(|row| {
            (
                ["north", "south"][row % 2],
                outcome_with_status(if row % 4 < 2 { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
            )
        })
        .collect();
    let input = default_input(customers_with_texts("region", &rows));
    let summary = Summary::new(&input);
    assert_eq!((summary.has_signal, summary.headline.clone()), (false, None));
    assert!(texts(&blocks(&input, &summary)).contains("No attribute sets ideal customers apart, judging by"));
}

/// Twenty accounts that buy and eighty that do not, with the pains of `pain` and the win reasons of the buyers.
fn input_with_pains(pain: impl Fn(usize) -> &'static str) -> ReportInput {
    let status = |row: usize| if row < 20 { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let rows: Vec<_> = (0..100).map(|row| (["north", "south"][row % 2], outcome_with_status(status(row)))).collect();
    let codes = (0..100_u32).map(|row| (!pain(row as usize).is_empty()).then_some(row)).collect();
    let dictionary = (0..100).map(|row| pain(row).to_owned()).collect();
    let mut review = AccountReviews::default();
    review.set(ReviewField::Pain, ColumnData::Categories { dictionary, codes });
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    let customers = customers_with_texts("region", &rows).with_review(review).unwrap();
    trained_input(customers, Definition::default(), &spec)
}

#[test]
fn an_answer_goes_with_being_ideal_only_beyond_chance() {
    // 18 of 20 ideal accounts, and 10 of 80 others; the spelling varies.
    let clear = |row: usize| match (row < 18 || row % 8 == 4, row % 2) {
        (true, 0) => "late invoices",
        (true, _) => "Late invoices",
        (false, _) => "none",
    };
    let input = input_with_pains(clear);
    let summary = Summary::new(&input);
    let pain = &summary.spiced.iter().find(|shared| shared.part == SpicedPart::Pain).unwrap().answers;
    assert_eq!((pain.ideal_answered, pain.others_answered, pain.compared, pain.omitted), (20, 80, 1, 0));
    let [one] = pain.standing_out.as_slice() else { panic!("{pain:?}") };
    let shares = (Proportion { part: 18, total: 20 }, Proportion { part: 10, total: 80 });
    assert_eq!((one.text.as_str(), (one.ideal, one.others)), ("late invoices", shares));
    // Computed by hand: exp(ln 7.2 ± 1.96 × √(1/18 − 1/20 + 1/10 − 1/80)).
    let (ratio, low, high) = one.ratio.unwrap();
    assert!((ratio - 7.2).abs() < 1e-12 && (low - 3.9598).abs() < 1e-3 && (high - 13.092).abs() < 1e-2, "{one:?}");
    let page = texts(&blocks(&input, &summary));
    assert!(page.contains("late invoices: 18 of 20 ideal, 10 of 80 others"), "{page}");
    assert!(page.contains("late invoices: 7.2× as often (95% 3.96 to 13.1)"), "{page}");
    assert!(page.contains("no review states a win reason"), "{page}");

    let input = input_with_pains(|row| if row % 3 == 0 { "late invoices" } else { "none" });
    let summary = Summary::new(&input);
    assert!(summary.spiced.iter().all(|shared| shared.answers.standing_out.is_empty()), "7 of 20 and 27 of 80");
    assert!(texts(&blocks(&input, &summary)).contains("none, beyond chance"));
    let few = input_with_pains(|row| if row < 2 { "late invoices" } else { "" });
    assert!(texts(&blocks(&few, &Summary::new(&few))).contains("too few answers"));
}

#[test]
fn answers_are_counted_as_in_the_table() {
    let customers = company(600);
    let input = default_input(customers.clone());
    let summary = Summary::new(&input);
    let spiced = summary.spiced.iter().map(|shared| &shared.answers);
    let mut seen = 0;
    for comparison in spiced.chain(&summary.buying_answers) {
        let has = |row: usize, text: Option<&str>| {
            let review = customers.review();
            let listed = review.list(comparison.field, row);
            let texts: Vec<&str> =
                if listed.is_empty() { review.text(comparison.field, row).into_iter().collect() } else { listed };
            texts.iter().any(|found| text.is_none_or(|text| found.eq_ignore_ascii_case(text)))
        };
        let count = |ideal: bool, text: Option<&str>| {
            (0..600).filter(|row| input.ideal(*row) == Some(ideal) && has(*row, text)).count() as u64
        };
        for answer in comparison.frequent.iter().chain(&comparison.standing_out) {
            if comparison.field == ReviewField::DecisionMakers || comparison.field == ReviewField::Usage {
                continue;
            }
            let share = |ideal| Proportion { part: count(ideal, Some(&answer.text)), total: count(ideal, None) };
            assert_eq!(answer.ideal, share(true), "{:?} {answer:?}", comparison.field);
            if comparison.field != ReviewField::WinReason {
                assert_eq!(answer.others, share(false), "{:?} {answer:?}", comparison.field);
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_whole_summary_reads_as_it_should() {
    let input = default_input(company(600));
    let summary = Summary::new(&input);
    let blocks = blocks(&input, &summary);
    let _: &Customers = &input.customers;
    insta::assert_debug_snapshot!(blocks);
}

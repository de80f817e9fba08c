//! The Pond Map.

use jiff::Timestamp;
use sweetspot_core::{
    Date, Definition, Finding, HypothesisEntry, Outcome, OutcomeStatus, PondMapSectionKind, PondSide, Severity, Stance,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::pond::{FactorSource, PondMap, blocks};

use crate::fixtures::{
    company, customers_with_texts, default_input, exclusion_rule, hypothesis, hypothesis_only_input,
    outcome_with_status, statement_by_ann, trained_input,
};

#[test]
fn negatives_stand_above_and_what_is_out_comes_first() {
    let finding = |id: &str, stance| Finding {
        id: id.to_owned(),
        text: format!("they say {id}"),
        section: Some(PondMapSectionKind::AccountProfile),
        stance,
        attribution: statement_by_ann(None),
        ..Finding::default()
    };
    let held = |ratio: f64| HypothesisEntry {
        hypothesis: hypothesis("sap", "employees", ratio),
        stated_at: Timestamp::UNIX_EPOCH,
        reason: String::new(),
    };
    let definition = Definition {
        exclusion_rules: vec![exclusion_rule(Severity::Caution, None), exclusion_rule(Severity::Out, None)],
        findings: vec![
            finding("no", Stance::Negative),
            finding("yes", Stance::Positive),
            finding("hm", Stance::Neutral),
        ],
        hypotheses: vec![held(0.5)],
        ..Definition::default()
    };
    let map = PondMap::new(&trained_input(company(600), definition, &TrainingSpec::default()));
    let profile = map.sections.iter().find(|section| section.section == PondMapSectionKind::AccountProfile).unwrap();
    assert_eq!(profile.negatives[0].severity, Some(Severity::Out));
    assert!(profile.negatives.iter().skip(1).all(|factor| factor.severity == Some(Severity::Caution)));
    assert!(profile.negatives.iter().any(|factor| factor.source.description().contains("not tested in this version")));
    assert!(profile.positives.iter().all(|factor| factor.severity.is_none()));
    assert_eq!(profile.positives[0].text, "they say yes");
    let learned = profile.positives.iter().filter(|factor| matches!(factor.source, FactorSource::Learned { .. }));
    assert!(learned.count() > 0);
    assert_eq!(map.sections.len(), 5);
}

#[test]
fn the_sides_hold_every_labeled_customer_once() {
    let input = default_input(company(600));
    let map = PondMap::new(&input);
    let labeled = (0..600).filter(|row| input.ideal(*row).is_some()).count() as u64;
    assert_eq!(map.inside.total + map.outside.total, labeled);
    assert!(map.inside.rate() > map.outside.rate());
}

#[test]
fn periods_count_who_was_won_and_who_left() {
    let day = |year, month| Date::from_civil(jiff::civil::date(year, month, 15));
    let dated = |status, since| Outcome { since: Some(since), ..outcome_with_status(status) };
    let mut rows = Vec::new();
    for _ in 0..20 {
        rows.push(("good", dated(OutcomeStatus::Won, day(2025, 2))));
        rows.push(("bad", dated(OutcomeStatus::Lost, day(2025, 2))));
        rows.push(("good", dated(OutcomeStatus::Won, day(2025, 5))));
        rows.push(("bad", dated(OutcomeStatus::Churned, day(2025, 5))));
    }
    rows.push(("good", outcome_with_status(OutcomeStatus::Won)));
    let allowed_attributes = vec!["kind".to_owned()];
    let spec = TrainingSpec { allowed_attributes, ..TrainingSpec::default() };
    let input = trained_input(customers_with_texts("kind", &rows), Definition::default(), &spec);
    let map = PondMap::new(&input);
    let inside = |row: usize| input.fits.get(row).unwrap().pond_side == PondSide::In;
    assert!(inside(0) && !inside(1));
    assert_eq!(map.adherence.undated, 1);
    let [first, second] = &map.adherence.periods[..] else { panic!("two quarters: {:?}", map.adherence) };
    assert_eq!((first.name.as_str(), second.name.as_str()), ("2025 Q1", "2025 Q2"));
    let figures = |share: sweetspot_report::Proportion| (share.part, share.total);
    assert_eq!([first.new_wins, second.new_wins].map(figures), [(20, 20), (20, 40)]);
    assert_eq!(
        [first.won_inside, first.won_outside, second.churned_outside].map(figures),
        [(20, 20), (0, 20), (20, 20)]
    );
}

#[test]
fn long_histories_are_reported_by_year() {
    let since = |year: i16| Date::from_civil(jiff::civil::date(year, 1, 1));
    let row = |n: i16| {
        let status = if n % 2 == 0 { OutcomeStatus::Won } else { OutcomeStatus::Lost };
        (
            if n % 3 == 0 { "good" } else { "bad" },
            Outcome { since: Some(since(2000 + n % 20)), ..outcome_with_status(status) },
        )
    };
    let rows: Vec<_> = (0..60).map(row).collect();
    let adherence = PondMap::new(&default_input(customers_with_texts("kind", &rows))).adherence;
    assert!(adherence.is_yearly);
    assert_eq!((adherence.periods.len(), adherence.periods[15].name.as_str()), (16, "2019"));
}

#[test]
fn a_map_of_beliefs_alone_says_so() {
    let map = PondMap::new(&hypothesis_only_input());
    assert_eq!((map.inside.total, map.outside.total), (0, 0));
    assert!(format!("{:?}", blocks(&map)).contains("No customer is known to be ideal or not"));
}

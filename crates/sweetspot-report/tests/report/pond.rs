//! The Pond Map.

use jiff::Timestamp;
use sweetspot_core::{
    Date, Definition, Finding, HeldHypothesis, Lean, Outcome, PondSection, PondSide, Severity, Status,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::pond::{PondMap, Source, blocks};

use crate::support::{belief, believed, by_ann, company, evidence, evidence_of, gate, only, with_texts};

#[test]
fn negatives_stand_above_and_what_is_out_comes_first() {
    let finding = |id: &str, lean| Finding {
        id: id.to_owned(),
        text: format!("they say {id}"),
        section: Some(PondSection::AccountProfile),
        lean,
        by: by_ann(None),
        ..Finding::default()
    };
    let held = |ratio: f64| HeldHypothesis {
        hypothesis: belief("sap", "employees", ratio),
        stated: Timestamp::UNIX_EPOCH,
        reason: String::new(),
    };
    let definition = Definition {
        gates: vec![gate(Severity::Caution, None), gate(Severity::Out, None)],
        findings: vec![finding("no", Lean::Negative), finding("yes", Lean::Positive), finding("hm", Lean::Neutral)],
        hypotheses: vec![held(0.5)],
        ..Definition::default()
    };
    let map = PondMap::new(&evidence_of(company(600), definition, &TrainingSpec::default()));
    let profile = map.sections.iter().find(|section| section.section == PondSection::AccountProfile).unwrap();
    assert_eq!(profile.negatives[0].severity, Some(Severity::Out));
    assert!(profile.negatives.iter().skip(1).all(|factor| factor.severity == Some(Severity::Caution)));
    assert!(profile.negatives.iter().any(|factor| factor.source.told().contains("not tested in this version")));
    assert!(profile.positives.iter().all(|factor| factor.severity.is_none()));
    assert_eq!(profile.positives[0].text, "they say yes");
    let learned = profile.positives.iter().filter(|factor| matches!(factor.source, Source::Learned { .. }));
    assert!(learned.count() > 0);
    assert_eq!(map.sections.len(), 5);
}

#[test]
fn the_sides_hold_every_labelled_customer_once() {
    let evidence = evidence(company(600));
    let map = PondMap::new(&evidence);
    let labelled = (0..600).filter(|row| evidence.ideal(*row).is_some()).count() as u64;
    assert_eq!(map.inside.of + map.outside.of, labelled);
    assert!(map.inside.rate() > map.outside.rate());
}

#[test]
fn periods_count_who_was_won_and_who_left() {
    let day = |year, month| Date::from_civil(jiff::civil::date(year, month, 15));
    let dated = |status, since| Outcome { since: Some(since), ..only(status) };
    let mut rows = Vec::new();
    for _ in 0..20 {
        rows.push(("good", dated(Status::Won, day(2025, 2))));
        rows.push(("bad", dated(Status::Lost, day(2025, 2))));
        rows.push(("good", dated(Status::Won, day(2025, 5))));
        rows.push(("bad", dated(Status::Churned, day(2025, 5))));
    }
    rows.push(("good", only(Status::Won)));
    let allowed_attributes = vec!["kind".to_owned()];
    let spec = TrainingSpec { allowed_attributes, ..TrainingSpec::default() };
    let evidence = evidence_of(with_texts("kind", &rows), Definition::default(), &spec);
    let map = PondMap::new(&evidence);
    let inside = |row: usize| evidence.fits.get(row).unwrap().pond == PondSide::In;
    assert!(inside(0) && !inside(1));
    assert_eq!(map.adherence.undated, 1);
    let [first, second] = &map.adherence.periods[..] else { panic!("two quarters: {:?}", map.adherence) };
    assert_eq!((first.name.as_str(), second.name.as_str()), ("2025 Q1", "2025 Q2"));
    let figures = |share: sweetspot_report::Share| (share.part, share.of);
    assert_eq!([first.new_wins, second.new_wins].map(figures), [(20, 20), (20, 40)]);
    assert_eq!(
        [first.won_inside, first.won_outside, second.churned_outside].map(figures),
        [(20, 20), (0, 20), (20, 20)]
    );
}

#[test]
fn long_histories_are_told_by_year() {
    let since = |year: i16| Date::from_civil(jiff::civil::date(year, 1, 1));
    let row = |n: i16| {
        let status = if n % 2 == 0 { Status::Won } else { Status::Lost };
        (if n % 3 == 0 { "good" } else { "bad" }, Outcome { since: Some(since(2000 + n % 20)), ..only(status) })
    };
    let rows: Vec<_> = (0..60).map(row).collect();
    let adherence = PondMap::new(&evidence(with_texts("kind", &rows))).adherence;
    assert!(adherence.by_year);
    assert_eq!((adherence.periods.len(), adherence.periods[15].name.as_str()), (16, "2019"));
}

#[test]
fn a_map_of_beliefs_alone_says_so() {
    let map = PondMap::new(&believed());
    assert_eq!((map.inside.of, map.outside.of), (0, 0));
    assert!(format!("{:?}", blocks(&map)).contains("No customer is known to be ideal or not"));
}

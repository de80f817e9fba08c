//! The Pond Map.

use jiff::Timestamp;
use sweetspot_core::{
    Condition, Date, Definition, ExclusionRule, Finding, Hypothesis, HypothesisEntry, LabelPolicy, LabelPreset,
    Outcome, OutcomeStatus, PondMapSectionKind, PondSide, Severity, Stance, Test,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::CalendarPeriod;
use sweetspot_report::pond::{FactorSource, PondAdherence, PondFactor, PondMap, blocks};
use sweetspot_report::{Block, CalloutKind, ChartKind, Document, Report, ReportPart, markdown};

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
    let day = |year, month, day| Date::from_civil(jiff::civil::date(year, month, day));
    let dated = |status, since| Outcome { since: Some(since), ..outcome_with_status(status) };
    let mut rows = Vec::new();
    for _ in 0..20 {
        rows.push(("good", dated(OutcomeStatus::Won, day(2025, 1, 5))));
        rows.push(("bad", dated(OutcomeStatus::Lost, day(2025, 2, 15))));
        rows.push(("good", dated(OutcomeStatus::Won, day(2025, 5, 15))));
        rows.push(("bad", dated(OutcomeStatus::Churned, day(2025, 6, 28))));
    }
    rows.push(("good", outcome_with_status(OutcomeStatus::Won)));
    let allowed_attributes = vec!["kind".to_owned()];
    let spec = TrainingSpec { allowed_attributes, ..TrainingSpec::default() };
    let input = trained_input(customers_with_texts("kind", &rows), Definition::default(), &spec);
    let map = PondMap::new(&input);
    let inside = |row: usize| input.fits.get(row).unwrap().pond_side == PondSide::In;
    assert!(inside(0) && !inside(1));
    assert_eq!(map.adherence.undated, 1);
    let periods = map.adherence.timeline.unwrap().periods;
    let [first, second] = &periods[..] else { panic!("two quarters: {periods:?}") };
    assert_eq!((first.name.as_str(), second.name.as_str()), ("2025 Q1", "2025 Q2"));
    let (first, second) = (first.counts, second.counts);
    let figures = |share: sweetspot_report::Proportion| (share.part, share.total);
    assert_eq!([first.new_wins, second.new_wins].map(figures), [(20, 20), (20, 40)]);
    assert_eq!(
        [first.won_inside, first.won_outside, second.churned_outside].map(figures),
        [(20, 20), (0, 20), (20, 20)]
    );
}

/// Won and lost accounts on each of these days, the same number of either.
fn adherence_of(days: &[(i16, i8, i8, usize)]) -> PondAdherence {
    let mut rows = Vec::new();
    for (year, month, day, count) in days {
        let since = Some(Date::from_civil(jiff::civil::date(*year, *month, *day)));
        for status in [OutcomeStatus::Won, OutcomeStatus::Lost].into_iter().cycle().take(*count) {
            let kind = if status == OutcomeStatus::Won { "good" } else { "bad" };
            rows.push((kind, Outcome { since, ..outcome_with_status(status) }));
        }
    }
    PondMap::new(&default_input(customers_with_texts("kind", &rows))).adherence
}

#[test]
fn the_time_axis_keeps_the_place_of_a_quarter_without_accounts() {
    let adherence = adherence_of(&[(2024, 1, 2, 20), (2024, 4, 3, 20), (2024, 12, 30, 20)]);
    let timeline = adherence.timeline.as_ref().unwrap();
    assert_eq!(timeline.positions, ["2024 Q1", "2024 Q2", "2024 Q3", "2024 Q4"]);
    let places: Vec<_> = timeline.periods.iter().map(|period| (period.first, period.last)).collect();
    assert_eq!(places, [(0, 0), (1, 1), (3, 3)]);
    let kind = |block| if let Block::Chart(chart) = block { Some(chart.kind) } else { None };
    let chart = blocks_of(adherence).into_iter().find_map(kind);
    let Some(ChartKind::Curves { x, curves, .. }) = chart else { panic!("no curves: {chart:?}") };
    assert_eq!((x.min, x.max, x.labels.len()), (-0.5, 3.5, 4));
    let places: Vec<f64> = curves[0].points.iter().map(|point| point.0).collect();
    assert_eq!(places, [0.0, 1.0, 3.0]);
}

#[test]
fn partial_quarters_are_left_out_and_counted() {
    let adherence = adherence_of(&[(2024, 2, 10, 14), (2024, 4, 3, 20), (2024, 7, 2, 20), (2024, 11, 3, 12)]);
    let timeline = adherence.timeline.as_ref().unwrap();
    assert_eq!(timeline.positions, ["2024 Q2", "2024 Q3"]);
    assert_eq!((adherence.outside_periods, adherence.undated), (26, 0));
    let text = format!("{:?}", blocks_of(adherence));
    assert!(text.contains("Only whole quarters are shown: 26 accounts are dated before or after them"), "{text}");
}

#[test]
fn quarters_with_few_accounts_are_pooled_with_a_neighbor() {
    let few = [(2024, 1, 2, 4), (2024, 4, 3, 7), (2024, 7, 2, 20), (2024, 12, 30, 6), (2025, 3, 30, 1)];
    let periods = adherence_of(&few).timeline.unwrap().periods;
    let names: Vec<_> = periods.iter().map(|period| (period.name.as_str(), period.counts.accounts())).collect();
    assert_eq!(names, [("2024 Q1 to Q2", 11), ("2024 Q3 to 2025 Q1", 27)]);
}

#[test]
fn without_the_dates_of_lost_accounts_adherence_is_one_sentence() {
    let rows = |lost: usize, dated: usize| {
        let since = Some(Date::from_civil(jiff::civil::date(2025, 2, 15)));
        let won = ("good", Outcome { since, ..outcome_with_status(OutcomeStatus::Won) });
        let churned = ("bad", Outcome { since, ..outcome_with_status(OutcomeStatus::Churned) });
        let lost = (0..lost).map(|number| {
            ("bad", Outcome { since: since.filter(|_| number < dated), ..outcome_with_status(OutcomeStatus::Lost) })
        });
        lost.chain([won, churned].into_iter().cycle().take(40)).collect::<Vec<_>>()
    };
    for (lost, dated, sentence) in [
        (40, 0, "no lost account has a date"),
        (40, 19, "only 19 of 40 lost accounts have a date"),
        (0, 0, "no account is known to be lost"),
        (40, 20, "the dates are from 2025-02-15 to 2025-02-15, and no account is in a whole quarter"),
    ] {
        let adherence = PondMap::new(&default_input(customers_with_texts("kind", &rows(lost, dated)))).adherence;
        assert_eq!(adherence.total.accounts(), lost as u64 + 40);
        let told = blocks_of(adherence);
        let [Block::Callout(CalloutKind::Missing, text)] = &told[..] else { panic!("one sentence: {told:?}") };
        assert!(text.contains(sentence), "{text}");
    }
}

/// The blocks below the heading of adherence.
fn blocks_of(adherence: PondAdherence) -> Vec<Block> {
    let map = PondMap { adherence, ..PondMap::new(&hypothesis_only_input()) };
    let blocks = blocks(&map);
    let heading = Block::Heading(2, "Adherence to the pond".to_owned());
    let start = blocks.iter().position(|block| *block == heading).unwrap();
    blocks[start + 1..].to_vec()
}

#[test]
fn long_histories_are_reported_by_year() {
    let day = |year: i16, month: i8| Date::from_civil(jiff::civil::date(year, month, 1));
    let row = |n: i16| {
        let status = if n % 2 == 0 { OutcomeStatus::Won } else { OutcomeStatus::Lost };
        let kind = if n % 3 == 0 { "good" } else { "bad" };
        (kind, Outcome { since: Some(day(2000 + n % 20, 1)), ..outcome_with_status(status) })
    };
    let mut rows: Vec<_> = (0..240).map(row).collect();
    rows.push(("bad", Outcome { since: Some(day(2020, 2)), ..outcome_with_status(OutcomeStatus::Lost) }));
    let adherence = PondMap::new(&default_input(customers_with_texts("kind", &rows))).adherence;
    let timeline = adherence.timeline.unwrap();
    assert_eq!(timeline.length, CalendarPeriod::Year);
    assert_eq!((timeline.periods.len(), timeline.periods[15].name.as_str()), (16, "2019"));
    // Four years of twelve accounts before, and one account of a partial year after.
    assert_eq!(adherence.outside_periods, 49);
}

#[test]
fn a_date_after_the_day_of_the_document_is_in_no_period() {
    let days = [(2024, 1, 2, 20), (2024, 6, 28, 20), (2031, 3, 30, 20)];
    let adherence = adherence_of(&days);
    assert_eq!(adherence.timeline.unwrap().positions, ["2024 Q1", "2024 Q2"]);
    assert_eq!(adherence.outside_periods, 20);
}

#[test]
fn an_exclusion_rule_shows_what_it_puts_out_of_the_customers() {
    let rule = |id: &str, attribute: &str, severity| ExclusionRule {
        id: id.to_owned(),
        when: Condition { attribute: attribute.to_owned(), test: Test::AnyOf(vec!["bad".to_owned()]) },
        ..exclusion_rule(severity, None)
    };
    let rows: Vec<_> = (0..90)
        .map(|row| match row {
            0..40 => ("good", outcome_with_status(OutcomeStatus::Won)),
            40..50 => ("bad", outcome_with_status(OutcomeStatus::Won)),
            50..80 => ("bad", outcome_with_status(OutcomeStatus::Lost)),
            _ => ("bad", Outcome::default()),
        })
        .collect();
    let rules =
        vec![rule("a", "kind", Severity::Out), rule("b", "kind", Severity::Caution), rule("c", "x", Severity::Out)];
    let definition = Definition { exclusion_rules: rules, ..Definition::default() };
    let map = PondMap::new(&trained_input(customers_with_texts("kind", &rows), definition, &won_spec()));
    let negatives = map.sections.iter().flat_map(|section| &section.negatives);
    let summaries: Vec<_> = negatives.filter(|one| one.matching.is_some()).map(PondFactor::matching_summary).collect();
    let counts = "50 accounts, 40 of them known to be ideal or not, 10 of these ideal: 25% (95% 14% to 40%), below the average of 62%";
    assert_eq!(
        summaries,
        [
            format!("puts out {counts}"),
            "no customer is like this".to_owned(),
            format!("asks for caution with {counts}")
        ]
    );
    let text = markdown::text(&Report {
        parts: vec![ReportPart { document: Document::PondMap, blocks: blocks(&map) }],
        ..Report::default()
    });
    assert!(text.contains("; puts out 50 accounts, 40 of them"), "{text}");
}

/// Trains on whether accounts were won, with one attribute that may give it away.
fn won_spec() -> TrainingSpec {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    TrainingSpec { label_policy, allowed_attributes: vec!["kind".to_owned()], ..TrainingSpec::default() }
}

#[test]
fn refuted_hypotheses_stand_below_the_map() {
    let held = |id: &str, odds_ratio: f64| HypothesisEntry {
        hypothesis: Hypothesis {
            when: Condition { attribute: "kind".to_owned(), test: Test::AnyOf(vec![id.to_owned()]) },
            ..hypothesis(id, "kind", odds_ratio)
        },
        stated_at: Timestamp::UNIX_EPOCH,
        reason: "we have seen it".to_owned(),
    };
    let rows: Vec<_> = (0..600)
        .map(|row| {
            let (kind, won_of_ten) = [("good", 8), ("bad", 2), ("fair", 5)][row % 3];
            let status = if row / 3 % 10 < won_of_ten { OutcomeStatus::Won } else { OutcomeStatus::Lost };
            (kind, outcome_with_status(status))
        })
        .collect();
    let entries = vec![held("bad", 4.0), held("good", 4.0)];
    let hypotheses = entries.iter().map(|entry| entry.hypothesis.clone()).collect();
    let spec = TrainingSpec { hypotheses, ..won_spec() };
    let input = |entries: Vec<HypothesisEntry>| {
        let definition = Definition { hypotheses: entries, ..Definition::default() };
        trained_input(customers_with_texts("kind", &rows), definition, &spec)
    };
    let on_map = |map: &PondMap| {
        let factors = map.sections.iter().flat_map(|section| section.negatives.iter().chain(&section.positives));
        factors.filter(|one| matches!(one.source, FactorSource::Stated { .. })).cloned().collect::<Vec<_>>()
    };
    let map = PondMap::new(&input(entries.clone()));
    let [refuted] = &map.refuted[..] else { panic!("one is refuted: {:?}", map.refuted) };
    assert_eq!((refuted.customers.part, refuted.customers.total), (40, 200));
    let text = refuted.description();
    assert!(
        text.starts_with("Kind bad: refuted. Stated: 4 × the odds, customers show 0.") && text.contains("(90% "),
        "{text}"
    );
    assert!(text.ends_with("200 customers, 20% ideal. Stated by Ann, 1970-01-01: we have seen it"), "{text}");
    let [supported] = &on_map(&map)[..] else { panic!("one is on the map") };
    assert!(supported.source.description().contains("supported by customers"));
    let blocks = blocks(&map);
    assert!(blocks.contains(&Block::List(vec![text])));
    // A hypothesis that was changed since the training is not tested yet.
    let map = PondMap::new(&input(vec![held("bad", 3.0), held("good", 4.0)]));
    assert!(map.refuted.is_empty());
    assert!(on_map(&map).iter().any(|factor| factor.source.description().contains("not tested in this version")));
}

#[test]
fn a_map_of_beliefs_alone_says_so() {
    let map = PondMap::new(&hypothesis_only_input());
    assert_eq!((map.inside.total, map.outside.total), (0, 0));
    assert!(format!("{:?}", blocks(&map)).contains("No customer is known to be ideal or not"));
}

//! Invariants between the figures of the documents, for any customers.

use proptest::prelude::*;
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Date, Definition, LabelPolicy, LabelPreset, Outcome, OutcomeStatus,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::diff::{DifferenceKind, ProfileState, differences};
use sweetspot_report::pond::{FactorSource, PondMap};
use sweetspot_report::review::AccountReview;
use sweetspot_report::segments::SegmentProfiles;
use sweetspot_report::summary::Summary;
use sweetspot_report::value::{ValueCurve, ValueOptions, ValueReport};
use sweetspot_report::{Proof, Proportion, ReportInput, TierRow};

use crate::fixtures::{TODAY, company, default_input, trained_input};

/// The data of one customer.
#[derive(Clone, Debug)]
struct LawRow {
    industry: Option<u32>,
    employees: Option<f64>,
    outcome: Outcome,
}

fn row() -> impl Strategy<Value = LawRow> {
    let status = prop_oneof![
        3 => Just(Some(OutcomeStatus::Won)),
        3 => Just(Some(OutcomeStatus::Lost)),
        1 => Just(Some(OutcomeStatus::Churned)),
        1 => Just(None)
    ];
    let known = |range| prop::option::weighted(0.8, range);
    // Fewer than sixteen quarters.
    let since = prop::option::weighted(0.8, 19_300..20_500_i32);
    (prop::option::weighted(0.9, 0..4_u32), known(1.0..900.0), status, known(0.0..5e3), known(0.0..3e3), since)
        .prop_map(|(industry, employees, status, value, cost, since)| {
            let since = since.map(|days| Date { days });
            let outcome = Outcome { status, value, cost_to_serve: cost, since, ..Outcome::default() };
            LawRow { industry, employees: employees.map(f64::round), outcome }
        })
}

/// Customers with two attributes; at least ten won and ten lost.
fn customers() -> impl Strategy<Value = Customers> {
    prop::collection::vec(row(), 30..120).prop_map(|mut rows| {
        for (number, row) in rows.iter_mut().take(20).enumerate() {
            row.outcome.status = Some(if number < 10 { OutcomeStatus::Won } else { OutcomeStatus::Lost });
        }
        let dictionary = ["Fintech", "Retail", "Media", "Mining"].map(str::to_owned).to_vec();
        let codes = rows.iter().map(|row| row.industry).collect();
        let employees: Vec<Option<f64>> = rows.iter().map(|row| row.employees).collect();
        let columns = vec![
            Column { name: "industry".to_owned(), data: ColumnData::Categories { dictionary, codes } },
            Column { name: "employees".to_owned(), data: ColumnData::Numbers(employees.into()) },
        ];
        let ids = (0..rows.len()).map(|row| format!("c{row}")).collect();
        let outcomes: Vec<Outcome> = rows.into_iter().map(|row| row.outcome).collect();
        Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), Some("EUR".to_owned())).unwrap()
    })
}

fn input_of_won(customers: Customers) -> ReportInput {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    trained_input(customers, Definition::default(), &TrainingSpec { label_policy, ..TrainingSpec::default() })
}

/// The ideal customers of all labeled customers.
fn labeled(input: &ReportInput) -> Proportion {
    Proportion::from_bools(input.labels.ideal.iter().flatten().copied())
}

/// The sums of parts and of totals.
fn sum(shares: impl IntoIterator<Item = Proportion>) -> Proportion {
    shares
        .into_iter()
        .fold(Proportion::default(), |a, b| Proportion { part: a.part + b.part, total: a.total + b.total })
}

/// Both sides of the pond, the segments and the tiers each contain every customer once.
fn parts_make_the_whole(input: &ReportInput) {
    let (all, pond, segments) = (labeled(input), PondMap::new(input), SegmentProfiles::new(input));
    assert_eq!(sum([pond.inside, pond.outside]), all);
    assert_eq!(sum(segments.segments.iter().map(|one| one.ideal).chain([segments.outside])), all);
    let proof = Proof::new(input);
    assert_eq!(proof.overall, all);
    assert_eq!(sum(proof.tiers.iter().map(|tier| tier.ideal)), all);
    for shares in [|tier: &TierRow| tier.customers, |tier: &TierRow| tier.ideal_captured] {
        let together: f64 = proof.tiers.iter().filter_map(|tier| shares(tier).rate()).sum();
        assert!((together - 1.0).abs() < 1e-9, "{together}");
    }
    assert_eq!(proof.strips.iter().flat_map(|strip| &strip.scores.counts).sum::<u64>(), input.rows() as u64);
    let summary = Summary::new(input);
    assert_eq!(summary.customers, all);
    let values = summary.parts.iter().flat_map(|part| &part.factors).chain(&summary.negative_factors);
    for (name, share) in values.map(|one| (one.name(), one.customers)).chain(learned_factors(&pond)) {
        assert!(share.part <= all.part && share.total <= all.total, "{name}: {share:?} of {all:?}");
        assert!(share.total - share.part <= all.total - all.part, "{name}: {share:?} of {all:?}");
    }
    if let Some(opening) = summary.headline {
        assert!(opening.matching.rate() > all.rate() && opening.matching.total <= all.total, "{opening:?}");
    }
}

fn learned_factors(pond: &PondMap) -> impl Iterator<Item = (String, Proportion)> {
    let factors = pond.sections.iter().flat_map(|section| section.negatives.iter().chain(&section.positives));
    factors.filter_map(|factor| match factor.source {
        FactorSource::Learned { customers, low, odds_ratio, high } => {
            assert!(0.0 < low && low <= odds_ratio && odds_ratio <= high, "{factor:?}");
            Some((factor.text.clone(), customers))
        }
        FactorSource::Stated { .. } => None,
    })
}

/// Periods and undated accounts add up to the total, which contains every account with a status once.
fn adherence_adds_up(input: &ReportInput) {
    let adherence = PondMap::new(input).adherence;
    let status = |row: usize| input.outcome(row).status;
    let known = (0..input.rows()).filter(|row| status(*row).is_some()).count() as u64;
    let total = &adherence.total;
    let decided = sum([total.won_inside, total.won_outside]);
    assert_eq!(decided.total, known);
    assert_eq!(decided.part, total.new_wins.total);
    assert_eq!(total.won_inside.part, total.new_wins.part);
    assert_eq!(
        (total.churned_inside.total, total.churned_outside.total),
        (total.won_inside.part, total.won_outside.part)
    );
    let Ok(timeline) = &adherence.timeline else {
        return assert_eq!(adherence.outside_periods + adherence.undated, known);
    };
    let dated: u64 = timeline.periods.iter().map(|period| period.counts.accounts()).sum();
    assert_eq!(dated + adherence.outside_periods + adherence.undated, known);
    assert!(timeline.periods.is_sorted_by(|one, next| one.last < next.first));
    assert!(timeline.periods.iter().all(|one| one.first <= one.last && (one.last as usize) < timeline.positions.len()));
    // Few accounts stand alone only if there are no others.
    assert!(timeline.periods.len() == 1 || timeline.periods.iter().all(|one| one.counts.accounts() >= 10));
}

fn review_adds_up(input: &ReportInput) {
    let review = AccountReview::new(input);
    let standing = &review.status_counts;
    assert_eq!(review.accounts, input.rows() as u64);
    assert_eq!(standing.active + standing.churned + standing.lost + standing.unknown, review.accounts);
    assert_eq!(review.customers, review.accounts - standing.lost);
    assert_eq!(standing.churn, Proportion { part: standing.churned, total: standing.active + standing.churned });
    assert_eq!(review.tenure.by_year.iter().map(|year| year.customers).sum::<u64>(), review.tenure.with_start_day.part);
    let split = &review.industries;
    assert_eq!(split.levels.iter().map(|level| level.customers.part).sum::<u64>(), split.answered.part);
    assert!(split.levels.iter().all(|level| level.customers.total == split.answered.part));
    let all = labeled(input);
    assert_eq!(review.trends.overall, all);
    for trend in &review.trends.trends {
        let together = sum([trend.ideal, trend.rest]);
        assert!(together.total <= all.total && together.part <= all.part, "{trend:?}");
    }
}

fn assert_curve(curve: &ValueCurve) {
    let points = &curve.points;
    let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
    assert_eq!(points[0], (0.0, 0.0));
    let (x, y) = points[points.len() - 1];
    assert!(close(x, 1.0) && close(y, 1.0), "{x} {y}");
    // The most valuable come first: no step is steeper than the one before it.
    let slopes: Vec<f64> = points.windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).collect();
    assert!(slopes.windows(2).all(|pair| pair[1] <= pair[0] + 1e-9), "{slopes:?}");
    assert!(curve.tops.is_sorted_by(|one, next| one.share < next.share && one.customers <= next.customers));
    // A share of the customers holds at least that share of the value, except for rounding to whole customers.
    for top in &curve.tops {
        assert!(top.value_share.value >= top.customers as f64 / curve.customers as f64 - 1e-9, "{top:?}");
    }
    if let Some(gini) = &curve.gini {
        let most = 1.0 - 1.0 / curve.customers as f64;
        assert!(gini.value >= 0.0 && gini.value <= most + 1e-9, "{gini:?} of {most}");
    }
    if let Some(peak) = &curve.peak {
        let highest = points.iter().map(|(_, held)| *held).fold(0.0, f64::max);
        assert!(peak.value_share >= 1.0 && highest <= peak.value_share + 1e-9, "{peak:?} {highest}");
        assert!(curve.gini.is_none(), "some lose money");
    }
}

fn value_adds_up(input: &ReportInput) {
    let report = ValueReport::new(input, &ValueOptions::default());
    report.revenue.iter().chain(&report.net).for_each(assert_curve);
    if let (Some(revenue), Some(net)) = (&report.revenue, &report.net) {
        assert_eq!((revenue.customers, net.customers), (report.known.value, report.known.value));
        assert!(net.total <= revenue.total + 1e-6);
        let losing = net.peak.as_ref().map_or(0, |peak| peak.customers.total - peak.customers.part);
        assert_eq!(report.liability.accounts.part, losing);
    }
}

fn assert_all_laws(input: &ReportInput) {
    parts_make_the_whole(input);
    adherence_adds_up(input);
    review_adds_up(input);
    value_adds_up(input);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn figures_agree_whatever_the_customers(customers in customers()) {
        assert_all_laws(&input_of_won(customers));
    }

    #[test]
    fn what_was_added_one_way_was_removed_the_other(from in exclusion_rules(), to in exclusion_rules()) {
        let state = |definition| ProfileState { definition, model: None };
        let difference = |from, to, kind| {
            let found = differences(state(from), state(to)).into_iter().filter(move |one| one.kind == kind);
            found.map(|one| one.id).collect::<Vec<_>>()
        };
        prop_assert_eq!(difference(&from, &to, DifferenceKind::Added), difference(&to, &from, DifferenceKind::Removed));
        prop_assert_eq!(difference(&from, &to, DifferenceKind::Changed), difference(&to, &from, DifferenceKind::Changed));
        prop_assert!(differences(state(&from), state(&from)).is_empty());
        prop_assert_eq!(from == to, differences(state(&from), state(&to)).is_empty());
    }
}

/// Definitions with some of four exclusion rules, each `OUT` or `CAUTION`.
fn exclusion_rules() -> impl Strategy<Value = Definition> {
    use sweetspot_core::Severity;
    let severity = prop::option::of(prop_oneof![Just(Severity::Out), Just(Severity::Caution)]);
    prop::collection::vec(severity, 4).prop_map(|severities| {
        let exclusion_rules = severities.into_iter().enumerate().filter_map(|(number, severity)| {
            let exclusion_rule = crate::fixtures::exclusion_rule(severity?, None);
            Some(sweetspot_core::ExclusionRule { id: format!("exclusion rule-{number}"), ..exclusion_rule })
        });
        Definition { exclusion_rules: exclusion_rules.collect(), ..Definition::default() }
    })
}

#[test]
fn figures_agree_for_the_demonstration_and_for_hardly_anybody() {
    for customers in [120, 600] {
        let input = default_input(company(customers));
        assert_all_laws(&input);
        assert_eq!(input.as_of, TODAY);
    }
}

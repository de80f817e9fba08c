//! What holds between the figures of the documents, whatever the customers.

use proptest::prelude::*;
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Date, Definition, LabelPolicy, LabelPreset, Outcome, Status,
};
use sweetspot_model::TrainingSpec;
use sweetspot_report::diff::{DifferenceKind, ProfileState, differences};
use sweetspot_report::pond::{PondMap, Source};
use sweetspot_report::review::AccountReview;
use sweetspot_report::segments::Segments;
use sweetspot_report::summary::Summary;
use sweetspot_report::value::{ValueCurve, ValueQuestion, ValueReport};
use sweetspot_report::{Evidence, Proof, Share, TierRow};

use crate::support::{TODAY, company, evidence, evidence_of};

/// What is known of one customer.
#[derive(Clone, Debug)]
struct Row {
    industry: Option<u32>,
    employees: Option<f64>,
    outcome: Outcome,
}

fn row() -> impl Strategy<Value = Row> {
    let status = prop_oneof![
        3 => Just(Some(Status::Won)),
        3 => Just(Some(Status::Lost)),
        1 => Just(Some(Status::Churned)),
        1 => Just(None)
    ];
    let known = |range| prop::option::weighted(0.8, range);
    // Fewer than sixteen quarters.
    let since = prop::option::weighted(0.8, 19_300..20_500_i32);
    (prop::option::weighted(0.9, 0..4_u32), known(1.0..900.0), status, known(0.0..5e3), known(0.0..3e3), since)
        .prop_map(|(industry, employees, status, value, cost, since)| {
            let since = since.map(|days| Date { days });
            let outcome = Outcome { status, value, cost_to_serve: cost, since, ..Outcome::default() };
            Row { industry, employees: employees.map(f64::round), outcome }
        })
}

/// Customers with two attributes; at least ten were won, and ten lost.
fn customers() -> impl Strategy<Value = Customers> {
    prop::collection::vec(row(), 30..120).prop_map(|mut rows| {
        for (number, row) in rows.iter_mut().take(20).enumerate() {
            row.outcome.status = Some(if number < 10 { Status::Won } else { Status::Lost });
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

fn won(customers: Customers) -> Evidence {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    evidence_of(customers, Definition::default(), &TrainingSpec { label_policy, ..TrainingSpec::default() })
}

/// Customers whose outcome says something, and how many of them are ideal.
fn labelled(evidence: &Evidence) -> Share {
    Share::of(evidence.labels.ideal.iter().flatten().copied())
}

/// The sums of parts and of wholes.
fn sum(shares: impl IntoIterator<Item = Share>) -> Share {
    shares.into_iter().fold(Share::default(), |a, b| Share { part: a.part + b.part, of: a.of + b.of })
}

/// Both sides of the pond, every segment, every tier: each customer once.
fn parts_make_the_whole(evidence: &Evidence) {
    let (all, pond, segments) = (labelled(evidence), PondMap::new(evidence), Segments::of(evidence));
    assert_eq!(sum([pond.inside, pond.outside]), all);
    assert_eq!(sum(segments.segments.iter().map(|one| one.ideal).chain([segments.outside])), all);
    let proof = Proof::new(evidence);
    assert_eq!(proof.overall, all);
    assert_eq!(sum(proof.tiers.iter().map(|tier| tier.ideal)), all);
    for shares in [|tier: &TierRow| tier.customers, |tier: &TierRow| tier.held] {
        let together: f64 = proof.tiers.iter().filter_map(|tier| shares(tier).rate()).sum();
        assert!((together - 1.0).abs() < 1e-9, "{together}");
    }
    assert_eq!(proof.strips.iter().flat_map(|strip| &strip.scores.counts).sum::<u64>(), evidence.rows() as u64);
    let summary = Summary::new(evidence);
    assert_eq!(summary.customers, all);
    let values = summary.parts.iter().flat_map(|part| &part.factors).chain(&summary.rules_out);
    for (name, share) in values.map(|one| (one.name(), one.customers)).chain(learned(&pond)) {
        assert!(share.part <= all.part && share.of <= all.of, "{name}: {share:?} of {all:?}");
        assert!(share.of - share.part <= all.of - all.part, "{name}: {share:?} of {all:?}");
    }
    if let Some(opening) = summary.opening {
        assert!(opening.matching.rate() > all.rate() && opening.matching.of <= all.of, "{opening:?}");
    }
}

fn learned(pond: &PondMap) -> impl Iterator<Item = (String, Share)> {
    let factors = pond.sections.iter().flat_map(|section| section.negatives.iter().chain(&section.positives));
    factors.filter_map(|factor| match factor.source {
        Source::Learned { customers, low, odds_ratio, high } => {
            assert!(0.0 < low && low <= odds_ratio && odds_ratio <= high, "{factor:?}");
            Some((factor.text.clone(), customers))
        }
        Source::Stated { .. } => None,
    })
}

/// Periods and the undated make the total, in which every account with a status is once.
fn adherence_adds_up(evidence: &Evidence) {
    let adherence = PondMap::new(evidence).adherence;
    let status = |row: usize| evidence.outcome(row).status;
    let known = (0..evidence.rows()).filter(|row| status(*row).is_some()).count() as u64;
    let total = &adherence.total;
    let decided = sum([total.won_inside, total.won_outside]);
    assert_eq!(decided.of, known);
    assert_eq!(decided.part, total.new_wins.of);
    assert_eq!(total.won_inside.part, total.new_wins.part);
    assert_eq!((total.churned_inside.of, total.churned_outside.of), (total.won_inside.part, total.won_outside.part));
    let dated: u64 = adherence.periods.iter().map(|one| one.won_inside.of + one.won_outside.of).sum();
    assert_eq!(dated + adherence.undated, known);
    assert!(adherence.periods.is_sorted_by(|one, next| one.name < next.name));
}

fn review_adds_up(evidence: &Evidence) {
    let review = AccountReview::of(evidence);
    let standing = &review.standing;
    assert_eq!(review.accounts, evidence.rows() as u64);
    assert_eq!(standing.active + standing.churned + standing.lost + standing.unknown, review.accounts);
    assert_eq!(review.customers, review.accounts - standing.lost);
    assert_eq!(standing.churn, Share { part: standing.churned, of: standing.active + standing.churned });
    assert_eq!(review.tenure.by_year.iter().map(|year| year.customers).sum::<u64>(), review.tenure.told.part);
    let split = &review.industries;
    assert_eq!(split.levels.iter().map(|level| level.customers.part).sum::<u64>(), split.told.part);
    assert!(split.levels.iter().all(|level| level.customers.of == split.told.part));
    let all = labelled(evidence);
    assert_eq!(review.trends.overall, all);
    for trend in &review.trends.trends {
        let together = sum([trend.ideal, trend.rest]);
        assert!(together.of <= all.of && together.part <= all.part, "{trend:?}");
    }
}

fn curve_holds(curve: &ValueCurve) {
    let points = &curve.points;
    let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
    assert_eq!(points[0], (0.0, 0.0));
    let (x, y) = points[points.len() - 1];
    assert!(close(x, 1.0) && close(y, 1.0), "{x} {y}");
    // The most valuable come first: no step is steeper than the one before it.
    let slopes: Vec<f64> = points.windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).collect();
    assert!(slopes.windows(2).all(|pair| pair[1] <= pair[0] + 1e-9), "{slopes:?}");
    assert!(curve.tops.is_sorted_by(|one, next| one.share < next.share && one.customers <= next.customers));
    // A share of the customers holds at least that share of the value, but for the rounding to whole customers.
    for top in &curve.tops {
        assert!(top.held.value >= top.customers as f64 / curve.customers as f64 - 1e-9, "{top:?}");
    }
    if let Some(gini) = &curve.gini {
        let most = 1.0 - 1.0 / curve.customers as f64;
        assert!(gini.value >= 0.0 && gini.value <= most + 1e-9, "{gini:?} of {most}");
    }
    if let Some(peak) = &curve.peak {
        let highest = points.iter().map(|(_, held)| *held).fold(0.0, f64::max);
        assert!(peak.held >= 1.0 && highest <= peak.held + 1e-9, "{peak:?} {highest}");
        assert!(curve.gini.is_none(), "some lose money");
    }
}

fn value_adds_up(evidence: &Evidence) {
    let report = ValueReport::of(evidence, &ValueQuestion::default());
    report.revenue.iter().chain(&report.net).for_each(curve_holds);
    if let (Some(revenue), Some(net)) = (&report.revenue, &report.net) {
        assert_eq!((revenue.customers, net.customers), (report.known.value, report.known.value));
        assert!(net.total <= revenue.total + 1e-6);
        let losing = net.peak.as_ref().map_or(0, |peak| peak.customers.of - peak.customers.part);
        assert_eq!(report.liability.accounts.part, losing);
    }
}

fn all_hold(evidence: &Evidence) {
    parts_make_the_whole(evidence);
    adherence_adds_up(evidence);
    review_adds_up(evidence);
    value_adds_up(evidence);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn figures_agree_whatever_the_customers(customers in customers()) {
        all_hold(&won(customers));
    }

    #[test]
    fn what_was_added_one_way_was_removed_the_other(from in gates(), to in gates()) {
        let state = |definition| ProfileState { definition, model: None };
        let told = |from, to, kind| {
            let found = differences(state(from), state(to)).into_iter().filter(move |one| one.kind == kind);
            found.map(|one| one.id).collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&from, &to, DifferenceKind::Added), told(&to, &from, DifferenceKind::Removed));
        prop_assert_eq!(told(&from, &to, DifferenceKind::Changed), told(&to, &from, DifferenceKind::Changed));
        prop_assert!(differences(state(&from), state(&from)).is_empty());
        prop_assert_eq!(from == to, differences(state(&from), state(&to)).is_empty());
    }
}

/// Definitions of some of four gates, each hard or soft.
fn gates() -> impl Strategy<Value = Definition> {
    use sweetspot_core::Severity;
    let severity = prop::option::of(prop_oneof![Just(Severity::Out), Just(Severity::Caution)]);
    prop::collection::vec(severity, 4).prop_map(|severities| {
        let gates = severities.into_iter().enumerate().filter_map(|(number, severity)| {
            let gate = crate::support::gate(severity?, None);
            Some(sweetspot_core::Gate { id: format!("gate-{number}"), ..gate })
        });
        Definition { gates: gates.collect(), ..Definition::default() }
    })
}

#[test]
fn figures_agree_for_the_demonstration_and_for_hardly_anybody() {
    for customers in [120, 600] {
        let evidence = evidence(company(customers));
        all_hold(&evidence);
        assert_eq!(evidence.as_of, TODAY);
    }
}

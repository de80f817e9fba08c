//! Recomputes every figure of the documents from the table, independently of the product's code.

use sweetspot_core::{Account, Definition, Digest, LabelPreset, OutcomeRef, OutcomeStatus, Tier};
use sweetspot_model::{NoProgress, Scorer, TrainError, TrainingSpec, train};
use sweetspot_report::pond::PondMap;
use sweetspot_report::review::AccountReview;
use sweetspot_report::segments::SegmentProfiles;
use sweetspot_report::summary::Summary;
use sweetspot_report::targets::{
    ExplanationContext, ListTotals, RankCriterion, TargetDocument, TargetList, TargetListOptions,
};
use sweetspot_report::value::{BadFitCustomers, MoneyAssumptions, ValueOptions, ValueReport};
use sweetspot_report::{Document, Proof, Proportion, Report, ReportInput, markdown};

use crate::fixtures::{TODAY, account};
use crate::sentences::{check, problems};
use crate::tables::{INDUSTRIES, SampleTable};

/// Each shape of a table with each label policy.
const TABLES: usize = 40;

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}

/// Net value computed independently: lost deals pay nothing.
fn net(outcome: OutcomeRef<'_>) -> Option<f64> {
    let costs = outcome.cost_to_serve.unwrap_or(0.0) + outcome.cost_to_acquire.unwrap_or(0.0);
    if outcome.status == Some(OutcomeStatus::Lost) { None } else { Some(outcome.value? - costs) }
}

/// The recomputed figures of a table.
struct Recount {
    /// Whether each customer is ideal; `None` if its outcome does not determine a label.
    ideal: Vec<Option<bool>>,
    net: Vec<Option<f64>>,
    status: Vec<Option<OutcomeStatus>>,
}

impl Recount {
    fn new(table: &SampleTable) -> Self {
        let outcomes: Vec<_> = table.rows.iter().map(|row| row.outcome.as_ref()).collect();
        let net: Vec<Option<f64>> = outcomes.iter().map(|outcome| net(*outcome)).collect();
        let mut sorted: Vec<f64> = net.iter().copied().flatten().collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let threshold = sorted.get(((sorted.len() as f64 * 0.2).round() as usize).max(1) - 1).copied();
        let high = |row: usize| net[row].zip(threshold).map(|(net, threshold)| net >= threshold);
        let ideal = |row: usize| match (table.preset, outcomes[row].status) {
            (LabelPreset::Won, status) => status.map(|status| status != OutcomeStatus::Lost),
            (LabelPreset::Retained, Some(OutcomeStatus::Won)) => Some(true),
            (LabelPreset::Retained | LabelPreset::Ideal, Some(OutcomeStatus::Churned))
            | (LabelPreset::Ideal, Some(OutcomeStatus::Lost)) => Some(false),
            (LabelPreset::Retained, _) | (LabelPreset::HighValue, Some(OutcomeStatus::Lost)) => None,
            (LabelPreset::Ideal, Some(OutcomeStatus::Won)) if threshold.is_none() => Some(true),
            (LabelPreset::Ideal | LabelPreset::HighValue, _) => high(row),
            (LabelPreset::Custom(_), _) => unreachable!("no table has custom weights"),
        };
        Self {
            ideal: (0..outcomes.len()).map(ideal).collect(),
            status: outcomes.iter().map(|outcome| outcome.status).collect(),
            net,
        }
    }

    fn rows(&self) -> usize {
        self.ideal.len()
    }

    fn labeled(&self) -> Proportion {
        Proportion::from_bools(self.ideal.iter().flatten().copied())
    }

    fn count_with_status(&self, status: Option<OutcomeStatus>) -> u64 {
        self.status.iter().filter(|one| **one == status).count() as u64
    }

    /// The sum of the net values of some rows, and the number of known ones.
    fn net_value_sum(&self, wanted: impl Fn(usize) -> bool) -> (f64, u64) {
        let known = (0..self.rows()).filter(|row| wanted(*row)).filter_map(|row| self.net[row]);
        known.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1))
    }
}

/// Trains on a table; `None` if it cannot support a model, for a reason that the user can fix.
fn train_table(table: &SampleTable) -> Option<(ReportInput, Scorer)> {
    let spec = TrainingSpec { label_policy: table.policy(), ..TrainingSpec::default() };
    let customers = table.customers();
    let model = match train(&spec, &customers, Digest::new(b"a table"), &NoProgress) {
        Err(TrainError::TooFewCustomers { .. } | TrainError::NoAttributes { .. } | TrainError::Label(_)) => {
            return None;
        }
        trained => trained.unwrap(),
    };
    let scorer = Scorer::compile(&model).unwrap();
    let version = "workspaces/w/models/m/versions/1".to_owned();
    let input = ReportInput::new(version, model, &scorer, customers, Definition::default(), TODAY);
    Some((input.unwrap(), scorer))
}

fn labels_are_recounted(input: &ReportInput, recount: &Recount) {
    let card = input.model.label_card();
    assert_eq!(input.labels.ideal, recount.ideal);
    let all = recount.labeled();
    assert_eq!((card.ideal, card.not_ideal), (all.part, all.total - all.part));
    assert_eq!(card.excluded, recount.rows() as u64 - all.total);
    for note in card.notes {
        check(&note, recount.rows());
    }
}

fn values_are_recounted(input: &ReportInput, recount: &Recount) {
    let ideal = |row: usize| recount.ideal[row] == Some(true);
    let (sum, known) = recount.net_value_sum(ideal);
    let Some(values) = input.model.value_summary() else { return assert_eq!(known, 0) };
    assert_eq!(values.ideal, known);
    assert!(close(values.if_ideal, sum / known as f64), "{values:?}");
    // Of the others, lost ones have no value, whatever their recorded deal.
    let lost = |row: usize| recount.status[row] == Some(OutcomeStatus::Lost);
    let (sum, known) = recount.net_value_sum(|row| recount.ideal[row] == Some(false));
    let lost = (0..recount.rows()).filter(|row| recount.ideal[*row] == Some(false) && lost(*row)).count() as u64;
    assert_eq!(values.others, known + lost);
    assert!(close(values.if_not, sum / (known + lost).max(1) as f64), "{values:?}");
    let least = input.model.segments().into_iter().filter_map(|segment| segment.value_if_ideal);
    let least = least.fold(values.if_ideal, f64::min);
    assert_eq!(input.model.no_value_order_reason().is_none(), least > values.if_not, "{values:?}");
}

fn parts_are_recounted(input: &ReportInput, recount: &Recount) {
    let all = recount.labeled();
    let sum = |shares: &mut dyn Iterator<Item = Proportion>| {
        shares.fold(Proportion::default(), |a, b| Proportion { part: a.part + b.part, total: a.total + b.total })
    };
    let (pond, segments, summary) = (PondMap::new(input), SegmentProfiles::new(input), Summary::new(input));
    assert_eq!(sum(&mut [pond.inside, pond.outside].into_iter()), all);
    let of_segments = segments.segments.iter().map(|segment| segment.ideal);
    assert_eq!(sum(&mut of_segments.chain([segments.outside])), all);
    assert_eq!(summary.customers, all);
    let (every, _) = recount.net_value_sum(|_| true);
    let (ideal, known) = recount.net_value_sum(|row| recount.ideal[row] == Some(true));
    let expected = (every > 0.0).then(|| ideal / every);
    assert!(known == 0 || summary.value_share.zip(expected).is_some_and(|(a, b)| close(a, b)) || expected.is_none());
    let proof = Proof::new(input);
    if proof.evaluation.rows > 0 {
        assert_eq!(proof.overall, all);
        assert_eq!(sum(&mut proof.tiers.iter().map(|tier| tier.ideal)), all);
    }
    assert_eq!(proof.strips.iter().flat_map(|strip| strip.scores.tiers).sum::<u64>(), recount.rows() as u64);
    let total = pond.adherence.total;
    assert_eq!(
        total.won_inside.total + total.won_outside.total,
        recount.rows() as u64 - recount.count_with_status(None)
    );
    assert_eq!(
        total.churned_inside.part + total.churned_outside.part,
        recount.count_with_status(Some(OutcomeStatus::Churned))
    );
}

fn money_is_recounted(input: &ReportInput, recount: &Recount, table: &SampleTable) {
    let report = ValueReport::new(input, &ValueOptions::default());
    let bought = |row: usize| match recount.status[row] {
        Some(OutcomeStatus::Lost) => false,
        Some(_) => true,
        None => table.rows[row].outcome.value.is_some(),
    };
    let customers: Vec<usize> = (0..recount.rows()).filter(|row| bought(*row)).collect();
    let valued: Vec<usize> = customers.iter().copied().filter(|row| table.rows[*row].outcome.value.is_some()).collect();
    assert_eq!((report.known.customers, report.known.value), (customers.len() as u64, valued.len() as u64));
    let revenue: f64 = valued.iter().filter_map(|row| table.rows[*row].outcome.value).sum();
    let net: f64 = valued.iter().filter_map(|row| recount.net[*row]).sum();
    assert!(close(report.money.revenue, revenue) && close(report.money.net, net), "{:?}", report.money);
    let losing = valued.iter().filter(|row| recount.net[**row].is_some_and(|net| net < 0.0)).count() as u64;
    assert_eq!(report.liability.accounts, Proportion { part: losing, total: valued.len() as u64 });
    assert_eq!(BadFitCustomers::new(input, &MoneyAssumptions::default()).accounts.len() as u64, losing);
    if let Some(curve) = &report.revenue {
        assert_eq!((curve.customers, close(curve.total, revenue)), (valued.len() as u64, true));
        let mut sorted: Vec<f64> = valued.iter().filter_map(|row| table.rows[*row].outcome.value).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        for top in &curve.tops {
            let held: f64 = sorted.iter().take(top.customers as usize).sum();
            assert!(close(top.value_share.value, held / revenue), "{top:?}");
        }
    }
}

fn the_review_is_recounted(input: &ReportInput, recount: &Recount, table: &SampleTable) {
    let review = AccountReview::new(input);
    let standing = &review.status_counts;
    let [won, churned, lost] = [OutcomeStatus::Won, OutcomeStatus::Churned, OutcomeStatus::Lost]
        .map(|status| recount.count_with_status(Some(status)));
    assert_eq!(
        (standing.active, standing.churned, standing.lost, standing.unknown),
        (won, churned, lost, recount.count_with_status(None))
    );
    assert_eq!((review.accounts, review.customers), (recount.rows() as u64, recount.rows() as u64 - lost));
    for level in &review.industries.levels {
        let of = |row: &usize| {
            let industry = table.rows[*row].industry.map(|code| INDUSTRIES[code]);
            industry == Some(level.name.as_str()) && recount.status[*row] != Some(OutcomeStatus::Lost)
        };
        let rows: Vec<usize> = (0..recount.rows()).filter(of).collect();
        assert_eq!(level.customers.part, rows.len() as u64, "{}", level.name);
        let (sum, known) = recount.net_value_sum(|row| rows.contains(&row));
        assert_eq!(level.value.map_or(0.0, f64::round), if known > 0 { sum.round() } else { 0.0 });
    }
}

/// The customers as a list of prospects, in full and as the best of a longer list.
fn a_list_is_recounted(input: &ReportInput, scorer: &Scorer) -> TargetDocument {
    let accounts: Vec<Account> = (0..input.rows()).map(|row| account(&input.customers, row)).collect();
    let prepared = ExplanationContext::new(input, scorer);
    let wanted = TargetListOptions { top: 5, reasons: 3, explained_count: 2, ..TargetListOptions::default() };
    let list = TargetList::new(input, scorer, &prepared, &accounts, &wanted);
    for size in &list.tiers {
        let in_tier = || accounts.iter().map(|one| scorer.score(one)).filter(|fit| fit.tier == size.tier);
        assert_eq!(size.accounts, in_tier().count() as u64);
        assert!(close(size.expected_ideal, in_tier().map(|fit| fit.probability).sum()));
    }
    let mut best: Vec<Account> = accounts.clone();
    best.sort_by(|a, b| scorer.score(b).log_odds.total_cmp(&scorer.score(a).log_odds).then(a.id.cmp(&b.id)));
    best.truncate(10);
    let whole = ListTotals { accounts: list.accounts, tiers: list.tiers.clone(), scores: list.scores.clone() };
    let part = TargetListOptions { list_totals: Some(whole), ..wanted };
    let part = TargetList::new(input, scorer, &prepared, &best, &part);
    assert_eq!((part.accounts, &part.tiers, &part.scores), (list.accounts, &list.tiers, &list.scores));
    assert_eq!(part.targets, list.targets, "the best accounts differ from those of the whole list");
    assert!(part.shifts.is_empty() && !part.is_whole);
    assert!(
        list.tiers.iter().zip(Tier::ALL).all(|(size, tier)| size.tier == tier)
            && list.order == RankCriterion::Probability
    );
    TargetDocument { list, excluded_count: 1, unusable_count: 1, ignored_value_count: 1, warnings: vec![] }
}

#[test]
fn every_stated_number_is_counted_again_from_the_table() {
    let (mut models, mut wrong) = (0, Vec::new());
    for seed in 0..TABLES {
        let table = SampleTable::new(seed);
        let Some((input, scorer)) = train_table(&table) else { continue };
        models += 1;
        let recount = Recount::new(&table);
        labels_are_recounted(&input, &recount);
        values_are_recounted(&input, &recount);
        parts_are_recounted(&input, &recount);
        money_is_recounted(&input, &recount, &table);
        the_review_is_recounted(&input, &recount, &table);
        let targets = a_list_is_recounted(&input, &scorer);
        let report = Report::new("", &Document::ALL, &input, Some(&targets));
        wrong.extend(markdown::text(&report).lines().flat_map(|line| problems(line, recount.rows())));
        input.model.warnings().iter().for_each(|warning| check(warning, recount.rows()));
        check(&input.model.evaluation().verdict(), recount.rows());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(models >= TABLES / 2, "{models} of {TABLES} tables have a model");
}

//! Every number that a document states, counted again from the table by other code than the product's.

use sweetspot_core::{Account, Definition, Digest, LabelPreset, OutcomeRef, Status, Tier};
use sweetspot_model::{Scorer, TrainError, TrainingSpec, Unattended, train};
use sweetspot_report::pond::PondMap;
use sweetspot_report::review::AccountReview;
use sweetspot_report::segments::Segments;
use sweetspot_report::summary::Summary;
use sweetspot_report::targets::{Order, Prepared, TargetDocument, TargetList, Wanted, WholeList};
use sweetspot_report::value::{BadFits, Stated, ValueQuestion, ValueReport};
use sweetspot_report::{Document, Evidence, Proof, Report, Share, markdown};

use crate::sentences::{check, problems};
use crate::support::{TODAY, account};
use crate::tables::{INDUSTRIES, Table};

/// Each shape of a table with each label policy.
const TABLES: usize = 40;

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}

/// Net value by hand: nothing is paid for a lost deal.
fn net(outcome: OutcomeRef<'_>) -> Option<f64> {
    let costs = outcome.cost_to_serve.unwrap_or(0.0) + outcome.cost_to_acquire.unwrap_or(0.0);
    if outcome.status == Some(Status::Lost) { None } else { Some(outcome.value? - costs) }
}

/// What is recounted of a table.
struct Recount {
    /// Whether each customer is ideal; nothing where its outcome does not say.
    ideal: Vec<Option<bool>>,
    net: Vec<Option<f64>>,
    status: Vec<Option<Status>>,
}

impl Recount {
    fn of(table: &Table) -> Self {
        let outcomes: Vec<_> = table.rows.iter().map(|row| row.outcome.as_ref()).collect();
        let net: Vec<Option<f64>> = outcomes.iter().map(|outcome| net(*outcome)).collect();
        let mut sorted: Vec<f64> = net.iter().copied().flatten().collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let threshold = sorted.get(((sorted.len() as f64 * 0.2).round() as usize).max(1) - 1).copied();
        let high = |row: usize| net[row].zip(threshold).map(|(net, threshold)| net >= threshold);
        let ideal = |row: usize| match (table.preset, outcomes[row].status) {
            (LabelPreset::Won, status) => status.map(|status| status != Status::Lost),
            (LabelPreset::Retained, Some(Status::Won)) => Some(true),
            (LabelPreset::Retained | LabelPreset::Ideal, Some(Status::Churned))
            | (LabelPreset::Ideal, Some(Status::Lost)) => Some(false),
            (LabelPreset::Retained, _) | (LabelPreset::HighValue, Some(Status::Lost)) => None,
            (LabelPreset::Ideal, Some(Status::Won)) if threshold.is_none() => Some(true),
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

    fn labelled(&self) -> Share {
        Share::of(self.ideal.iter().flatten().copied())
    }

    fn with(&self, status: Option<Status>) -> u64 {
        self.status.iter().filter(|one| **one == status).count() as u64
    }

    /// The sum of the net values of some rows, and of how many it is known.
    fn worth(&self, wanted: impl Fn(usize) -> bool) -> (f64, u64) {
        let known = (0..self.rows()).filter(|row| wanted(*row)).filter_map(|row| self.net[row]);
        known.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1))
    }
}

/// Trains on a table; nothing where it carries no model, for a reason that a person can mend.
fn trained(table: &Table) -> Option<(Evidence, Scorer)> {
    let spec = TrainingSpec { label_policy: table.policy(), ..TrainingSpec::default() };
    let customers = table.customers();
    let model = match train(&spec, &customers, Digest::of(b"a table"), &Unattended) {
        Err(TrainError::TooFewCustomers { .. } | TrainError::NoAttributes { .. } | TrainError::Label(_)) => {
            return None;
        }
        trained => trained.unwrap(),
    };
    let scorer = Scorer::compile(&model).unwrap();
    let version = "workspaces/w/models/m/versions/1".to_owned();
    let evidence = Evidence::new(version, model, &scorer, customers, Definition::default(), TODAY);
    Some((evidence.unwrap(), scorer))
}

fn labels_are_recounted(evidence: &Evidence, recount: &Recount) {
    let card = evidence.model.label_card();
    assert_eq!(evidence.labels.ideal, recount.ideal);
    let all = recount.labelled();
    assert_eq!((card.ideal, card.not_ideal), (all.part, all.of - all.part));
    assert_eq!(card.excluded, recount.rows() as u64 - all.of);
    for note in card.notes {
        check(&note, recount.rows());
    }
}

fn values_are_recounted(evidence: &Evidence, recount: &Recount) {
    let ideal = |row: usize| recount.ideal[row] == Some(true);
    let (sum, known) = recount.worth(ideal);
    let Some(values) = evidence.model.values() else { return assert_eq!(known, 0) };
    assert_eq!(values.ideal, known);
    assert!(close(values.if_ideal, sum / known as f64), "{values:?}");
    // Of the others, lost ones are worth nothing, whatever their deal was said to be worth.
    let lost = |row: usize| recount.status[row] == Some(Status::Lost);
    let (sum, known) = recount.worth(|row| recount.ideal[row] == Some(false));
    let lost = (0..recount.rows()).filter(|row| recount.ideal[*row] == Some(false) && lost(*row)).count() as u64;
    assert_eq!(values.others, known + lost);
    assert!(close(values.if_not, sum / (known + lost).max(1) as f64), "{values:?}");
    let least = evidence.model.segments().into_iter().filter_map(|segment| segment.value_if_ideal);
    let least = least.fold(values.if_ideal, f64::min);
    assert_eq!(evidence.model.no_value_order().is_none(), least > values.if_not, "{values:?}");
}

fn parts_are_recounted(evidence: &Evidence, recount: &Recount) {
    let all = recount.labelled();
    let sum = |shares: &mut dyn Iterator<Item = Share>| {
        shares.fold(Share::default(), |a, b| Share { part: a.part + b.part, of: a.of + b.of })
    };
    let (pond, segments, summary) = (PondMap::new(evidence), Segments::of(evidence), Summary::new(evidence));
    assert_eq!(sum(&mut [pond.inside, pond.outside].into_iter()), all);
    let of_segments = segments.segments.iter().map(|segment| segment.ideal);
    assert_eq!(sum(&mut of_segments.chain([segments.outside])), all);
    assert_eq!(summary.customers, all);
    let (every, _) = recount.worth(|_| true);
    let (ideal, known) = recount.worth(|row| recount.ideal[row] == Some(true));
    let expected = (every > 0.0).then(|| ideal / every);
    assert!(known == 0 || summary.value_share.zip(expected).is_some_and(|(a, b)| close(a, b)) || expected.is_none());
    let proof = Proof::new(evidence);
    if proof.evaluation.rows > 0 {
        assert_eq!(proof.overall, all);
        assert_eq!(sum(&mut proof.tiers.iter().map(|tier| tier.ideal)), all);
    }
    assert_eq!(proof.strips.iter().flat_map(|strip| strip.scores.tiers).sum::<u64>(), recount.rows() as u64);
    let total = pond.adherence.total;
    assert_eq!(total.won_inside.of + total.won_outside.of, recount.rows() as u64 - recount.with(None));
    assert_eq!(total.churned_inside.part + total.churned_outside.part, recount.with(Some(Status::Churned)));
}

fn money_is_recounted(evidence: &Evidence, recount: &Recount, table: &Table) {
    let report = ValueReport::of(evidence, &ValueQuestion::default());
    let bought = |row: usize| match recount.status[row] {
        Some(Status::Lost) => false,
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
    assert_eq!(report.liability.accounts, Share { part: losing, of: valued.len() as u64 });
    assert_eq!(BadFits::of(evidence, &Stated::default()).accounts.len() as u64, losing);
    if let Some(curve) = &report.revenue {
        assert_eq!((curve.customers, close(curve.total, revenue)), (valued.len() as u64, true));
        let mut sorted: Vec<f64> = valued.iter().filter_map(|row| table.rows[*row].outcome.value).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        for top in &curve.tops {
            let held: f64 = sorted.iter().take(top.customers as usize).sum();
            assert!(close(top.held.value, held / revenue), "{top:?}");
        }
    }
}

fn the_review_is_recounted(evidence: &Evidence, recount: &Recount, table: &Table) {
    let review = AccountReview::of(evidence);
    let standing = &review.standing;
    let [won, churned, lost] = [Status::Won, Status::Churned, Status::Lost].map(|status| recount.with(Some(status)));
    assert_eq!(
        (standing.active, standing.churned, standing.lost, standing.unknown),
        (won, churned, lost, recount.with(None))
    );
    assert_eq!((review.accounts, review.customers), (recount.rows() as u64, recount.rows() as u64 - lost));
    for level in &review.industries.levels {
        let of = |row: &usize| {
            let industry = table.rows[*row].industry.map(|code| INDUSTRIES[code]);
            industry == Some(level.name.as_str()) && recount.status[*row] != Some(Status::Lost)
        };
        let rows: Vec<usize> = (0..recount.rows()).filter(of).collect();
        assert_eq!(level.customers.part, rows.len() as u64, "{}", level.name);
        let (sum, known) = recount.worth(|row| rows.contains(&row));
        assert_eq!(level.value.map_or(0.0, f64::round), if known > 0 { sum.round() } else { 0.0 });
    }
}

/// The customers as a list of prospects, in full and as the best of a longer one.
fn a_list_is_recounted(evidence: &Evidence, scorer: &Scorer) -> TargetDocument {
    let accounts: Vec<Account> = (0..evidence.rows()).map(|row| account(&evidence.customers, row)).collect();
    let prepared = Prepared::new(evidence, scorer);
    let wanted = Wanted { top: 5, reasons: 3, explained: 2, ..Wanted::default() };
    let list = TargetList::new(evidence, scorer, &prepared, &accounts, &wanted);
    for size in &list.tiers {
        let in_tier = || accounts.iter().map(|one| scorer.score(one)).filter(|fit| fit.tier == size.tier);
        assert_eq!(size.accounts, in_tier().count() as u64);
        assert!(close(size.expected_ideal, in_tier().map(|fit| fit.probability).sum()));
    }
    let mut best: Vec<Account> = accounts.clone();
    best.sort_by(|a, b| scorer.score(b).log_odds.total_cmp(&scorer.score(a).log_odds).then(a.id.cmp(&b.id)));
    best.truncate(10);
    let whole = WholeList { accounts: list.accounts, tiers: list.tiers.clone(), scores: list.scores.clone() };
    let part = Wanted { whole: Some(whole), ..wanted };
    let part = TargetList::new(evidence, scorer, &prepared, &best, &part);
    assert_eq!((part.accounts, &part.tiers, &part.scores), (list.accounts, &list.tiers, &list.scores));
    assert_eq!(part.targets, list.targets, "the best of a list are those of the whole list");
    assert!(part.shifts.is_empty() && !part.is_whole);
    assert!(list.tiers.iter().zip(Tier::ALL).all(|(size, tier)| size.tier == tier) && list.order == Order::Probability);
    TargetDocument { list, left_out: 1, unusable: 1, ignored: 1, warnings: vec![] }
}

#[test]
fn every_stated_number_is_counted_again_from_the_table() {
    let (mut models, mut wrong) = (0, Vec::new());
    for seed in 0..TABLES {
        let table = Table::new(seed);
        let Some((evidence, scorer)) = trained(&table) else { continue };
        models += 1;
        let recount = Recount::of(&table);
        labels_are_recounted(&evidence, &recount);
        values_are_recounted(&evidence, &recount);
        parts_are_recounted(&evidence, &recount);
        money_is_recounted(&evidence, &recount, &table);
        the_review_is_recounted(&evidence, &recount, &table);
        let targets = a_list_is_recounted(&evidence, &scorer);
        let report = Report::new("", &Document::ALL, &evidence, Some(&targets));
        wrong.extend(markdown::text(&report).lines().flat_map(|line| problems(line, recount.rows())));
        evidence.model.warnings().iter().for_each(|warning| check(warning, recount.rows()));
        check(&evidence.model.evaluation().verdict(), recount.rows());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(models >= TABLES / 2, "{models} of {TABLES} tables carry a model");
}

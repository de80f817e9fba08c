//! Evaluation without optimism: accounts under several ids, and newer customers.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{AccountTable, Column, ColumnData, Customers, Date, Outcome, OutcomeRef, OutcomeStatus};

use crate::customer_fixtures::{customers, train_default};

/// Accounts with eight numbers, the first of which has an effect; from `again` on, the accounts repeat from the first
/// one.
fn repeated_accounts(rows: usize, again: usize, group: impl Fn(usize) -> Option<String>) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut accounts: Vec<([f64; 8], bool)> = (0..again)
        .map(|_| {
            let numbers: [f64; 8] = std::array::from_fn(|_| f64::from(rng.random_range(0..500_u32)));
            (numbers, rng.random_bool(if numbers[0] > 250.0 { 0.7 } else { 0.3 }))
        })
        .collect();
    accounts.extend_from_within(..rows - again);
    let column = |place: usize| Column {
        name: format!("number {place}"),
        data: ColumnData::Numbers(accounts.iter().map(|(numbers, _)| numbers.get(place).copied()).collect()),
    };
    let table = AccountTable::new((0..rows).map(|row| row.to_string()).collect(), (0..8).map(column).collect());
    let status = |won: bool| Some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost });
    let outcome = |(row, (_, won)): (usize, &([f64; 8], bool))| Outcome {
        status: status(*won),
        group: group(row),
        ..Outcome::default()
    };
    let outcomes = accounts.iter().enumerate().map(outcome).collect();
    Customers::new(table.unwrap(), outcomes, None).unwrap()
}

/// The warning about accounts with several rows, whether detected from equal rows or from their outcomes.
fn duplicate_warning(customers: &Customers) -> Option<String> {
    let warnings = train_default(customers).unwrap().warnings().to_vec();
    warnings.into_iter().find(|warning| warning.contains("another id") || warning.contains("rows look like"))
}

#[test]
fn an_account_under_other_ids_raises_a_warning() {
    let told = duplicate_warning(&repeated_accounts(337, 300, |_| None)).unwrap();
    let found = ["37 customers look like the same account", "74 rows look like 37 accounts"];
    assert!(found.iter().any(|found| told.starts_with(found)), "{told}");
    assert_eq!(duplicate_warning(&repeated_accounts(300, 300, |_| None)), None);
}

#[test]
fn declared_groups_raise_no_duplicate_warning() {
    assert_eq!(duplicate_warning(&repeated_accounts(337, 300, |row| Some((row % 300).to_string()))), None);
}

/// The customers of the other tests, dated by their row; from `turned` on, good and bad are swapped.
fn dated_customers(turned: usize) -> Customers {
    let base = customers(1500, 1.0, 5);
    let outcome = |(row, outcome): (usize, OutcomeRef<'_>)| {
        let status = match outcome.status {
            Some(OutcomeStatus::Won) if row >= turned => Some(OutcomeStatus::Lost),
            Some(OutcomeStatus::Lost) if row >= turned => Some(OutcomeStatus::Won),
            other => other,
        };
        Outcome { status, since: Some(Date { days: i32::try_from(row).unwrap() }), ..outcome.into() }
    };
    let outcomes = base.outcomes().iter().enumerate().map(outcome).collect();
    Customers::new(base.accounts().clone(), outcomes, None).unwrap()
}

#[test]
fn dated_customers_have_a_temporal_holdout() {
    let artifact = train_default(&dated_customers(1500)).unwrap();
    let newest = artifact.evaluation_details().temporal_holdout.unwrap();
    assert_eq!((newest.first_day, newest.rows), (Date { days: 1200 }, 300));
    assert!(newest.auc > 0.7 && newest.auc_low < newest.auc && newest.auc < newest.auc_high, "{newest:?}");
    assert!(newest.calibration_error < 0.12, "{newest:?}");
    assert!(artifact.warnings().iter().all(|warning| !warning.contains("newest")), "{:?}", artifact.warnings());
    assert_eq!(train_default(&customers(300, 1.0, 5)).unwrap().evaluation_details().temporal_holdout, None);
}

#[test]
fn a_changed_market_raises_a_warning() {
    let artifact = train_default(&dated_customers(1200)).unwrap();
    let newest = artifact.evaluation_details().temporal_holdout.unwrap();
    assert!(newest.auc < 0.4, "{newest:?}");
    assert!(
        artifact.warnings().iter().any(|warning| warning.contains("are ranked worse")),
        "{:?}",
        artifact.warnings()
    );
}

#[test]
fn deciles_and_tiers_add_up_to_the_evaluation() {
    let artifact = train_default(&customers(1500, 1.0, 5)).unwrap();
    let (evaluation, details) = (artifact.evaluation(), artifact.evaluation_details());
    let ideal = |ideal: u64| ideal as f64 / evaluation.positives as f64;
    let distance: f64 =
        details.deciles.iter().map(|t| (t.ideal as f64 - t.mean_probability * t.customers as f64).abs()).sum();
    assert!((distance / evaluation.rows as f64 - evaluation.calibration_error).abs() < 1e-9);
    assert!((ideal(details.deciles[0].ideal) * 10.0 - evaluation.lift_at_top_decile).abs() < 1e-9);
    assert!(details.deciles[0].ideal_rate(details.weights) > details.deciles[9].ideal_rate(details.weights) + 0.3);
    assert_eq!(details.tiers.iter().map(|tier| tier.customers).sum::<u64>(), evaluation.rows);
    assert_eq!(details.tiers[1].cumulative_recall, Some(ideal(details.tiers[0].ideal + details.tiers[1].ideal)));
    assert!(details.tiers[0].precision > details.tiers[2].precision);
}

use proptest::prelude::*;

use super::*;

fn day(days: i32) -> Date {
    Date { days }
}

/// Alternating labels.
fn labels(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| (row % 2) as f64).collect()
}

#[test]
fn the_temporal_holdout_is_the_newest_fifth() {
    let ages: Vec<Option<Date>> = (0..500).map(|row| Some(day(499 - row))).collect();
    let (from, sides) = split_by_date(&labels(500), &ages).unwrap();
    assert_eq!(from, day(400));
    assert!(
        sides[..100].iter().all(|side| *side == HoldoutSide::Newest)
            && sides[100..].iter().all(|side| *side == HoldoutSide::Older)
    );
}

#[test]
fn customers_of_one_day_are_on_one_side_of_the_holdout() {
    let years = |shares: &[usize]| -> Vec<Option<Date>> {
        (0..).zip(shares).flat_map(|(year, count)| vec![Some(day(year)); *count]).collect()
    };
    let from = |shares: &[usize]| split_by_date(&labels(400), &years(shares)).map(|(from, _)| from.days);
    assert_eq!(from(&[100, 100, 100, 100]), Some(3));
    assert_eq!(from(&[200, 150, 50]), Some(2), "closer to one fifth than one half");
    assert_eq!(from(&[400]), None, "all on one day");
}

#[test]
fn too_few_dates_or_labels_have_no_temporal_holdout() {
    let ages = |dated: i32| -> Vec<Option<Date>> { (0..400).map(|row| (row < dated).then(|| day(row))).collect() };
    assert!(split_by_date(&labels(400), &ages(360)).is_some());
    assert!(split_by_date(&labels(400), &ages(359)).is_none());
    let (_, sides) = split_by_date(&labels(400), &ages(360)).unwrap();
    assert_eq!(sides.iter().filter(|side| **side == HoldoutSide::Unknown).count(), 40);
    let with = |newest: usize| -> Vec<f64> {
        (0..400).map(|row| f64::from(u8::from(row < 100 || row >= 400 - newest))).collect()
    };
    assert!(split_by_date(&with(20), &ages(400)).is_some());
    assert!(split_by_date(&with(19), &ages(400)).is_none(), "too few ideal customers among the newest");
    assert!(split_by_date(&with(80), &ages(400)).is_none(), "too few others among the newest");
    assert!(split_by_date(&[], &[]).is_none());
}

#[test]
fn a_group_has_the_date_of_its_oldest_row() {
    let since = [Some(day(5)), None, Some(day(3)), Some(day(9)), None];
    let groups = [Some(0), Some(0), Some(0), None, Some(1)];
    assert_eq!(customer_dates(&since, &groups), [Some(day(3)), Some(day(3)), Some(day(3)), Some(day(9)), None]);
}

#[test]
fn only_a_clear_loss_on_the_holdout_raises_a_warning() {
    let all = Evaluation { auc: 0.77, auc_low: 0.72, auc_high: 0.82, ..Evaluation::default() };
    let newest = |auc: f64| TemporalHoldoutEvaluation {
        first_day: day(20_000),
        rows: 100,
        positives: 40,
        auc,
        auc_low: auc - 0.08,
        auc_high: auc + 0.08,
        log_loss: 0.6,
        calibration_error: 0.1,
    };
    let told = holdout_warning(&newest(0.6), &all).unwrap();
    assert!(told.contains("since 2024-10-04, are ranked worse (AUC 0.600, 0.520 to 0.680, against 0.770"), "{told}");
    assert_eq!((holdout_warning(&newest(0.65), &all), holdout_warning(&newest(0.9), &all)), (None, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_older_customer_is_newer_than_the_holdout(
        rows in prop::collection::vec((0..60_i32, prop::option::of(0..90_usize)), 150..300),
    ) {
        let since: Vec<Option<Date>> = rows.iter().map(|(age, _)| Some(day(*age))).collect();
        let groups: Vec<Option<usize>> = rows.iter().map(|(_, group)| *group).collect();
        let ages = customer_dates(&since, &groups);
        if let Some((from, sides)) = split_by_date(&labels(rows.len()), &ages) {
            for (row, side) in sides.iter().enumerate() {
                prop_assert_eq!(*side == HoldoutSide::Newest, ages[row] >= Some(from));
                let apart = (0..row).any(|other| groups[row].is_some() && groups[row] == groups[other] && sides[other] != *side);
                prop_assert!(!apart, "a group is on two sides");
            }
        }
    }
}

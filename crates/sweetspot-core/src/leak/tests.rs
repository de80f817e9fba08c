use LeakSeverity::{Flagged, Refused};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::{Date, NullableLists};

const SEED: u64 = 11;

fn numbers(values: impl IntoIterator<Item = Option<f64>>) -> ColumnData {
    ColumnData::Numbers(values.into_iter().collect())
}

fn texts<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> ColumnData {
    let mut dictionary: Vec<String> = Vec::new();
    let codes = values.into_iter().map(|text| {
        let text = text?;
        let known = dictionary.iter().position(|known| known == text);
        Some(known.unwrap_or_else(|| {
            dictionary.push(text.to_owned());
            dictionary.len() - 1
        }) as u32)
    });
    let codes = codes.collect();
    ColumnData::Categories { dictionary, codes }
}

fn find_named(name: &str, data: ColumnData, labels: &[f64]) -> Option<Leak> {
    let rows: Vec<usize> = (0..labels.len()).collect();
    LeakDetector::new(&rows, labels).find(&Column { name: name.to_owned(), data })
}

fn find(data: ColumnData, labels: &[f64]) -> Option<Leak> {
    find_named("x", data, labels)
}

fn severity(data: ColumnData, labels: &[f64]) -> Option<LeakSeverity> {
    find(data, labels).map(|leak| leak.severity)
}

/// Every `nth` customer is ideal.
fn labels(rows: usize, nth: usize) -> Vec<f64> {
    (0..rows).map(|row| f64::from(u8::from(row % nth == 0))).collect()
}

/// Standard normal numbers, shifted by `shift` for ideal customers: alone they have an AUC of Φ(shift / √2).
fn shifted(labels: &[f64], shift: f64, seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    labels.iter().map(|label| normal() + shift * label).collect()
}

#[test]
fn the_outcome_in_any_encoding_is_refused() {
    let labels = labels(600, 3);
    let won = || labels.iter().map(|label| *label > 0.5);
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let amounts = numbers(won().map(|won| Some(if won { random.random_range(1.0..900.0_f64).round() } else { 0.0 })));
    let reasons = ["price", "rival", "late"];
    let why = texts(won().enumerate().map(|(row, won)| Some(if won { "" } else { reasons[row % 3] })));
    let days = |won: bool| Date { days: if won { 20_000 } else { 19_000 } };
    let dictionary = vec!["crm".to_owned(), "won".to_owned()];
    let lists = won().map(|won| Some(if won { vec![0, 1] } else { vec![0] })).collect();
    for data in [
        amounts,
        why,
        ColumnData::Flags(won().map(Some).collect()),
        ColumnData::Dates(won().map(|won| Some(days(won))).collect()),
        ColumnData::Lists { dictionary, rows: lists },
    ] {
        let leak = find(data.clone(), &labels).unwrap();
        assert_eq!(leak.severity, Refused, "{data:?}");
        assert!(leak.reason.contains("almost without error (AUC 1.000)"), "{leak:?}");
    }
}

#[test]
fn attributes_filled_for_one_label_are_refused_beyond_chance() {
    let labels = labels(1000, 4);
    let data = texts((0..1000).map(|row| (row % 4 == 0 && row % 5 < 3).then_some("gold")));
    let leak = find(data, &labels).unwrap();
    let reason = "it is filled in for 150 customers, all of them ideal, as what is written after the outcome is";
    assert_eq!((leak.severity, leak.reason.as_str()), (Refused, reason));
    let slips = texts((0..1000).map(|row| ((row % 4 == 0 && row % 5 < 3) || row % 200 == 1).then_some("gold")));
    let leak = find(slips, &labels).unwrap();
    assert!(leak.reason.starts_with("it is filled in for 155 customers, all but 5 ideal"), "{leak:?}");
    // Three in four customers are not ideal anyway: 151 customers with one ideal among them are not enough.
    let filled = |row: usize| (row % 5 == 1 && !row.is_multiple_of(4)) || row == 20;
    assert_eq!(find(texts((0..1000).map(|row| filled(row).then_some("moved"))), &labels), None);
}

#[test]
fn values_that_decide_a_third_of_a_label_are_flagged() {
    let labels = labels(2000, 2);
    // Two in five ideal customers, and no others.
    let refund = texts((0..2000).map(|row| Some(if row % 2 == 0 && row % 5 < 2 { "non refund" } else { "none" })));
    let leak = find(refund, &labels).unwrap();
    let reason =
        "where it is \"non refund\", 400 of 400 customers are ideal; 40% of those who are ideal have such values";
    assert_eq!((leak.severity, leak.reason.as_str()), (Flagged, reason));
    let zero = numbers((0..2000).map(|row| Some(if row % 2 == 1 && row % 5 < 2 { 0.0 } else { 1.0 + f64::from(row) })));
    assert!(find(zero, &labels).unwrap().reason.starts_with("where it is 0, 400 of 400 customers are not ideal"));
    // One in five is possible for a legitimate level.
    let honest = texts((0..2000).map(|row| Some(if row % 10 < 2 && row % 2 == 0 { "reference" } else { "web" })));
    assert_eq!(find(honest, &labels), None);
}

#[test]
fn filling_that_differs_between_labels_is_flagged() {
    let labels = labels(900, 3);
    let filled = |often: usize, seldom: usize| {
        let share = |row: usize| if row.is_multiple_of(3) { often } else { seldom };
        numbers((0..900).map(move |row| (row / 3 % 10 < share(row)).then_some((row / 30 % 7) as f64)))
    };
    let leak = find(filled(8, 3), &labels).unwrap();
    assert_eq!(leak.reason, "it is filled in for 80% of the ideal customers and 30% of the others");
    assert_eq!(leak.severity, Flagged);
    assert_eq!(find(filled(8, 5), &labels), None);
}

#[test]
fn strong_attributes_are_flagged_and_good_ones_are_not() {
    let labels = labels(3000, 3);
    let of = |shift: f64| numbers(shifted(&labels, shift, SEED).into_iter().map(Some));
    // AUC 0.76, 0.82, 0.86; then 0.92 and 0.98.
    for honest in [1.0, 1.3, 1.5] {
        assert_eq!(find(of(honest), &labels), None, "{honest}");
    }
    assert_eq!(severity(of(2.0), &labels), Some(Flagged));
    assert_eq!(severity(of(3.0), &labels), Some(Refused));
}

#[test]
fn a_name_needs_evidence_and_adds_weight_to_it() {
    let labels = labels(3000, 3);
    let of = |shift: f64| numbers(shifted(&labels, shift, SEED).into_iter().map(Some));
    assert_eq!(find_named("churn score", of(0.0), &labels), None);
    let leak = find_named("lead score", of(0.5), &labels).unwrap();
    assert!(leak.reason.starts_with("its name refers to what comes later (\"score\")"), "{leak:?}");
    assert_eq!(leak.severity, Flagged);
    let leak = find_named("lead score", of(2.0), &labels).unwrap();
    assert!(leak.reason.ends_with("its name refers to what comes later, too (\"score\")"), "{leak:?}");
    assert_eq!(leak.severity, Refused);
    let left = || {
        ColumnData::Flags(labels.iter().enumerate().map(|(row, ideal)| Some(*ideal < 0.5 && row % 2 == 0)).collect())
    };
    assert_eq!(find_named("churned", left(), &labels).map(|leak| leak.severity), Some(Refused));
    assert_eq!(find_named("phone", left(), &labels).map(|leak| leak.severity), Some(Flagged));
    assert_eq!(find_named("credit score", of(0.5), &labels), None);
    assert_eq!(find_named("employees", of(0.5), &labels), None);
}

#[test]
fn few_customers_prove_nothing() {
    for ideal in 5..=20 {
        let labels: Vec<f64> = (0..40).map(|row| f64::from(u8::from(row < ideal))).collect();
        let perfect = numbers((0..40).map(|row| Some(f64::from(row))));
        assert_ne!(severity(perfect, &labels), Some(Refused), "{ideal}");
        let only = numbers((0..40).map(|row| (row < ideal).then_some(f64::from(row % 3))));
        assert_ne!(severity(only, &labels), Some(Refused), "{ideal}");
    }
}

#[test]
fn rare_labels_and_rare_texts_do_not_look_like_leaks() {
    let labels = labels(20_000, 100);
    let good = numbers(shifted(&labels, 1.2, SEED).into_iter().map(Some));
    assert_eq!(find(good, &labels), None);
    // One in a hundred is ideal, so most small levels have no ideal customer.
    let towns: Vec<String> = (0..20_000).map(|row| format!("town {}", row * 7919 % 1301)).collect();
    assert_eq!(find(texts(towns.iter().map(|town| Some(town.as_str()))), &labels), None);
    let seldom = texts((0..20_000).map(|row| (row % 97 == 3).then_some("yes")));
    assert_eq!(find(seldom, &labels), None);
}

#[test]
fn columns_without_values_or_with_one_label_are_no_leak() {
    assert_eq!(find(numbers([Some(1.0), None]), &[1.0, 1.0]), None);
    assert_eq!(find(numbers([]), &[]), None);
    assert_eq!(find(numbers([None, None]), &[1.0, 0.0]), None);
    // Rows that are not in the column are missing.
    let detector = LeakDetector::new(&[7, 9], &[1.0, 0.0]);
    let columns = [
        numbers([]),
        texts([]),
        ColumnData::Flags(vec![].into()),
        ColumnData::Dates(vec![].into()),
        ColumnData::Lists { dictionary: vec![], rows: NullableLists::default() },
    ];
    for data in columns {
        assert_eq!(detector.find(&Column { name: "x".into(), data }), None);
    }
}

proptest! {
    #[test]
    fn counts_are_repeated_rows(
        rows in prop::collection::vec((prop::option::of(0..4_u8), any::<bool>(), 1..9_u64), 1..60),
        kind in 0..3_u8,
    ) {
        let column = |rows: &[(Option<u8>, bool, u64)]| {
            let values = rows.iter().map(|row| row.0);
            match kind {
                0 => numbers(values.map(|value| value.map(f64::from))),
                1 => texts(values.map(|value| value.map(|value| ["a", "b", "c", "d"][usize::from(value)]))),
                _ => ColumnData::Flags(values.map(|value| value.map(|value| value > 1)).collect()),
            }
        };
        let status = |row: &(Option<u8>, bool, u64)| Some(if row.1 { OutcomeStatus::Won } else { OutcomeStatus::Lost });
        let labels = |rows: &[(Option<u8>, bool, u64)]| {
            rows.iter().map(|row| f64::from(u8::from(row.1))).collect::<Vec<f64>>()
        };
        let repeated: Vec<_> = rows.iter().flat_map(|row| std::iter::repeat_n(*row, row.2 as usize)).collect();
        let indices: Vec<usize> = (0..repeated.len()).collect();
        let named = |data| Column { name: "score".into(), data };
        let expected = LeakDetector::new(&indices, &labels(&repeated))
            .with_statuses(repeated.iter().map(status).collect())
            .find(&named(column(&repeated)));
        let found = LeakDetector::with_counts(&indices[..rows.len()], &labels(&rows), rows.iter().map(|row| row.2))
            .with_statuses(rows.iter().map(status).collect())
            .find(&named(column(&rows)));
        prop_assert_eq!(found, expected);
    }
}

/// A column of any kind that is independent of the labels.
fn noise(kind: u8, rows: usize, filled: f64, distinct: u32, seed: u64) -> ColumnData {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut present = |some: &mut dyn FnMut(&mut ChaCha8Rng)| {
        let is = random.random_bool(filled);
        if is {
            some(&mut random);
        }
    };
    let mut cells: Vec<Option<u32>> = Vec::new();
    for _ in 0..rows {
        let mut cell = None;
        // A skewed distribution, as is typical of levels and amounts.
        present(&mut |random| cell = Some((f64::from(distinct) * random.random::<f64>().powi(3)) as u32));
        cells.push(cell);
    }
    let dictionary = (0..distinct).map(|code| format!("level {code}")).collect();
    match kind {
        0 => numbers(cells.into_iter().map(|cell| cell.map(f64::from))),
        1 => ColumnData::Categories { dictionary, codes: cells.into() },
        2 => ColumnData::Flags(cells.into_iter().map(|cell| cell.map(|code| code % 2 == 0)).collect()),
        3 => ColumnData::Dates(
            cells.into_iter().map(|cell| cell.map(|days| Date { days: days.cast_signed() })).collect(),
        ),
        _ => ColumnData::Lists {
            dictionary,
            rows: cells.into_iter().map(|cell| cell.map(|code| vec![code, code / 2])).collect(),
        },
    }
}

proptest! {
    #[test]
    fn noise_is_never_refused(
        kind in 0..5_u8,
        rows in 10..1500_usize,
        share in 0.01..0.99_f64,
        filled in 0.02..=1.0_f64,
        distinct in 1..400_u32,
        seed in any::<u64>(),
        name in prop::sample::select(vec!["x", "churn reason", "lead score"]),
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 1);
        let labels: Vec<f64> = (0..rows).map(|_| f64::from(u8::from(random.random_bool(share)))).collect();
        let leak = find_named(name, noise(kind, rows, filled, distinct, seed), &labels);
        prop_assert_ne!(leak.as_ref().map(|leak| leak.severity), Some(Refused), "{:?}", leak);
    }

    #[test]
    fn swapped_labels_and_scaled_numbers_change_nothing(
        shift in 0.0..4.0_f64,
        nth in 2..6_usize,
        seed in any::<u64>(),
    ) {
        let labels = labels(400, nth);
        let turned: Vec<f64> = labels.iter().map(|label| 1.0 - label).collect();
        let values = shifted(&labels, shift, seed);
        let grown = numbers(values.iter().map(|value| Some(value.exp())));
        let plain = || numbers(values.iter().copied().map(Some));
        prop_assert_eq!(severity(plain(), &labels), severity(plain(), &turned));
        prop_assert_eq!(severity(plain(), &labels), severity(grown, &labels));
    }
}

use proptest::prelude::*;
use sweetspot_core::Date;

use super::*;
use crate::encoder::ValueStatus;

fn numbers(values: &[Option<f64>]) -> Column {
    Column { name: "n".into(), data: ColumnData::Numbers(values.iter().copied().collect()) }
}

fn texts(values: &[&str]) -> Column {
    let mut dictionary: Vec<String> = Vec::new();
    let codes = values
        .iter()
        .map(|text| {
            let code = dictionary.iter().position(|known| known == text).unwrap_or_else(|| {
                dictionary.push((*text).to_owned());
                dictionary.len() - 1
            });
            Some(code as u32)
        })
        .collect();
    Column { name: "t".into(), data: ColumnData::Categories { dictionary, codes } }
}

fn fit(column: &Column) -> Result<FeatureEncoder, OmissionReason> {
    let rows: Vec<usize> = (0..column.data.len()).collect();
    fit_feature(column, WeightedRows { rows: &rows, weights: None }, Resolution::FINE)
        .map(|learned| learned.feature.encoder)
}

#[test]
fn uninformative_columns_are_omitted() {
    assert_eq!(fit(&numbers(&[None; 30])), Err(OmissionReason::Empty));
    assert_eq!(fit(&numbers(&[Some(3.0); 30])), Err(OmissionReason::Constant));
    assert_eq!(fit(&texts(&["same"; 30])), Err(OmissionReason::Constant));
    let ids: Vec<String> = (0..30).map(|i| format!("id-{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(fit(&texts(&ids)), Err(OmissionReason::Identifier));
    assert_eq!(fit(&texts(&["a", "a", "b", "b", "c", "c"])), Err(OmissionReason::TooRare));
    let flags = |values: Vec<Option<bool>>| Column { name: "f".into(), data: ColumnData::Flags(values.into()) };
    assert_eq!(fit(&flags(vec![None; 3])), Err(OmissionReason::Empty));
    assert_eq!(fit(&flags(vec![Some(true); 3])), Err(OmissionReason::Constant));
    assert_eq!(fit(&flags(vec![Some(true), None])), Ok(FeatureEncoder::Flag));
}

#[test]
fn few_values_get_a_bin_each_and_recurring_ones_always_do() {
    let bands: Vec<_> = (0..200).map(|i| Some(f64::from(i % 5))).collect();
    let Ok(FeatureEncoder::Number(bins)) = fit(&numbers(&bands)) else { panic!("bins") };
    assert_eq!(bins.edges, [1.0, 2.0, 3.0, 4.0]);
    let mut amounts: Vec<_> = (0..5000).map(|i| Some(f64::from(i) + 0.25)).collect();
    amounts.extend([Some(1000.0); 100]);
    let Ok(FeatureEncoder::Number(bins)) = fit(&numbers(&amounts)) else { panic!("bins") };
    let bin = bins.encode(1000.0).0;
    assert_ne!(bins.encode(999.25).0, bin);
    assert_ne!(bins.encode(1000.25).0, bin);
    assert!(bins.len() > 100 && bins.len() <= Resolution::FINE.max_bins + 3, "{}", bins.len());
}

#[test]
fn spellings_are_pooled_and_rare_levels_dropped() {
    let mut values = vec!["Fintech"; 6];
    values.extend(["FINTECH "; 4]);
    values.extend(["Mining"; 5]);
    values.extend(["Rare"; 4]);
    let Ok(FeatureEncoder::Category(levels)) = fit(&texts(&values)) else { panic!("levels") };
    assert_eq!(levels.entries().collect::<Vec<_>>(), [("fintech", "Fintech"), ("mining", "Mining")]);
}

/// Numbers, some of which recur and some of which are missing.
fn values_with_repeats() -> impl Strategy<Value = Vec<Option<f64>>> {
    let number = prop_oneof![
        3 => (0..15_u8).prop_map(|number| Some(f64::from(number))),
        2 => (-500.0..500.0_f64).prop_map(Some),
        1 => Just(None),
    ];
    prop::collection::vec(number, 2..400)
}

fn fit_number_bins(column: &Column) -> Result<(Bins, Vec<usize>), OmissionReason> {
    let rows: Vec<usize> = (0..column.data.len()).collect();
    fit_feature(column, WeightedRows { rows: &rows, weights: None }, Resolution::FINE).map(|learned| {
        match learned.feature.encoder {
            FeatureEncoder::Number(bins) | FeatureEncoder::Date(bins) => (bins, learned.recurring_bins),
            other @ (FeatureEncoder::Category(_) | FeatureEncoder::Flag | FeatureEncoder::List(_)) => {
                panic!("{other:?}")
            }
        }
    })
}

proptest! {
    #[test]
    fn every_value_has_a_bin_and_recurring_ones_have_it_alone(values in values_with_repeats()) {
        let Ok((bins, recurring)) = fit_number_bins(&numbers(&values)) else { return Ok(()) };
        let mut inside = vec![Vec::new(); bins.len()];
        for value in values.into_iter().flatten() {
            let (bin, reading) = bins.encode(value);
            prop_assert_eq!(reading, ValueStatus::Used);
            inside[bin].push(value);
        }
        prop_assert!(recurring.is_sorted_by(|a, b| a < b));
        for (bin, values) in inside.iter().enumerate() {
            prop_assert!(!values.is_empty(), "{bin} of {bins:?}");
            let one_value = values.iter().all(|value| *value == values[0]);
            let times = |value: &f64| values.iter().filter(|other| *other == value).count();
            let recurs = values.iter().any(|value| times(value) as f64 >= MIN_RECURRING_CUSTOMERS);
            prop_assert!(!recurs || one_value, "{bin}: {values:?}");
            prop_assert_eq!(recurring.contains(&bin), one_value && values.len() as f64 >= MIN_RECURRING_CUSTOMERS, "{}: {:?}", bin, values);
        }
    }
}

#[test]
fn a_number_has_up_to_1024_bins_of_like_size_and_no_more() {
    let distinct = |count: u32| (0..count).map(|i| Some(f64::from(i * 7919 % count))).collect::<Vec<_>>();
    for (count, expected) in [(30, 6), (90, 18), (400, 20), (30_011, 1024)] {
        let (bins, recurring) = fit_number_bins(&numbers(&distinct(count))).unwrap();
        assert_eq!((bins.len(), recurring), (expected, vec![]), "{count}");
        let mut inside = vec![0; bins.len()];
        (0..count).for_each(|value| inside[bins.encode(f64::from(value)).0] += 1);
        let (least, most) = (inside.iter().min().unwrap(), inside.iter().max().unwrap());
        assert!(*least >= count as usize / expected - 1 && *most <= count as usize / expected + 1, "{least} {most}");
    }
}

/// The more customers there are, the more must share a value for it to have a bin of its own.
#[test]
fn a_value_recurs_in_a_share_of_the_customers() {
    let mut values: Vec<_> = (0..90_000).map(|i| Some(f64::from(i) + 0.5)).collect();
    values.extend([Some(100.0); 8]);
    values.extend([Some(40_000.0); 9]);
    let (bins, recurring) = fit_number_bins(&numbers(&values)).unwrap();
    assert_eq!(recurring, [bins.encode(40_000.0).0]);
    assert!(bins.len() <= Resolution::FINE.max_bins + 2, "{}", bins.len());
}

#[test]
fn days_do_not_recur() {
    let days = (0..300).map(|i| Some(Date { days: i % 3 })).collect();
    let (bins, recurring) = fit_number_bins(&Column { name: "d".into(), data: ColumnData::Dates(days) }).unwrap();
    assert_eq!((bins.edges, recurring), (vec![1.0, 2.0], vec![]));
}

/// A value of one account with many rows does not get a bin or a level of its own.
#[test]
fn weights_are_counted_instead_of_rows() {
    let values: Vec<Option<f64>> =
        (0..400).map(|row| Some(if row < 12 { 77.0 } else { f64::from(row) + 0.5 })).collect();
    let rows: Vec<usize> = (0..400).collect();
    let learn = |weight: f64| {
        let weights: Vec<f64> = (0..400).map(|row| if row < 12 { weight } else { 1.0 }).collect();
        let counted = WeightedRows { rows: &rows, weights: Some(&weights) };
        let texts: Vec<String> =
            (0..400).map(|row| if row < 12 { "one".into() } else { format!("many {}", row % 3) }).collect();
        let texts = self::texts(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let number = fit_feature(&numbers(&values), counted, Resolution::FINE).unwrap();
        let text = fit_feature(&texts, counted, Resolution::FINE).unwrap();
        (number.recurring_bins.len(), text.feature.slot_count(), number.feature.slot_count())
    };
    let plain = fit_feature(&numbers(&values), WeightedRows { rows: &rows, weights: None }, Resolution::FINE).unwrap();
    assert_eq!(learn(1.0), (plain.recurring_bins.len(), 6, plain.feature.slot_count()));
    assert_eq!((plain.recurring_bins.len(), learn(0.25).0, learn(0.25).1), (1, 0, 5));
}

#[test]
fn a_coarse_encoder_has_no_slot_for_a_few() {
    let values: Vec<Option<f64>> = (0..5000).map(|row| Some(if row < 300 { 77.0 } else { f64::from(row) })).collect();
    let rows: Vec<usize> = (0..5000).collect();
    let counted = WeightedRows { rows: &rows, weights: None };
    let coarse = fit_feature(&numbers(&values), counted, Resolution::coarse(5000)).unwrap();
    assert_eq!((coarse.recurring_bins.len(), coarse.feature.slot_count()), (0, 13));
    let levels: Vec<String> =
        (0..5000).map(|row| format!("{}", row % 40 * i32::from(row % 40 < 9 || row < 500))).collect();
    let coarse =
        fit_feature(&texts(&levels.iter().map(String::as_str).collect::<Vec<_>>()), counted, Resolution::coarse(5000));
    assert_eq!(coarse.unwrap().feature.slot_count(), 9 + 2);
}

#[test]
fn lower_ends_of_ranges_are_the_only_edges() {
    let values: Vec<Option<f64>> = (0..600).map(|row| Some([0.0, 13.0, 87.0, 1_000.0][row % 4])).collect();
    let rows: Vec<usize> = (0..values.len()).collect();
    let counted = WeightedRows { rows: &rows, weights: None };
    let learn = |resolution| {
        let learned = fit_feature(&numbers(&values), counted, resolution).unwrap();
        let FeatureEncoder::Number(bins) = learned.feature.encoder else { panic!("bins") };
        (bins.edges, learned.recurring_bins.len())
    };
    assert_eq!(learn(Resolution::FINE), (vec![10.0, 50.0, 1_000.0], 4), "the roundest edges");
    assert_eq!(learn(Resolution::BINNED), (vec![13.0, 87.0, 1_000.0], 0), "80 is in the range from 13 on");
}

proptest! {
    #[test]
    fn weights_above_one_are_repeated_rows(rows in prop::collection::vec((0..40_u8, 1..9_u32), 1..200)) {
        let number = |value: &u8| Some(f64::from(*value) * 1.5);
        let repeated: Vec<u8> =
            rows.iter().flat_map(|(value, count)| std::iter::repeat_n(*value, *count as usize)).collect();
        let spelled = |values: &[u8]| values.iter().map(|value| format!("{} {}", if value % 3 == 0 { "A" } else { "a" }, value % 7)).collect::<Vec<_>>();
        let distinct: Vec<u8> = rows.iter().map(|row| row.0).collect();
        let (some, all): (Vec<usize>, Vec<usize>) = ((0..rows.len()).collect(), (0..repeated.len()).collect());
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let weighted = WeightedRows { rows: &some, weights: Some(&weights) };
        let single = WeightedRows { rows: &all, weights: None };
        for resolution in [Resolution::FINE, Resolution::BINNED] {
            let numbers = |values: &[u8]| numbers(&values.iter().map(number).collect::<Vec<_>>());
            prop_assert_eq!(
                fit_feature(&numbers(&distinct), weighted, resolution),
                fit_feature(&numbers(&repeated), single, resolution)
            );
            let texts = |values: &[u8]| texts(&spelled(values).iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(
                fit_feature(&texts(&distinct), weighted, resolution),
                fit_feature(&texts(&repeated), single, resolution)
            );
        }
    }
}

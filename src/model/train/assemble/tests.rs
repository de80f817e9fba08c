use linfa::traits::PredictInplace as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::domain::{AccountTable, Column, ColumnData, Date, LabelPolicy, LabelPreset, Outcome, Status};
use crate::model::Unattended;
use crate::model::train::{fit, out_of_fold};

/// Customers with an attribute of every kind; every seventh has no outcome. Flags are never missing.
fn customers(rows: u32) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (mut numbers, mut codes, mut flags, mut lists, mut days, mut outcomes) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for row in 0..rows {
        let (number, code) = (rng.random_range(0..60), rng.random_range(0..3_u32));
        let won = rng.random_bool(if (number > 30) == (code > 0) { 0.75 } else { 0.3 });
        let known = |value: u32| !value.is_multiple_of(9);
        numbers.push(known(number).then_some(f64::from(number)));
        codes.push(known(row).then_some(code));
        flags.push(Some(rng.random_bool(0.5)));
        lists.push(known(row + number).then(|| (0..2).filter(|_| rng.random_bool(0.4)).collect()));
        days.push(Some(Date { days: rng.random_range(0..4000) }));
        let status = (row % 7 > 0).then_some(if won { Status::Won } else { Status::Lost });
        outcomes.push(Outcome { status, ..Outcome::default() });
    }
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let columns = [
        ("number", ColumnData::Numbers(numbers)),
        ("category", ColumnData::Categories { dictionary: texts(&["a", "b", "c"]), codes }),
        ("flag", ColumnData::Flags(flags)),
        ("list", ColumnData::Lists { dictionary: texts(&["x", "y"]), rows: lists }),
        ("date", ColumnData::Dates(days)),
    ];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let ids = (0..rows).map(|row| row.to_string()).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes, None).unwrap()
}

fn parts(customers: &Customers) -> (Sample, Fitted, Tested) {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    let sample = Sample::new(&spec, customers, label_policy.label(customers).unwrap()).unwrap();
    let fitted = fit(&sample, &sample.weights, None, &Unattended).unwrap();
    let tested = out_of_fold::evaluate(&sample, &fitted, 1, &Unattended).unwrap();
    (sample, fitted, tested)
}

#[test]
fn the_average_customer_has_the_average_score() {
    let customers = customers(400);
    let (sample, fitted, tested) = parts(&customers);
    let (base, terms) = terms(&sample, &fitted, &tested);
    let mut predicted = fitted.default_target(&sample.design);
    fitted.predict_inplace(&sample.design, &mut predicted);
    let rows = sample.rows.len() as f64;
    let mean = predicted.iter().map(|eta| tested.calibration.apply(*eta)).sum::<f64>() / rows;
    let of_term = |term: &stored::Term| -> f64 {
        term.slots.iter().map(|slot| slot.log_odds * slot.customers as f64).sum::<f64>() / rows
    };
    let contributions: f64 = terms.iter().map(of_term).sum();
    assert!((base + contributions - mean).abs() < 1e-8, "{base} {contributions} {mean}");
    for term in terms.iter().filter(|term| term.attribute != "list") {
        assert!(of_term(term).abs() < 1e-9, "{}: {}", term.attribute, of_term(term));
    }
}

#[test]
fn slots_count_the_customers_that_fill_them_and_empty_ones_say_nothing() {
    let customers = customers(400);
    let (sample, fitted, tested) = parts(&customers);
    let (_, terms) = terms(&sample, &fitted, &tested);
    for (term, codes) in terms.iter().zip(&sample.design.terms) {
        let count = |ideal: f64, slot: usize| {
            let fills = |row: &usize| codes.codes.row(*row).contains(&(slot as u32)) && sample.labels[*row] >= ideal;
            (0..sample.rows.len()).filter(fills).count() as u64
        };
        for (index, slot) in term.slots.iter().enumerate() {
            assert_eq!((slot.customers, slot.ideal), (count(0.0, index), count(1.0, index)), "{}", term.attribute);
            assert!(slot.customers > 0 || slot.log_odds.to_bits() == 0, "{} {index}", term.attribute);
        }
        if term.attribute != "list" {
            let all: u64 = term.slots.iter().map(|slot| slot.customers).sum();
            let ideal: u64 = term.slots.iter().map(|slot| slot.ideal).sum();
            assert_eq!((all, ideal), (sample.rows.len() as u64, sample.card.ideal), "{}", term.attribute);
        }
        assert_eq!(term.missing_share, count(0.0, term.slots.len() - 1) as f64 / sample.rows.len() as f64);
    }
    let flag = terms.iter().find(|term| term.attribute == "flag").unwrap();
    assert_eq!(flag.slots[2], stored::Slot::default(), "no customer lacks the flag");
}

#[test]
fn customers_without_a_label_take_no_part() {
    let customers = customers(400);
    let (sample, ..) = parts(&customers);
    assert_eq!(sample.rows.len() as u64, sample.card.ideal + sample.card.not_ideal);
    assert!(sample.rows.iter().all(|row| row % 7 > 0));
    let lengths =
        [sample.labels.len(), sample.weights.len(), sample.values.len(), sample.groups.len(), sample.design.rows];
    assert_eq!(lengths, [sample.rows.len(); 5]);
    assert_eq!(sample.labels.iter().sum::<f64>(), sample.card.ideal as f64);
}

#[test]
fn few_customers_raise_a_warning_and_enough_do_not() {
    let warned = |rows| parts(&customers(rows)).0.warnings;
    assert_eq!(warned(400), Vec::<String>::new());
    let few = warned(70);
    assert!(few.len() == 1 && few[0].starts_with("only ") && few[0].contains("train again"), "{few:?}");
}

#[test]
fn rounding_to_the_grain_moves_a_number_by_half_a_grain_at_most() {
    for number in [0.0, -0.0, 1e-11, -1e-11, 0.1, -3.7, 999.999, GRAIN, 1.5 * GRAIN] {
        let rounded = to_grain(number);
        assert!((rounded - number).abs() <= GRAIN / 2.0, "{number}");
        assert_eq!((rounded / GRAIN).fract(), 0.0, "{number}");
        assert_eq!(to_grain(rounded).to_bits(), rounded.to_bits(), "{number}");
    }
    assert_eq!(to_grain(-1e-11).to_bits(), 0, "there is one zero");
}

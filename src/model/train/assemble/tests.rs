use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::domain::{AccountTable, Column, ColumnData, Date, LabelPolicy, LabelPreset, Outcome, Status};
use crate::model::Unattended;
use crate::model::train::made_up::{category, sample};
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
        ("number", ColumnData::Numbers(numbers.into())),
        ("category", ColumnData::Categories { dictionary: texts(&["a", "b", "c"]), codes: codes.into() }),
        ("flag", ColumnData::Flags(flags.into())),
        ("list", ColumnData::Lists { dictionary: texts(&["x", "y"]), rows: lists.into() }),
        ("date", ColumnData::Dates(days.into())),
    ];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let ids = (0..rows).map(|row| row.to_string()).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap()
}

fn spec() -> TrainingSpec {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    TrainingSpec { label_policy, ..TrainingSpec::default() }
}

fn parts(customers: &Customers) -> (Sample, FittedModel, Tested) {
    let spec = spec();
    let sample = Sample::new(&spec, customers, spec.label_policy.label(customers).unwrap()).unwrap();
    let model = fit(&sample, &sample.weights, None, &Unattended).unwrap();
    let tested = out_of_fold::evaluate(&sample, &model, 1, &Unattended).unwrap();
    (sample, model, tested)
}

fn kept(customers: &Customers, (sample, model, tested): &(Sample, FittedModel, Tested)) -> stored::ModelArtifact {
    artifact(&spec(), customers, Digest::of(b""), sample, model, tested).unwrap().0
}

/// Attribute or pair, and its slots, in the order of the design.
fn slots(kept: &stored::ModelArtifact) -> Vec<(String, &[stored::Slot])> {
    let terms = kept.terms.iter().map(|term| (term.attribute.clone(), term.slots.as_slice()));
    let pairs = kept.pairs.iter().map(|pair| (format!("{} * {}", pair.first, pair.second), pair.cells.as_slice()));
    terms.chain(pairs).collect()
}

#[test]
fn the_average_customer_has_the_average_score() {
    let customers = customers(400);
    let parts = parts(&customers);
    let kept = kept(&customers, &parts);
    let (sample, model, tested) = &parts;
    assert_eq!(kept.pairs.len(), 1, "number and category do their work together");
    let rows = sample.rows.len() as f64;
    let mean = model.predict(sample).iter().map(|eta| tested.calibration.apply(*eta)).sum::<f64>() / rows;
    let of = |slots: &[stored::Slot]| -> f64 {
        slots.iter().map(|slot| slot.log_odds * slot.customers as f64).sum::<f64>() / rows
    };
    let contributions: f64 = slots(&kept).into_iter().map(|(_, slots)| of(slots)).sum();
    assert!((kept.base_log_odds + contributions - mean).abs() < 1e-8, "{contributions} {mean}");
    for (name, slots) in slots(&kept).into_iter().filter(|(name, _)| name != "list") {
        assert!(of(slots).abs() < 1e-9, "{name}: {}", of(slots));
    }
}

/// Factors are kept as found, and never drawn together.
#[test]
fn every_customer_keeps_the_factors_that_the_fit_found() {
    let customers = customers(400);
    let parts = parts(&customers);
    let kept = kept(&customers, &parts);
    let (sample, model, tested) = &parts;
    let found = model.fitted.uncertainty(&model.design, RANK).unwrap();
    let (offsets, slots, slope) = (model.design.offsets(), slots(&kept), tested.calibration.slope.max(1.0));
    for (row, factor) in (0..sample.rows.len()).flat_map(|row| (0..RANK).map(move |factor| (row, factor))) {
        let (mut told, mut expected) = (f64::from(kept.base_factors[factor]), found.factors[factor]);
        for ((term, offset), (_, slots)) in model.design.terms.iter().zip(&offsets).skip(1).zip(&slots) {
            for slot in term.codes.row(row).iter().map(|slot| usize::from(*slot)) {
                told += f64::from(slots[slot].factors[factor]);
                expected += found.factors[(offset + slot) * RANK + factor];
            }
        }
        assert!((told - slope * expected).abs() < 1e-5, "{row}: {told} {expected}");
    }
}

#[test]
fn slots_count_the_customers_that_fill_them_and_empty_ones_say_nothing() {
    let customers = customers(400);
    let parts = parts(&customers);
    let kept = kept(&customers, &parts);
    let (sample, model, _) = &parts;
    for ((name, slots), codes) in slots(&kept).into_iter().zip(model.design.terms.iter().skip(1)) {
        let count = |ideal: f64, slot: usize| {
            let fills = |row: &usize| codes.codes.row(*row).contains(&(slot as u16)) && sample.labels[*row] >= ideal;
            (0..sample.rows.len()).filter(fills).count() as u64
        };
        assert_eq!(slots.len(), codes.slots, "{name}");
        for (index, slot) in slots.iter().enumerate() {
            assert_eq!((slot.customers, slot.ideal), (count(0.0, index), count(1.0, index)), "{name}");
            assert!(slot.customers > 0 || slot.log_odds.to_bits() == 0, "{name} {index}");
            assert!(slot.variance >= 0.0 && slot.factors.len() == RANK, "{name} {index}");
        }
        if name != "list" {
            let all: u64 = slots.iter().map(|slot| slot.customers).sum();
            let ideal: u64 = slots.iter().map(|slot| slot.ideal).sum();
            assert_eq!((all, ideal), (sample.rows.len() as u64, sample.card.ideal), "{name}");
        }
        if let Some(term) = kept.terms.iter().find(|term| term.attribute == name) {
            assert_eq!(term.missing_share, count(0.0, slots.len() - 1) as f64 / sample.rows.len() as f64);
        }
    }
    let flag = kept.terms.iter().find(|term| term.attribute == "flag").unwrap();
    assert_eq!(flag.slots[2].customers, 0, "no customer lacks the flag");
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

/// Forty customers with ten levels that nobody else has: what these share is better known than what each of them does.
#[test]
fn rare_levels_are_less_sure_than_what_they_share() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let codes = |row: u32| if row < 40 { 3 + row / 4 } else { row % 3 };
    let won: Vec<bool> = (0..400).map(|row| rng.random_bool(if codes(row) == 0 { 0.8 } else { 0.3 })).collect();
    let sample = sample(vec![category(&(0..400).map(codes).collect::<Vec<_>>())], &won);
    let model = fit(&sample, &sample.weights, None, &Unattended).unwrap();
    let uncertainty = model.fitted.uncertainty(&model.design, RANK).unwrap();
    let mut parts = Parts::new(&sample, &model, &uncertainty, |raw| raw, 1.0);
    let shared = f64::from(parts.slots(1)[3].variance);
    let term = term(&mut parts, &sample, &model, 1, &sample.features[0]);
    assert_eq!(term.slots[3].customers, 40);
    assert!((f64::from(term.slots[3].variance) - shared - 1.0 / term.strength).abs() < 1e-6, "{term:?}");
    assert!(term.slots.iter().take(3).all(|level| level.variance < term.slots[3].variance), "{term:?}");
}

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{
    Account, AccountTable, Column, ColumnData, Condition, Date, Fit, Hypothesis, LabelPolicy, LabelPreset, Outcome,
    OutcomeStatus, Test, Value,
};

use super::unknown_value_effect::SlotMixture;
use super::*;
use crate::NoProgress;
use crate::train::calibrate::Calibration;
use crate::train::fixtures::{category, sample};
use crate::train::{fit, out_of_fold};

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
        let status = (row % 7 > 0).then_some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost });
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

fn fit_and_evaluate(customers: &Customers) -> (Sample, FittedModel, OutOfFoldEvaluation) {
    let spec = spec();
    let sample = Sample::new(&spec, customers, spec.label_policy.label(customers).unwrap()).unwrap();
    let model = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    let tested = out_of_fold::evaluate_folds(&sample, &model, 1, &NoProgress).unwrap();
    (sample, model, tested)
}

fn assembled(
    customers: &Customers,
    (sample, model, tested): &(Sample, FittedModel, OutOfFoldEvaluation),
) -> stored::ModelArtifact {
    assemble_artifact(&spec(), customers, Digest::new(b""), sample, model, tested).unwrap().0
}

/// Each attribute or interaction with its slots, in the order of the design.
fn slots_by_attribute(kept: &stored::ModelArtifact) -> Vec<(String, &[stored::Slot])> {
    let terms = kept.terms.iter().map(|term| (term.attribute.clone(), term.slots.as_slice()));
    let pairs = kept.pairs.iter().map(|pair| (format!("{} * {}", pair.first, pair.second), pair.cells.as_slice()));
    terms.chain(pairs).collect()
}

#[test]
fn the_average_customer_has_the_average_score() {
    let customers = customers(400);
    let parts = fit_and_evaluate(&customers);
    let kept = assembled(&customers, &parts);
    let (sample, model, tested) = &parts;
    assert_eq!(kept.pairs.len(), 1, "number and category interact");
    let rows = sample.rows.len() as f64;
    let mean = model.predict(sample).iter().map(|eta| tested.calibration.apply(*eta)).sum::<f64>() / rows;
    let of = |slots: &[stored::Slot]| -> f64 {
        slots.iter().map(|slot| slot.log_odds * slot.customers as f64).sum::<f64>() / rows
    };
    let contributions: f64 = slots_by_attribute(&kept).into_iter().map(|(_, slots)| of(slots)).sum();
    assert!((kept.base_log_odds + contributions - mean).abs() < 1e-8, "{contributions} {mean}");
    for (name, slots) in slots_by_attribute(&kept).into_iter().filter(|(name, _)| name != "list") {
        assert!(of(slots).abs() < 1e-9, "{name}: {}", of(slots));
    }
}

/// Factors are stored as found, and never shrunk.
#[test]
fn every_customer_keeps_the_factors_that_the_fit_found() {
    let customers = customers(400);
    let parts = fit_and_evaluate(&customers);
    let kept = assembled(&customers, &parts);
    let (sample, model, tested) = &parts;
    let found = model.solution.uncertainty(&model.design, &model.row_counts, FACTOR_COUNT).unwrap();
    let (offsets, slots, slope) =
        (model.design.offsets(), slots_by_attribute(&kept), tested.calibration.slope.max(1.0));
    for (row, factor) in (0..sample.rows.len()).flat_map(|row| (0..FACTOR_COUNT).map(move |factor| (row, factor))) {
        let (mut told, mut expected) = (f64::from(kept.base_factors[factor]), found.factors[factor]);
        for ((term, offset), (_, slots)) in model.design.terms.iter().zip(&offsets).skip(1).zip(&slots) {
            for slot in term.codes.row(row).iter().map(|slot| usize::from(*slot)) {
                told += f64::from(slots[slot].factors[factor]);
                expected += found.factors[(offset + slot) * FACTOR_COUNT + factor];
            }
        }
        assert!((told - slope * expected).abs() < 1e-5, "{row}: {told} {expected}");
    }
}

#[test]
fn slots_count_their_customers_and_empty_slots_have_no_effect() {
    let customers = customers(400);
    let parts = fit_and_evaluate(&customers);
    let kept = assembled(&customers, &parts);
    let (sample, model, _) = &parts;
    for ((name, slots), codes) in slots_by_attribute(&kept).into_iter().zip(model.design.terms.iter().skip(1)) {
        let count = |ideal: f64, slot: usize| {
            let fills = |row: &usize| codes.codes.row(*row).contains(&(slot as u16)) && sample.labels[*row] >= ideal;
            (0..sample.rows.len()).filter(fills).count() as u64
        };
        assert_eq!(slots.len(), codes.slots, "{name}");
        for (index, slot) in slots.iter().enumerate() {
            assert_eq!((slot.customers, slot.ideal), (count(0.0, index), count(1.0, index)), "{name}");
            assert!(slot.customers > 0 || slot.log_odds.to_bits() == 0, "{name} {index}");
            assert!(slot.variance >= 0.0 && slot.factors.len() == FACTOR_COUNT, "{name} {index}");
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
    assert_eq!(flag.slots[2].customers, 0, "the flag is never missing");
}

#[test]
fn customers_without_a_label_do_not_affect_the_model() {
    let customers = customers(400);
    let (sample, ..) = fit_and_evaluate(&customers);
    assert_eq!(sample.rows.len() as u64, sample.card.ideal + sample.card.not_ideal);
    assert!(sample.rows.iter().all(|row| row % 7 > 0));
    let lengths =
        [sample.labels.len(), sample.weights.len(), sample.values.len(), sample.groups.len(), sample.design.rows];
    assert_eq!(lengths, [sample.rows.len(); 5]);
    assert_eq!(sample.labels.iter().sum::<f64>(), sample.card.ideal as f64);
}

#[test]
fn few_customers_raise_a_warning_and_enough_do_not() {
    let warned = |rows| fit_and_evaluate(&customers(rows)).0.warnings;
    assert_eq!(warned(400), Vec::<String>::new());
    let few = warned(70);
    assert!(few.len() == 1 && few[0].starts_with("only ") && few[0].contains("train again"), "{few:?}");
}

/// Forty customers with ten unique levels: their common effect is more certain than the effect of each.
#[test]
fn a_rare_level_is_less_certain_than_the_pooled_effect() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let codes = |row: u32| if row < 40 { 3 + row / 4 } else { row % 3 };
    let won: Vec<bool> = (0..400).map(|row| rng.random_bool(if codes(row) == 0 { 0.8 } else { 0.3 })).collect();
    let sample = sample(vec![category(&(0..400).map(codes).collect::<Vec<_>>())], &won);
    let model = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    let uncertainty = model.solution.uncertainty(&model.design, &model.row_counts, FACTOR_COUNT).unwrap();
    let mut parts = SlotBuilder::new(&sample, &model, &model.design, &uncertainty, Calibration::IDENTITY);
    let shared = f64::from(parts.slots(1)[3].variance);
    let term = stored_term(&mut parts, &sample, &model, &model.design, (1, &sample.features[0]));
    assert_eq!(term.slots[3].customers, 40);
    assert!((f64::from(term.slots[3].variance) - shared - 1.0 / term.strength).abs() < 1e-6, "{term:?}");
    assert!(term.slots.iter().take(3).all(|level| level.variance < term.slots[3].variance), "{term:?}");
}

/// Customers without missing values: number and category interact, a fifth of the customers have category c, and flags
/// are rarely set.
fn complete_customers(seed: u64, rows: u32) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut numbers, mut codes, mut flags, mut lists, mut days, mut outcomes) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (number, code) = (rng.random_range(0..60), [0, 0, 1, 1, 2][rng.random_range(0..5)]);
        let items: Vec<u32> = (0..3).filter(|_| rng.random_bool(0.4)).collect();
        let better = (number > 30) == (code > 0) || items.contains(&0) && code == 2;
        numbers.push(Some(f64::from(number)));
        codes.push(Some(code));
        flags.push(Some(rng.random_bool(0.02)));
        lists.push(Some(items));
        days.push(Some(Date { days: rng.random_range(0..4000) }));
        let status =
            if rng.random_bool(if better { 0.75 } else { 0.3 }) { OutcomeStatus::Won } else { OutcomeStatus::Lost };
        outcomes.push(Outcome { status: Some(status), ..Outcome::default() });
    }
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let columns = [
        ("number", ColumnData::Numbers(numbers.into())),
        ("category", ColumnData::Categories { dictionary: texts(&["a", "b", "c"]), codes: codes.into() }),
        ("flag", ColumnData::Flags(flags.into())),
        ("list", ColumnData::Lists { dictionary: texts(&["x", "y", "z"]), rows: lists.into() }),
        ("date", ColumnData::Dates(days.into())),
    ];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let ids = (0..rows).map(|row| row.to_string()).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap()
}

fn hypothesis() -> Hypothesis {
    let when = Condition { attribute: "category".to_owned(), test: Test::AnyOf(vec!["C".to_owned()]) };
    Hypothesis {
        id: "c".to_owned(),
        statement: String::new(),
        when,
        odds_ratio: 3.0,
        confidence_customers: 60.0,
        author: String::new(),
        expires: None,
    }
}

/// The account of a customer.
fn account_from_row(customers: &Customers, row: usize) -> Account {
    let value = |column: &Column| Some((column.name.clone(), golden_rows::to_owned_value(&column.data.get(row)?)));
    let attributes: BTreeMap<String, Value> = customers.accounts().columns().iter().filter_map(value).collect();
    Account { id: String::new(), attributes }
}

/// The variance of the interval of a fit.
fn variance(fit: &Fit) -> f64 {
    let log_odds = |probability: f64| (probability / (1.0 - probability)).ln();
    let reach = (log_odds(fit.high) - log_odds(fit.low)) / 2.0;
    (reach / crate::score_uncertainty::INTERVAL_STANDARD_ERRORS).powi(2)
}

/// The variance of the parts about their mean, over effects and factors, in log-odds².
fn spread<'a>(parts: impl Iterator<Item = (f64, &'a stored::Slot)>) -> f64 {
    let parts: Vec<_> = parts.collect();
    let all: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let about_mean = |of: &dyn Fn(&stored::Slot) -> f64| {
        let mean = parts.iter().map(|(weight, slot)| weight * of(slot)).sum::<f64>() / all;
        parts.iter().map(|(weight, slot)| weight * (of(slot) - mean).powi(2)).sum::<f64>() / all
    };
    let factors = (0..FACTOR_COUNT).map(|number| about_mean(&|slot| f64::from(slot.factors[number])));
    about_mean(&|slot| slot.log_odds) + factors.sum::<f64>()
}

/// The law of MODEL.md: without an attribute that was always known, an account has the mean log-odds over each
/// customer's value, and a variance of at most the mean variance plus the spread of the parts of these values.
#[test]
fn a_missing_attribute_that_was_never_missing_in_training_is_a_mixture_of_its_values() {
    let mut pairs = 0;
    for (seed, hypotheses) in [(1, vec![]), (2, vec![hypothesis()]), (3, vec![])] {
        let customers = complete_customers(seed, 360);
        let spec = TrainingSpec { hypotheses, ..spec() };
        let model = crate::train(&spec, &customers, Digest::new(b""), &NoProgress).unwrap();
        let (scorer, kept) = (Scorer::compile(&model).unwrap(), &model.0);
        pairs += kept.pairs.len();
        let everybody: Vec<Account> = (0..360).map(|row| account_from_row(&customers, row)).collect();
        for term in &kept.terms {
            let paired: Vec<&stored::Pair> =
                kept.pairs.iter().filter(|pair| [&pair.first, &pair.second].contains(&&term.attribute)).collect();
            for account in everybody.iter().step_by(60) {
                let mut without = account.clone();
                without.attributes.remove(&term.attribute);
                let found = scorer.score(&without);
                let with = everybody.iter().map(|other| {
                    let mut with = account.clone();
                    with.attributes.insert(term.attribute.clone(), other.attributes[&term.attribute].clone());
                    scorer.score(&with)
                });
                let with: Vec<Fit> = with.collect();
                let mean = |of: &dyn Fn(&Fit) -> f64| with.iter().map(of).sum::<f64>() / 360.0;
                let log_odds = mean(&|fit| fit.log_odds);
                assert!((found.log_odds - log_odds).abs() < 1e-8, "{}: {} {log_odds}", term.attribute, found.log_odds);
                let certain = mean(&variance);
                let effects = mean(&|fit| (fit.log_odds - log_odds).powi(2));
                if paired.is_empty() {
                    let expected = certain + effects;
                    let near = (variance(&found) - expected).abs() < 1e-4 * (1.0 + expected);
                    assert!(near, "{}: {} {expected}", term.attribute, variance(&found));
                } else {
                    let by_customers = |slot: &'_ stored::Slot| slot.customers as f64;
                    let mut most = certain + spread(term.slots.iter().map(|slot| (by_customers(slot), slot)));
                    most += paired
                        .iter()
                        .map(|pair| spread(pair.cells.iter().map(|cell| (1.0, cell))) * pair.cells.len() as f64)
                        .sum::<f64>();
                    assert!(variance(&found) <= most + 1e-4, "{}: {} {most}", term.attribute, variance(&found));
                }
            }
        }
    }
    assert!(pairs > 0, "number and category interact");
}

/// The stored frequencies equal those of the customers.
#[test]
fn frequencies_count_customers_by_an_informative_attribute() {
    let rows = 300;
    let codes: Vec<u32> = (0..rows).map(|row| row % 4).collect();
    // A flag is set for nine of ten customers of the categories c and d, and for one of ten others.
    let flag = |row: u32| (row % 4 > 1) != (row / 4).is_multiple_of(10);
    let won: Vec<bool> = (0..rows).map(|row| flag(row) != (row % 3 == 0)).collect();
    let flags = ColumnData::Flags((0..rows).map(|row| Some(flag(row))).collect());
    let sample = sample(vec![category(&codes), flags], &won);
    let model = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    let uncertainty = model.solution.uncertainty(&model.design, &model.row_counts, FACTOR_COUNT).unwrap();
    let mut parts = SlotBuilder::new(&sample, &model, &model.design, &uncertainty, Calibration::IDENTITY);
    let terms = [1, 2]
        .map(|index| stored_term(&mut parts, &sample, &model, &model.design, (index, &sample.features[index - 1])));
    let found = value_frequencies(&sample, &terms, AdditionalTerms::default());
    let of_flag = found[1].as_ref().unwrap();
    let given = &of_flag.given[0];
    // Four levels, and the group of all others, which is empty.
    assert_eq!((given.attribute.as_str(), given.labels.len()), ("attribute 0", 5));
    let width = given.customers.len() / 5;
    assert!(given.customers[4 * width..].iter().all(|count| *count == 0), "{given:?}");
    for (label, counts) in given.labels.iter().zip(given.customers.chunks(width)).take(4) {
        let code = u32::from(label.as_bytes()[0] - b'a');
        for (slot, flagged) in [(0, false), (1, true)] {
            let expected = (0..rows).filter(|row| row % 4 == code && flag(*row) == flagged).count() as u64;
            assert_eq!(counts[of_flag.groups[slot] as usize], expected, "{label} {flagged}");
        }
    }
}

/// Three common levels and a rare one. A level that no customer has is as uncertain as these, each counted once;
/// missing is as uncertain as these, weighted by their frequency.
#[test]
fn a_level_without_customers_is_as_uncertain_as_the_others() {
    let codes: Vec<u32> = (0..400).map(|row| if row < 6 { 3 } else { row % 3 }).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let won: Vec<bool> = (0..400).map(|_| rng.random_bool(0.4)).collect();
    let sample = sample(vec![category(&codes)], &won);
    let model = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    let uncertainty = model.solution.uncertainty(&model.design, &model.row_counts, FACTOR_COUNT).unwrap();
    let mut parts = SlotBuilder::new(&sample, &model, &model.design, &uncertainty, Calibration::IDENTITY);
    let before = parts.slots(1);
    let term = stored_term(&mut parts, &sample, &model, &model.design, (1, &sample.features[0]));
    let total = |slot: &stored::Slot| SlotMixture::from_parts(FACTOR_COUNT, [(1.0, slot)]).total_variance().unwrap();
    let known = &term.slots[..4];
    assert_eq!(term.slots[4].customers, 0, "every level is known");
    let mean = |weight: &dyn Fn(&stored::Slot) -> f64| {
        let all: f64 = known.iter().map(weight).sum();
        known.iter().map(|slot| weight(slot) * (slot.log_odds.powi(2) + total(slot))).sum::<f64>() / all
    };
    let unseen = total(&term.slots[4]);
    assert!(unseen <= mean(&|_| 1.0) + 1e-6 || unseen == total(&before[4]), "{unseen} {before:?}");
    assert!(unseen <= total(&before[4]) + 1e-9 && term.slots[4].log_odds == 0.0);
    let expected = mean(&|slot| slot.customers as f64);
    let missing = total(&term.slots[5]);
    assert!((missing - expected).abs() < 1e-6 && term.slots[5].log_odds == 0.0, "{missing} {expected}");
}

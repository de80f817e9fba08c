use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{Column, ColumnData, Date};

use super::*;
use crate::train::fit::fit;
use crate::train::fixtures::{category, number, sample_with_directions};
use crate::train::{NoProgress, out_of_fold, temporal_holdout};

const ROWS: usize = 900;

/// A number whose best value is in the middle and which interacts with a category, and a number without effect.
fn synthetic_sample(directions: &[(usize, MonotonicityConstraint)]) -> Sample {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let [hill, noise] = [0, 1].map(|_| (0..ROWS).map(|_| rng.random_range(0..200)).collect::<Vec<i32>>());
    let levels: Vec<u32> = (0..ROWS).map(|_| rng.random_range(0..3)).collect();
    let rate = |row: usize| {
        let middle = (50..150).contains(&hill[row]);
        0.3 + if middle { 0.3 } else { 0.0 } + if middle == (levels[row] == 0) { 0.2 } else { 0.0 }
    };
    let won: Vec<bool> = (0..ROWS).map(|row| rng.random_bool(rate(row))).collect();
    let numbers = |values: &[i32]| number(values.iter().map(|value| f64::from(*value)));
    let mut sample = sample_with_directions(vec![numbers(&hill), category(&levels), numbers(&noise)], &won, directions);
    sample.since = (0..).take(ROWS).map(|days| Some(Date { days })).collect();
    sample
}

fn is_monotone(model: &FittedModel) -> bool {
    let terms = model.layout.blocks.iter().zip(model.design.offsets());
    let bins = |start: usize, slots: usize| model.solution.effects[start..start + slots - 1].iter().copied();
    let mut held = terms.filter_map(|(block, start)| Some((block.monotonicity?, bins(start, block.slots.len()))));
    held.all(|(direction, effects)| direction.holds(effects))
}

#[test]
fn every_fit_keeps_the_directions_wherever_it_starts() {
    for directions in [
        [MonotonicityConstraint::Increasing; 2],
        [MonotonicityConstraint::Decreasing, MonotonicityConstraint::Increasing],
    ] {
        let sample = synthetic_sample(&[(0, directions[0]), (2, directions[1])]);
        let all = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
        assert!(is_monotone(&all) && all.interactions.is_empty(), "{:?}", all.interactions);
        for fold in 0..5 {
            let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 5 != fold))).collect();
            let near = fit(&sample, &weights, Some(&all), &NoProgress).unwrap();
            let far = fit(&sample, &weights, None, &NoProgress).unwrap();
            assert!(is_monotone(&near) && is_monotone(&far));
            let apart = near
                .predict(&sample)
                .into_iter()
                .zip(far.predict(&sample))
                .fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
            assert!(apart < 0.1, "{fold}: {apart}");
        }
        let tested = out_of_fold::evaluate_folds(&sample, &all, 1, &NoProgress).unwrap();
        assert!(tested.calibration.slope >= 0.0);
        assert!(temporal_holdout::fit_temporal_holdout(&sample, &all, &NoProgress).unwrap().is_some());
    }
}

/// The interaction and the falling effect exist, and a constraint rules both out.
#[test]
fn without_a_direction_the_same_customers_have_an_interaction_and_a_falling_effect() {
    let sample = synthetic_sample(&[]);
    let free = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    assert_eq!((free.interactions[0].first, free.interactions[0].second), (0, 1));
    assert_eq!(
        (free.solution.monotonicity_score_z.iter().sum::<f64>(), contradiction_warnings(&sample, &free)),
        (0.0, vec![])
    );
    let sample = synthetic_sample(&[(0, MonotonicityConstraint::Increasing)]);
    let held = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    let told = contradiction_warnings(&sample, &held);
    assert!(
        told.len() == 1 && told[0].starts_with("attribute \"attribute 0\" is constrained to be increasing"),
        "{told:?}"
    );
}

#[test]
fn only_numbers_and_dates_have_a_direction() {
    let texts = || vec!["x".to_owned()];
    let columns = [
        ("number", ColumnData::Numbers(vec![Some(1.0)].into())),
        ("date", ColumnData::Dates(vec![None].into())),
        ("category", ColumnData::Categories { dictionary: texts(), codes: vec![Some(0)].into() }),
        ("flag", ColumnData::Flags(vec![Some(true)].into())),
        ("list", ColumnData::Lists { dictionary: texts(), rows: vec![None].into() }),
    ];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let accounts = AccountTable::new(vec!["a".to_owned()].into(), columns).unwrap();
    let asked =
        |name: &str| check_directions(&[(name.to_owned(), MonotonicityConstraint::Decreasing)].into(), &accounts);
    assert_eq!((asked("number"), asked("date"), asked("unknown")), (Ok(()), Ok(()), Ok(())));
    for kind in [AttributeKind::Category, AttributeKind::Flag, AttributeKind::List] {
        let attribute = kind.as_str().to_owned();
        let direction = MonotonicityConstraint::Decreasing;
        assert_eq!(asked(kind.as_str()), Err(TrainError::NoDirection { attribute, direction, kind }));
    }
}

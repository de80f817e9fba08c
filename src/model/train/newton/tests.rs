use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::model::design::{Codes, Design, TermCodes};
use crate::model::train::estimator::Start;
use crate::model::train::objective::sigmoid;
use crate::model::train::penalty::Form;

const ROWS: usize = 900;
const PARAMETERS: usize = 10;
const TOLERANCE: f64 = 1e-9;

/// Five slots with a strong signal, then four without any.
fn made_up(seed: u64) -> (Design, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let [strong, noise] = [5, 4].map(|slots| (0..ROWS).map(|_| rng.random_range(0..slots)).collect::<Vec<u32>>());
    let rates = strong.iter().map(|slot| sigmoid(f64::from(*slot) - 2.0));
    let labels = rates.map(|rate| f64::from(u8::from(rng.random_bool(rate)))).collect();
    let terms = [(5, strong), (4, noise)].map(|(slots, codes)| TermCodes { slots, codes: Codes::One(codes) });
    (Design { rows: ROWS, terms: terms.into() }, labels)
}

fn settings(start: Option<Start>) -> Settings<'static> {
    let penalty = |form, range| Penalty { form, ranges: vec![range] };
    let penalties = vec![penalty(Form::RandomWalk, 0..5), penalty(Form::Ridge, 5..9)];
    Settings { penalties, start, max_iterations: 200, tolerance: TOLERANCE, stop: &|| false }
}

fn run(design: &Design, labels: &[f64], weights: &[f64], start: Option<Start>) -> Fitted {
    Newton::new(&Problem { design, labels, weights }, &settings(start)).run().unwrap()
}

#[test]
fn the_optimum_does_not_depend_on_the_start() {
    let (design, labels) = made_up(1);
    let weights = vec![1.0; ROWS];
    let plain = run(&design, &labels, &weights, None);
    for start in [
        Start { parameters: plain.parameters.clone(), strengths: plain.strengths.clone() },
        Start { parameters: vec![0.0; PARAMETERS], strengths: vec![1.0; 2] },
    ] {
        let fitted = run(&design, &labels, &weights, Some(start));
        let problem = Problem { design: &design, labels: &labels, weights: &weights };
        let (one, other) = (problem.at(plain.parameters.clone()), problem.at(fitted.parameters.clone()));
        let apart = one.log_odds.iter().zip(&other.log_odds).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
        assert!(apart < 0.05, "{apart}: {plain:?} {fitted:?}");
    }
}

#[test]
fn the_gradient_at_the_optimum_is_below_the_tolerance() {
    let (design, labels) = made_up(2);
    let weights: Vec<f64> = (0..ROWS).map(|row| 0.5 + (row % 3) as f64).collect();
    let fitted = run(&design, &labels, &weights, None);
    let problem = Problem { design: &design, labels: &labels, weights: &weights };
    let mut curvature = problem.curvature(&problem.at(fitted.parameters.clone()));
    curvature.penalise(&fitted.parameters, &settings(None).penalties, &fitted.strengths);
    let total: f64 = weights.iter().sum();
    let largest = curvature.gradient.iter().fold(0.0_f64, |most, part| most.max(part.abs())) / total;
    assert!(largest < TOLERANCE && largest == fitted.gradient, "{largest} {fitted:?}");
    let predicted: f64 =
        problem.at(fitted.parameters).log_odds.iter().zip(&weights).map(|(eta, w)| w * sigmoid(*eta)).sum();
    let seen: f64 = labels.iter().zip(&weights).map(|(y, w)| w * y).sum();
    assert!((predicted - seen).abs() < 1e-5, "the intercept is not penalised: {predicted} {seen}");
}

#[test]
fn threads_do_not_change_a_bit() {
    let (design, labels) = made_up(3);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&design, &labels, &[1.0; ROWS], None))
    };
    let one = with(1);
    assert_eq!(with(2), one);
    assert_eq!(with(7), one);
}

#[test]
fn a_row_of_weight_zero_has_no_influence() {
    let (mut design, mut labels) = made_up(4);
    let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 4 != 0))).collect();
    let before = run(&design, &labels, &weights, None);
    for row in (0..ROWS).step_by(4) {
        labels[row] = 1.0 - labels[row];
        for term in &mut design.terms {
            if let Codes::One(codes) = &mut term.codes {
                codes[row] = (codes[row] + 1) % term.slots as u32;
            }
        }
    }
    assert_eq!(run(&design, &labels, &weights, None), before);
}

/// Every slot of the second term has the same rate to the row, so that it says nothing at all.
#[test]
fn a_term_that_says_nothing_is_held_at_zero_and_a_telling_one_is_free() {
    let strong: Vec<u32> = (0..ROWS as u32).map(|row| row % 5).collect();
    let nothing: Vec<u32> = (0..ROWS as u32).map(|row| row / 5 % 4).collect();
    let labels: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row / 20 % 5 < row % 5))).collect();
    let terms = [(5, strong), (4, nothing)].map(|(slots, codes)| TermCodes { slots, codes: Codes::One(codes) });
    let design = Design { rows: ROWS, terms: terms.into() };
    let fitted = run(&design, &labels, &[1.0; ROWS], None);
    assert!(fitted.strengths[0] < 10.0, "{fitted:?}");
    assert!(fitted.strengths[1] > 1e4, "{fitted:?}");
    assert!(fitted.parameters[6..].iter().all(|beta| beta.abs() < 1e-3), "{fitted:?}");
    let used = |range: std::ops::Range<usize>| fitted.effective[range].iter().sum::<f64>();
    assert!(used(1..6) > 2.0 && used(6..10) < 0.1, "{fitted:?}");
}

#[test]
fn effective_parameters_are_shares_of_parameters() {
    for seed in 5..9 {
        let (design, labels) = made_up(seed);
        let fitted = run(&design, &labels, &[1.0; ROWS], None);
        assert_eq!(fitted.effective.len(), PARAMETERS);
        assert!(fitted.effective.iter().all(|share| (0.0..=1.0).contains(share)), "{fitted:?}");
        let penalised: f64 = fitted.effective[1..].iter().sum();
        assert!((2.0..8.0).contains(&penalised), "at most four steps between five bins, and a ridge: {fitted:?}");
        let bounds = STRENGTH_BOUNDS.0..=STRENGTH_BOUNDS.1;
        assert!(fitted.strengths.iter().all(|strength| bounds.contains(strength)), "{fitted:?}");
    }
}

#[test]
fn one_entry_of_the_inverse_is_that_of_the_whole() {
    let matrix = Mat::from_fn(3, 3, |i, j| if i == j { 4.0 } else { 1.0 / (1 + i + j) as f64 });
    let inverse = Inverse::of(&matrix.llt(Side::Lower).unwrap());
    for i in 0..3 {
        for j in 0..3 {
            let product: f64 = (0..3).map(|k| matrix[(i, k)] * inverse.at(k, j)).sum();
            assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j} {product}");
        }
    }
    let ridge = Penalty { form: Form::Ridge, ranges: vec![0..2] };
    assert!((inverse.trace_with(&ridge) - inverse.at(1, 1) - inverse.at(2, 2)).abs() < 1e-15);
}

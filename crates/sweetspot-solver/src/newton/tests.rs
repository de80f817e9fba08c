use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::design::{Design, EncodedTerm, TermSlots};
use crate::estimator::{Tolerance, WarmStart};
use crate::fixtures::{PARAMETERS, ProblemFixture, SMOOTHING_COUNT, numbers, problem_fixture};
use crate::penalized_likelihood::{row_derivatives, sigmoid};
use crate::term_block::ChainSmoothingIndices;

const ROWS: usize = 900;

fn blocks() -> Vec<TermBlock> {
    let chain = TermBlock::chain(4, &[1], ChainSmoothingIndices { walk: 0, own: Some(1), missing: 2 });
    vec![TermBlock::base(), chain, TermBlock::ridge(4, 3)]
}

/// Five slots with a strong effect, then four without any.
fn fixture(seed: u64) -> (Design, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let [strong, noise] = [5, 4].map(|slots| (0..ROWS).map(|_| rng.random_range(0..slots)).collect::<Vec<u16>>());
    let rates = strong.iter().map(|slot| sigmoid(f64::from(*slot) - 2.0));
    let labels = rates.map(|rate| f64::from(u8::from(rng.random_bool(rate)))).collect();
    (design(strong, noise), labels)
}

fn design(strong: Vec<u16>, noise: Vec<u16>) -> Design {
    let terms = [(5, strong), (4, noise)].map(|(slots, codes)| EncodedTerm { slots, codes: TermSlots::One(codes) });
    Design::new(ROWS, terms)
}

fn settings(blocks: &[TermBlock], smoothing_count: usize, start: Option<WarmStart>) -> SolverSettings<'_> {
    let (max_iterations, precision) = (200, Tolerance::Final);
    SolverSettings {
        blocks,
        smoothing_count,
        offset: &[],
        case_weights: &[],
        warm_start: start,
        max_iterations,
        tolerance: precision,
        is_cancelled: &|| false,
    }
}

fn run(design: &Design, labels: &[f64], weights: &[f64], start: Option<WarmStart>) -> FittedLogistic {
    let blocks = blocks();
    let problem = Problem { design, blocks: &blocks, labels, weights, offset: &[] };
    Newton::new(&problem, &settings(&blocks, 4, start)).run().unwrap()
}

/// The largest difference of two fits' log-odds.
fn max_difference(design: &Design, a: &FittedLogistic, b: &FittedLogistic) -> f64 {
    let (a, b) = (row_sums(design, &a.effects), row_sums(design, &b.effects));
    a.iter().zip(b).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()))
}

fn same_bits(a: &FittedLogistic, b: &FittedLogistic) -> bool {
    let bits = |fitted: &FittedLogistic| -> Vec<u64> {
        let all = [&fitted.parameters, &fitted.effects, &fitted.smoothing, &fitted.effective_parameters];
        all.into_iter().flatten().map(|value| value.to_bits()).collect()
    };
    bits(a) == bits(b) && a.log_bayes_factors == b.log_bayes_factors && a.iterations == b.iterations
}

#[test]
fn the_optimum_does_not_depend_on_the_start() {
    let (design, labels) = fixture(1);
    let weights = vec![1.0; ROWS];
    let plain = run(&design, &labels, &weights, None);
    for start in [
        WarmStart { parameters: plain.parameters.clone(), smoothing: plain.smoothing.clone() },
        WarmStart { parameters: vec![0.0; plain.parameters.len()], smoothing: vec![1.0; 4] },
        WarmStart { parameters: vec![2.0; plain.parameters.len()], smoothing: vec![100.0; 4] },
    ] {
        let fitted = run(&design, &labels, &weights, Some(start));
        assert!(max_difference(&design, &plain, &fitted) < 0.05, "{plain:?} {fitted:?}");
    }
}

#[test]
fn the_gradient_at_the_optimum_is_below_the_tolerance() {
    let (design, labels) = fixture(2);
    let weights: Vec<f64> = (0..ROWS).map(|row| 0.5 + (row % 3) as f64).collect();
    let fitted = run(&design, &labels, &weights, None);
    let blocks = blocks();
    let problem = Problem { design: &design, blocks: &blocks, labels: &labels, weights: &weights, offset: &[] };
    let log_odds = problem.evaluate(fitted.parameters.clone()).log_odds;
    let pull = problem.penalty_gradient(&fitted.parameters, &fitted.smoothing);
    let gradient = problem.gather(&row_derivatives(&labels, &weights, &log_odds).0);
    let total: f64 = weights.iter().sum();
    let largest = gradient.iter().zip(pull).fold(0.0_f64, |most, (slope, pull)| most.max((slope - pull).abs())) / total;
    assert!(largest < Tolerance::Final.gradient(), "{largest} {fitted:?}");
    assert!((largest - fitted.gradient).abs() < 1e-10, "{largest} {fitted:?}");
    let predicted: f64 = log_odds.iter().zip(&weights).map(|(eta, w)| w * sigmoid(*eta)).sum();
    let seen: f64 = labels.iter().zip(&weights).map(|(y, w)| w * y).sum();
    assert!((predicted - seen).abs() / total < 1e-7, "the base is not penalized: {predicted} {seen}");
}

#[test]
fn threads_do_not_change_a_bit() {
    let (design, labels) = fixture(3);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&design, &labels, &[1.0; ROWS], None))
    };
    let one = with(1);
    assert!(same_bits(&with(2), &one) && same_bits(&with(7), &one));
}

#[test]
fn a_row_of_weight_zero_has_no_influence_on_the_fit() {
    let (before, mut labels) = fixture(4);
    let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 4 != 0))).collect();
    let fitted = run(&before, &labels, &weights, None);
    labels.iter_mut().step_by(4).for_each(|label| *label = 1.0 - *label);
    assert!(same_bits(&run(&before, &labels, &weights, None), &fitted), "its label");
    let moved = |term: &EncodedTerm| -> Vec<u16> {
        let code = |row: usize| (term.codes.row(row)[0] + u16::from(row.is_multiple_of(4))) % term.slots as u16;
        (0..ROWS).map(code).collect()
    };
    let after = design(moved(&before.terms[1]), moved(&before.terms[2]));
    assert!(max_difference(&before, &run(&after, &labels, &weights, None), &fitted) < 1e-3, "its attributes");
}

/// Each slot of the second term has exactly the same rate, so the term has no effect. Its λ stays finite: four slots
/// with equal rates do not prove that there is no effect.
#[test]
fn a_noise_term_shrinks_to_zero_and_an_informative_one_does_not() {
    let strong: Vec<u16> = (0..ROWS as u16).map(|row| row % 5).collect();
    let nothing: Vec<u16> = (0..ROWS as u16).map(|row| row / 5 % 4).collect();
    let labels: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row / 20 % 5 < row % 5))).collect();
    let fitted = run(&design(strong, nothing), &labels, &[1.0; ROWS], None);
    assert!(fitted.smoothing[0] < 10.0 && fitted.smoothing[3] > 100.0, "{fitted:?}");
    assert!(fitted.effects[6..].iter().all(|effect| effect.abs() < 1e-2), "{fitted:?}");
    assert!(fitted.effective_parameters[1] > 2.0 && fitted.effective_parameters[2] < 0.5, "{fitted:?}");
}

#[test]
fn effective_parameters_are_a_share_of_parameters() {
    for seed in 5..9 {
        let (design, labels) = fixture(seed);
        let fitted = run(&design, &labels, &[1.0; ROWS], None);
        for (effective, block) in fitted.effective_parameters.iter().zip(blocks()) {
            assert!((0.0..=block.parameters as f64).contains(effective), "{fitted:?}");
        }
        assert!(
            (fitted.effective_parameters[0] - 1.0).abs() < 1e-9 && (2.0..5.0).contains(&fitted.effective_parameters[1]),
            "{fitted:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// In small problems each slot has its own group, so H̃ is H and one round solves the equations.
    #[test]
    fn newton_products_and_steps_match_the_dense_information(case in problem_fixture(), at in numbers(PARAMETERS), x in numbers(PARAMETERS)) {
        let start = Some(WarmStart { parameters: at, smoothing: case.smoothing.clone() });
        let (settings, problem) = (settings(&case.blocks, SMOOTHING_COUNT, start), case.problem());
        let mut newton = Newton::new(&problem, &settings);
        let curvature = newton.curvature().unwrap();
        let dense = ProblemFixture { weights: newton.point.likelihood.curvatures.clone(), ..case.clone() }.information();
        let times = |x: &[f64]| -> Vec<f64> {
            (0..PARAMETERS).map(|i| (0..PARAMETERS).map(|j| dense[(i, j)] * x[j]).sum()).collect()
        };
        for (found, expected) in newton.times_information(&curvature, &x).iter().zip(times(&x)) {
            prop_assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{found} {expected}");
        }
        for (found, gradient) in times(&newton.newton_direction(&curvature)).iter().zip(&curvature.gradient) {
            prop_assert!((found - gradient).abs() < 1e-6, "{found} {gradient}");
        }
    }
}

use proptest::prelude::*;

use super::*;
use crate::fixtures::{PARAMETERS, ROWS, numbers, problem_fixture};
use crate::term_block::Prior;

/// The derivative of `f` for each parameter, by central differences.
fn slopes(parameters: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-5;
    let along = |index: usize, by: f64| {
        let mut moved = parameters.to_vec();
        moved[index] += by;
        f(&moved)
    };
    (0..parameters.len()).map(|index| (along(index, step) - along(index, -step)) / (2.0 * step)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_gradient_is_the_slope_of_the_objective(
        case in problem_fixture(),
        parameters in numbers(PARAMETERS),
        offset in prop_oneof![Just(vec![]), numbers(ROWS)],
        (mean, precision) in (-2.0..2.0_f64, 0.1..9.0_f64),
    ) {
        let mut blocks = case.blocks.clone();
        blocks[1].priors.push(Prior { parameter: 2, mean, precision });
        blocks[0].priors.push(Prior { parameter: 0, mean: -mean, precision });
        let problem = Problem { blocks: &blocks, offset: &offset, ..case.problem() };
        prop_assert_eq!(problem.parameters(), PARAMETERS);
        let objective = |parameters: &[f64]| {
            problem.evaluate(parameters.to_vec()).likelihood.value - problem.penalty_sum(parameters, &case.smoothing)
        };
        let point = problem.evaluate(parameters.clone());
        let (residuals, _) = row_derivatives(problem.labels, problem.weights, &point.log_odds);
        let pull = problem.penalty_gradient(&parameters, &case.smoothing);
        for ((slope, gradient), pull) in slopes(&parameters, objective).into_iter().zip(problem.gather(&residuals)).zip(pull) {
            prop_assert!((gradient - pull - slope).abs() < 1e-5 * (1.0 + slope.abs()), "{gradient} {pull} {slope}");
        }
    }

    #[test]
    fn row_derivatives_are_the_slopes_of_a_rows_likelihood(
        (label, weight, eta) in (0..2_u8, 0.0..3.0_f64, -8.0..8.0_f64),
    ) {
        let (label, step) = (f64::from(label), 1e-5);
        let (residuals, weights) = row_derivatives(&[label; 3], &[weight; 3], &[eta - step, eta, eta + step]);
        let likelihood = |eta: f64| weight * (label * eta - softplus(eta));
        let slope = (likelihood(eta + step) - likelihood(eta - step)) / (2.0 * step);
        prop_assert!((residuals[1] - slope).abs() < 1e-6);
        prop_assert!((weights[1] - (residuals[0] - residuals[2]) / (2.0 * step)).abs() < 1e-6);
    }

    #[test]
    fn log_odds_are_the_matrix_times_the_parameters(case in problem_fixture(), parameters in numbers(PARAMETERS)) {
        let matrix = case.matrix();
        let point = case.problem().evaluate(parameters.clone());
        for (row, found) in point.log_odds.iter().enumerate() {
            let expected: f64 = parameters.iter().enumerate().map(|(i, value)| matrix[(row, i)] * value).sum();
            prop_assert!((found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn sigmoid_and_softplus_never_overflow(x in any::<f64>().prop_filter("a number", |x| !x.is_nan())) {
        prop_assert!((0.0..=1.0).contains(&sigmoid(x)));
        prop_assert!((sigmoid(x) + sigmoid(-x) - 1.0).abs() < 1e-15);
        prop_assert!(softplus(x) >= x.max(0.0));
        prop_assert!(probability(x) > 0.0 && probability(x) < 1.0);
        if x.abs() < 30.0 {
            prop_assert!((softplus(x) - x.exp().ln_1p()).abs() < 1e-10);
        }
    }
}

#[test]
fn a_row_of_weight_zero_counts_nothing_even_if_its_log_odds_are_not_finite() {
    let (residuals, weights) = row_derivatives(&[1.0, 0.0], &[0.0, 0.0], &[700.0, -700.0]);
    assert_eq!((residuals, weights), (vec![0.0, 0.0], vec![0.0, 0.0]));
    let (_, sure) = row_derivatives(&[1.0], &[2.0], &[500.0]);
    assert_eq!(sure, [2.0 * MIN_CURVATURE]);
}

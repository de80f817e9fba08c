//! An independent method for the optimum under constraints, for tests: slow, and without merging.

use super::active_set::bin_count;
use super::pava::pool_adjacent_violators;
use crate::penalized_likelihood::{Problem, row_derivatives};

const MAX_STEPS: usize = 60_000;
/// The divisor of the step length when a step is too long.
const BACKTRACKING_FACTOR: f64 = 2.0;

/// The optimum at these smoothing parameters, by accelerated projected gradients (Beck and Teboulle 2009, "A fast
/// iterative shrinkage-thresholding algorithm for linear inverse problems", SIAM J. Imaging Sci. 2:183, section 4). The
/// momentum is reset whenever the objective falls.
pub(super) fn optimum(problem: &Problem<'_>, smoothing: &[f64]) -> Vec<f64> {
    let mut best = vec![0.0; problem.parameters()];
    let (mut ahead, mut momentum, mut length) = (best.clone(), 1.0_f64, 1.0);
    for _ in 0..MAX_STEPS {
        let (value, gradient) = (objective(problem, &ahead, smoothing), gradient(problem, &ahead, smoothing));
        let next = loop {
            let moved: Vec<f64> = ahead.iter().zip(&gradient).map(|(x, g)| x + length * g).collect();
            let next = project(problem, &moved);
            let step: Vec<f64> = next.iter().zip(&ahead).map(|(to, from)| to - from).collect();
            let rise: f64 = step.iter().zip(&gradient).map(|(d, g)| d * g - d * d / (2.0 * length)).sum();
            if objective(problem, &next, smoothing) >= value + rise - 1e-13 * (1.0 + value.abs()) {
                break next;
            }
            length /= BACKTRACKING_FACTOR;
        };
        let farthest = next.iter().zip(&best).fold(0.0_f64, |max, (a, b)| max.max((a - b).abs()));
        if farthest < 1e-12 && momentum > 1.0 {
            break;
        }
        let faster = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        if objective(problem, &next, smoothing) < objective(problem, &best, smoothing) {
            (ahead, momentum) = (next.clone(), 1.0);
        } else {
            let along = (momentum - 1.0) / faster;
            ahead = next.iter().zip(&best).map(|(to, from)| to + along * (to - from)).collect();
            momentum = faster;
        }
        best = next;
    }
    best
}

/// The penalized log-likelihood.
pub(super) fn objective(problem: &Problem<'_>, parameters: &[f64], smoothing: &[f64]) -> f64 {
    problem.evaluate(parameters.to_vec()).likelihood.value - problem.penalty_sum(parameters, smoothing)
}

fn gradient(problem: &Problem<'_>, parameters: &[f64], smoothing: &[f64]) -> Vec<f64> {
    let log_odds = problem.evaluate(parameters.to_vec()).log_odds;
    let (residuals, _) = row_derivatives(problem.labels, problem.weights, &log_odds);
    let pull = problem.penalty_gradient(parameters, smoothing);
    problem.gather(&residuals).into_iter().zip(pull).map(|(slope, pull)| slope - pull).collect()
}

/// The closest parameters that satisfy each constraint.
fn project(problem: &Problem<'_>, parameters: &[f64]) -> Vec<f64> {
    let mut nearest = parameters.to_vec();
    let mut first = 0;
    for block in problem.blocks {
        let own = &mut nearest[first..first + bin_count(block)];
        first += block.parameters;
        let Some(direction) = block.monotonicity else { continue };
        let ascending: Vec<f64> = own.iter().map(|value| direction.sign() * value).collect();
        let pooled = pool_adjacent_violators(&ascending, &vec![1.0; own.len()]);
        let (mut start, last) = (0, own.len());
        for end in (1..=last).filter(|end| *end == last || !pooled[end - 1]) {
            let mean = own[start..end].iter().sum::<f64>() / (end - start) as f64;
            own[start..end].fill(mean);
            start = end;
        }
    }
    nearest
}

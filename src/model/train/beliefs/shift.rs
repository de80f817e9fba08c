//! By how much some customers' log-odds differ from what is expected of them.

use crate::model::solve::sigmoid;

/// Steps after which the estimate is as good as it gets; it takes about six.
const STEPS: u32 = 60;
/// Largest step, in log-odds.
const LARGEST_STEP: f64 = 2.0;
const SETTLED: f64 = 1e-10;

/// A customer as it counts here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    /// 0 or 1.
    pub label: f64,
    /// Case weight, above zero.
    pub weight: f64,
    /// The log-odds that everything else makes one expect.
    pub expected: f64,
}

/// The shift of these customers' log-odds that fits best, and the information about it (1 / its variance); nothing where there
/// are none, or the information vanishes.
///
/// Jeffreys' prior is added to the likelihood (Firth 1993, Biometrika 80:27): the estimate is finite also where all labels are
/// the same, and less biased where customers are few.
pub(super) fn shift(cases: &[Case]) -> Option<(f64, f64)> {
    let mut shift = 0.0;
    for _ in 0..STEPS {
        let Slope { score, curvature, .. } = Slope::at(cases, shift);
        let step = (score / curvature).clamp(-LARGEST_STEP, LARGEST_STEP);
        if !step.is_finite() {
            return None;
        }
        shift += step;
        if step.abs() < SETTLED {
            break;
        }
    }
    let Slope { information, .. } = Slope::at(cases, shift);
    (information > 0.0).then_some((shift, information))
}

/// The penalised likelihood about one shift.
#[derive(Debug)]
struct Slope {
    /// Σ w (y − p) + Σ h (½ − p), with the leverages h = w p (1 − p) / I.
    score: f64,
    /// I = Σ w p (1 − p).
    information: f64,
    /// I + Σ h p (1 − p): how fast the score falls, the leverages taken as they are.
    curvature: f64,
}

impl Slope {
    fn at(cases: &[Case], shift: f64) -> Self {
        let (mut score, mut information, mut pull, mut stiffness) = (0.0, 0.0, 0.0, 0.0);
        for case in cases {
            let p = sigmoid(case.expected + shift);
            let variance = p * (1.0 - p);
            score += case.weight * (case.label - p);
            information += case.weight * variance;
            pull += case.weight * variance * (0.5 - p);
            stiffness += case.weight * variance * variance;
        }
        Self { score: score + pull / information, information, curvature: information + stiffness / information }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cases(ideal: usize, other: usize, expected: f64) -> Vec<Case> {
        let label = |row| f64::from(u8::from(row < ideal));
        (0..ideal + other).map(|row| Case { label: label(row), weight: 1.0, expected }).collect()
    }

    /// With equal expectations, Jeffreys' prior adds half a customer of either label.
    #[test]
    fn equal_expectations_by_hand() {
        for (ideal, other) in [(3, 0), (0, 5), (7, 2), (200, 300)] {
            let (shift, information) = shift(&cases(ideal, other, 0.7)).unwrap();
            let odds = (ideal as f64 + 0.5) / (other as f64 + 0.5);
            assert!((shift + 0.7 - odds.ln()).abs() < 1e-8, "{ideal} {other}: {shift}");
            let p = odds / (1.0 + odds);
            assert!((information - (ideal + other) as f64 * p * (1.0 - p)).abs() < 1e-6);
        }
        assert_eq!(shift(&[]), None);
    }

    proptest! {
        #[test]
        fn it_is_where_the_score_vanishes_and_turns_with_the_labels(
            rows in prop::collection::vec((any::<bool>(), 0.1..5.0_f64, -4.0..4.0_f64), 1..60),
        ) {
            let of = |turned: bool| -> Vec<Case> {
                let sign = if turned { -1.0 } else { 1.0 };
                rows.iter().map(|&(label, weight, expected)| Case {
                    label: f64::from(u8::from(label != turned)),
                    weight,
                    expected: sign * expected,
                }).collect()
            };
            let (found, information) = shift(&of(false)).unwrap();
            prop_assert!(found.is_finite() && information > 0.0);
            let slope = Slope::at(&of(false), found);
            prop_assert!(slope.score.abs() < 1e-6, "{slope:?}");
            let (turned, _) = shift(&of(true)).unwrap();
            prop_assert!((found + turned).abs() < 1e-6);
        }
    }
}

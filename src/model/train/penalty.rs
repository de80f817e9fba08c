//! What keeps coefficients small or smooth.

use std::ops::Range;

use crate::model::encoder::{Encoder, Feature};

/// How a penalty's coefficients hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Each towards zero: Σ βᵢ².
    Ridge,
    /// Each towards its neighbour: Σ (βᵢ₊₁ − βᵢ)², a first-order random walk.
    RandomWalk,
}

/// A quadratic penalty ½ λ βᵀ S β with one strength λ, on some ranges of parameters (counted without the intercept).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Penalty {
    /// How coefficients within a range hang together.
    pub form: Form,
    /// The parameters; ranges of one penalty share its strength.
    pub ranges: Vec<Range<usize>>,
}

impl Penalty {
    /// The rank of S.
    pub(crate) fn rank(&self) -> f64 {
        let ranks = self.ranges.iter().map(|range| match self.form {
            Form::Ridge => range.len(),
            Form::RandomWalk => range.len().saturating_sub(1),
        });
        ranks.sum::<usize>() as f64
    }

    /// Visits every non-zero entry `(i, j, Sᵢⱼ)` of the lower triangle.
    pub(crate) fn entries(&self, mut visit: impl FnMut(usize, usize, f64)) {
        for range in &self.ranges {
            for i in range.clone() {
                match self.form {
                    Form::Ridge => visit(i, i, 1.0),
                    Form::RandomWalk => {
                        let neighbours = u8::from(i > range.start) + u8::from(i + 1 < range.end);
                        visit(i, i, f64::from(neighbours));
                        if i > range.start {
                            visit(i, i - 1, -1.0);
                        }
                    }
                }
            }
        }
    }

    /// βᵀ S β.
    pub(crate) fn quadratic(&self, beta: &[f64]) -> f64 {
        let of = |range: &Range<usize>| -> f64 {
            let values = beta.get(range.clone()).unwrap_or_default();
            match self.form {
                Form::Ridge => values.iter().map(|value| value * value).sum(),
                Form::RandomWalk => values.iter().zip(values.iter().skip(1)).map(|(a, b)| (b - a) * (b - a)).sum(),
            }
        };
        self.ranges.iter().map(of).sum()
    }
}

/// The penalties of a model: a random walk over each attribute's bins, a ridge over each one's levels, and one ridge shared by
/// the missing slots of all binned attributes, each of which has too little to tell a strength of its own.
pub(super) fn penalties(features: &[Feature]) -> Vec<Penalty> {
    let mut penalties = Vec::new();
    let mut missing = Vec::new();
    let mut start = 0;
    for feature in features {
        let end = start + feature.slots();
        match &feature.encoder {
            Encoder::Number(_) | Encoder::Date(_) => {
                missing.push(end - 1..end);
                penalties.push(Penalty { form: Form::RandomWalk, ranges: vec![start..end - 1] });
            }
            Encoder::Category(_) | Encoder::Flag | Encoder::List(_) => {
                penalties.push(Penalty { form: Form::Ridge, ranges: vec![start..end] });
            }
        }
        start = end;
    }
    if !missing.is_empty() {
        penalties.push(Penalty { form: Form::Ridge, ranges: missing });
    }
    penalties
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entries_and_quadratic_form_agree() {
        let beta = [0.0, 1.0, 3.0, -2.0, 5.0];
        for form in [Form::Ridge, Form::RandomWalk] {
            let penalty = Penalty { form, ranges: vec![0..3, 3..5] };
            let mut sum = 0.0;
            penalty.entries(|i, j, s| sum += if i == j { 1.0 } else { 2.0 } * s * beta[i] * beta[j]);
            assert_eq!(sum, penalty.quadratic(&beta), "{form:?}");
        }
        assert_eq!(Penalty { form: Form::RandomWalk, ranges: vec![0..3, 3..5] }.rank(), 3.0);
    }

    proptest! {
        #[test]
        fn every_coefficient_has_exactly_one_penalty(
            features in prop::collection::vec(crate::model::made_up::feature(), 0..8),
        ) {
            let all: usize = features.iter().map(Feature::slots).sum();
            let penalties = penalties(&features);
            let mut times = vec![0; all];
            for index in penalties.iter().flat_map(|penalty| penalty.ranges.iter().cloned().flatten()) {
                times[index] += 1;
            }
            prop_assert!(times.iter().all(|times| *times == 1), "{:?}", times);
            let binned = |feature: &Feature| matches!(feature.encoder, Encoder::Number(_) | Encoder::Date(_));
            let any_binned = usize::from(features.iter().any(binned));
            prop_assert_eq!(penalties.len(), features.len() + any_binned);
            for (penalty, feature) in penalties.iter().zip(&features) {
                let expected = if binned(feature) { Form::RandomWalk } else { Form::Ridge };
                prop_assert_eq!(penalty.form, expected);
            }
        }

        #[test]
        fn a_random_walk_leaves_a_common_level_alone(
            beta in prop::collection::vec(-3.0..3.0_f64, 6),
            shift in -3.0..3.0_f64,
        ) {
            let walk = Penalty { form: Form::RandomWalk, ranges: vec![0..6] };
            let moved: Vec<f64> = beta.iter().map(|value| value + shift).collect();
            prop_assert!((walk.quadratic(&moved) - walk.quadratic(&beta)).abs() < 1e-9);
            prop_assert!(walk.quadratic(&beta) >= 0.0);
        }
    }
}

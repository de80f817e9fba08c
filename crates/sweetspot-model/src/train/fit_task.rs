//! One model to be fitted to some rows: the attributes alone, then with interactions.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use ndarray::Array1;
use sweetspot_solver::{
    AdditiveLogistic, Design, EncodedTerm, FittedLogistic, SolverSettings, Tolerance, WarmStart, row_derivatives,
    row_sums, slot_sums,
};

use super::fitted_model::{FittedModel, MainEffectsFit};
use super::interactions::{Interaction, screen_interactions};
use super::parameter_layout::ParameterLayout;
use super::row_classes::RowClasses;
use super::row_counts::every_nth_customer;
use super::training_sample::Sample;
use super::{Progress, TrainError};

/// The maximum number of Newton steps; a fit takes about fifteen.
const MAX_NEWTON_STEPS: u32 = 200;
/// The maximum number of interactions that are tried in one model.
const MAX_INTERACTIONS: usize = 16;

/// Some rows of a sample.
pub(super) struct FitRows {
    /// The terms of base, attributes and hypotheses.
    pub(super) design: Design,
    /// The label of each row, 0 or 1.
    pub(super) labels: Vec<f64>,
    /// Case weights, of all customers of a row together.
    pub(super) weights: Vec<f64>,
    /// The number of customers of each row, above zero.
    pub(super) counts: Vec<u64>,
}

impl FitRows {
    /// The rows whose weight is above zero; with very many customers, each class of equal rows is one.
    pub(super) fn from_weights(sample: &Sample, weights: &[f64]) -> Self {
        match &sample.classes {
            None => Self::single(sample, weights),
            Some(classes) => Self::merged(sample, classes, weights),
        }
    }

    fn single(sample: &Sample, weights: &[f64]) -> Self {
        let rows = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0).map(|(row, _)| row);
        let rows: Vec<usize> = rows.collect();
        let design =
            if rows.len() == sample.design.rows { sample.design.clone() } else { sample.design.select_rows(&rows) };
        let some = |values: &[f64]| rows.iter().filter_map(|row| values.get(*row).copied()).collect();
        let counts = rows.iter().map(|row| included_customers(sample, weights, *row).max(1)).collect();
        Self { design, labels: some(&sample.labels), weights: some(weights), counts }
    }

    fn merged(sample: &Sample, classes: &RowClasses, weights: &[f64]) -> Self {
        let (mut rows, mut counts) = (Vec::with_capacity(classes.ends.len()), Vec::with_capacity(classes.ends.len()));
        for class in classes.iter() {
            let count = class.iter().map(|row| included_customers(sample, weights, *row as usize)).sum();
            if let (Some(first), true) = (class.first(), count > 0) {
                rows.push(*first as usize);
                counts.push(count);
            }
        }
        let labels = rows.iter().filter_map(|row| sample.labels.get(*row).copied()).collect();
        // A product has the same bits however the customers are divided among rows.
        let weight = |(row, count): (&usize, &u64)| sample.unit_weights.get(*row).map(|weight| weight * *count as f64);
        let weights = rows.iter().zip(&counts).filter_map(weight).collect();
        Self { design: sample.design.select_rows(&rows), labels, weights, counts }
    }

    /// The number of customers of each row.
    pub(super) fn row_counts(&self) -> Vec<f64> {
        self.counts.iter().map(|count| *count as f64).collect()
    }

    /// The number of customers.
    pub(super) fn customers(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The rows of every `step`-th customer, and their indices.
    pub(super) fn every_nth(&self, step: u64) -> (Vec<usize>, Self) {
        let rows = self.counts.iter().copied().enumerate();
        let (rows, counts): (Vec<usize>, Vec<u64>) = every_nth_customer(rows, step).unzip();
        let weight = |(row, picked): (&usize, &u64)| {
            let all = self.counts.get(*row).copied().unwrap_or(1);
            self.weights.get(*row).map(|weight| weight / all as f64 * *picked as f64)
        };
        let weights = rows.iter().zip(&counts).filter_map(weight).collect();
        let labels = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
        let thinned = Self { design: self.design.select_rows(&rows), labels, weights, counts };
        (rows, thinned)
    }
}

/// The number of customers of a row that take part, by their share of the row's weight.
fn included_customers(sample: &Sample, weights: &[f64], row: usize) -> u64 {
    let weight = weights.get(row).copied().unwrap_or(0.0);
    let unit = sample.unit_weights.get(row).copied().unwrap_or(1.0);
    (weight / unit).round() as u64
}

/// A model to be fitted to some rows.
#[derive(Clone, Copy)]
pub(super) struct FitTask<'a> {
    pub(super) sample: &'a Sample,
    /// The parameters of the base, the attributes and the hypotheses.
    pub(super) layout: &'a ParameterLayout,
    pub(super) rows: &'a FitRows,
    pub(super) progress: &'a dyn Progress,
}

impl FitTask<'_> {
    /// A rough fit with each promising interaction.
    pub(super) fn fit_draft(&self, warm_model: Option<&FittedModel>) -> Result<FittedModel, TrainError> {
        let main_effects =
            warm_model.map_or_else(|| self.fit_main_effects(), |model| Ok(model.main_effects.clone()))?;
        let pairs = self.candidate_interactions(&main_effects);
        let start = warm_model.map_or_else(|| main_effects.start.clone(), |model| model.attribute_start(self.sample));
        let start = self.warm_start(&pairs, start, warm_model);
        self.solve_with_interactions(pairs, start, Tolerance::Draft, main_effects)
    }

    /// A rough fit without interactions.
    fn fit_main_effects(&self) -> Result<MainEffectsFit, TrainError> {
        // With few customers, there may be no base rate to start from.
        let start = self.sample.is_few().then(|| self.layout.start_at_priors());
        let FittedLogistic { parameters, smoothing, effects, .. } =
            self.solve(&self.rows.design, self.layout, start, Tolerance::Draft)?;
        Ok(MainEffectsFit { start: WarmStart { parameters, smoothing }, effects })
    }

    /// The starting point with these interactions: each at its cells in another model, or at zero.
    pub(super) fn warm_start(
        &self,
        pairs: &[Interaction],
        mut start: WarmStart,
        warm_model: Option<&FittedModel>,
    ) -> WarmStart {
        for pair in pairs {
            if let Some((cells, smoothing)) = warm_model.and_then(|model| model.interaction_start(self.sample, pair)) {
                start.parameters.extend(cells);
                start.smoothing.push(smoothing);
            } else {
                start.parameters.extend(std::iter::repeat_n(0.0, pair.cell_count()));
                start.smoothing.push(pair.smoothing);
            }
        }
        start
    }

    /// The fit with these interactions. `alone` is stored in the result.
    pub(super) fn solve_with_interactions(
        &self,
        interactions: Vec<Interaction>,
        start: WarmStart,
        precision: Tolerance,
        main_effects: MainEffectsFit,
    ) -> Result<FittedModel, TrainError> {
        let codes: Vec<EncodedTerm> =
            interactions.iter().filter_map(|pair| pair.encode_rows(&self.rows.design)).collect();
        let design = self.rows.design.with_terms(codes);
        let layout = self.layout.with_interactions(interactions.iter().map(Interaction::cell_count));
        let fitted = self.solve(&design, &layout, Some(start), precision)?;
        let row_counts = self.rows.row_counts();
        Ok(FittedModel { interactions, design, row_counts, layout, solution: fitted, main_effects })
    }

    /// Fits exactly these terms.
    pub(super) fn solve(
        &self,
        design: &Design,
        layout: &ParameterLayout,
        start: Option<WarmStart>,
        precision: Tolerance,
    ) -> Result<FittedLogistic, TrainError> {
        let stop = || self.progress.is_cancelled();
        let estimator = AdditiveLogistic(SolverSettings {
            blocks: &layout.blocks,
            smoothing_count: layout.smoothing_count,
            offset: &[],
            case_weights: &self.rows.weights,
            warm_start: start,
            max_iterations: MAX_NEWTON_STEPS,
            tolerance: precision,
            is_cancelled: &stop,
        });
        let dataset = DatasetBase::new(design, Array1::from(self.rows.labels.clone()));
        Ok(estimator.fit(&dataset)?)
    }

    /// Interactions that are promising by the residuals of the attributes alone.
    fn candidate_interactions(&self, main_effects: &MainEffectsFit) -> Vec<Interaction> {
        let FitRows { design, labels, weights, counts: _ } = self.rows;
        let derivatives = row_derivatives(labels, weights, &row_sums(design, &main_effects.effects));
        // All customers are counted, so that each fold has the same groups.
        let counts = slot_sums(&self.sample.design, &self.sample.weights);
        screen_interactions(
            design,
            &self.sample.layout.blocks,
            &counts,
            (&derivatives.0, &derivatives.1),
            MAX_INTERACTIONS,
        )
    }
}

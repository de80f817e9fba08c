//! Checks of how good a version is, alone and against the live one.

use std::f64::consts::FRAC_2_PI;

use sweetspot_core::RowWeights;
use sweetspot_core::normal::NINETY_FIVE_PERCENT;
use sweetspot_model::{Evaluation, LeaveValuesOut, Tenth};

use super::words::{describe_difference, figure, threshold};
use super::{Facts, Finding};

const NOT_JUDGED: &str = "it was not judged, because too few customers are ideal, or too few are not";

/// Whether the version is better than the base rate beyond doubt.
pub(super) fn signal(facts: &Facts<'_>, least: f64) -> Finding {
    let evaluation = facts.challenger.evaluation();
    if evaluation.rows == 0 {
        return Finding::Fails(NOT_JUDGED.to_owned());
    }
    let passes = evaluation.auc_low > least;
    let lies = if passes { "lies" } else { "does not lie" };
    Finding::new(!passes, format!("{}, which {lies} above min_auc_low {}", area(&evaluation), threshold(least)))
}

/// Whether the AUC is as large as somebody asks.
pub(super) fn min_auc(facts: &Facts<'_>, least: f64) -> Finding {
    let evaluation = facts.challenger.evaluation();
    if evaluation.rows == 0 {
        return Finding::DoesNotApply(NOT_JUDGED.to_owned());
    }
    let passes = evaluation.auc >= least;
    let is = if passes { "at least" } else { "below" };
    Finding::new(!passes, format!("{} is {is} min_auc {}", area(&evaluation), threshold(least)))
}

/// Whether the figures hold for rows whose value of an attribute the model has not seen.
pub(super) fn leave_values_out(facts: &Facts<'_>, _: f64) -> Finding {
    let Some(found) = facts.challenger.evaluation().leave_values_out else {
        return Finding::DoesNotApply("no attribute has many values that recur in a few rows each".to_owned());
    };
    let LeaveValuesOut { attribute, rows, auc, auc_with_values, disagrees, .. } = found;
    let judged = if disagrees {
        "a drop beyond chance: such rows look like one account, unless independent_rows is set"
    } else {
        "no drop beyond chance"
    };
    Finding::new(
        disagrees,
        format!(
            "the AUC is {} where all rows with a value of {attribute:?} are left out together, and {} where only the row is \
             ({rows} rows), {judged}",
            figure(auc),
            figure(auc_with_values)
        ),
    )
}

/// Whether the AUC is lower than that of the live version, beyond chance.
pub(super) fn auc_drop(facts: &Facts<'_>, most: f64) -> Finding {
    let Some(((live, _), comparison)) = facts.champion.zip(facts.comparison) else { return not_compared(facts) };
    let auc = &comparison.auc;
    let fails = auc.high < -most;
    let judged = if fails { "a drop beyond" } else { "no drop beyond" };
    Finding::new(
        fails,
        format!("{}, {judged} max_auc_drop {}", describe_difference("AUC", auc, comparison, live), threshold(most)),
    )
}

/// Whether the log-loss is higher than that of the live version, beyond chance.
pub(super) fn log_loss_rise(facts: &Facts<'_>, most: f64) -> Finding {
    let Some(((live, _), comparison)) = facts.champion.zip(facts.comparison) else { return not_compared(facts) };
    let Some(log_loss) = &comparison.log_loss else {
        return Finding::DoesNotApply(
            "an earlier release judged one of the versions and kept no predictions".to_owned(),
        );
    };
    let fails = log_loss.low > most;
    let judged = if fails { "a rise beyond" } else { "no rise beyond" };
    let told = describe_difference("log-loss", log_loss, comparison, live);
    Finding::new(fails, format!("{told}, {judged} max_log_loss_rise {}", threshold(most)))
}

/// Whether probabilities can be taken at their word: the calibration error, less what chance alone makes of right ones.
pub(super) fn calibration(facts: &Facts<'_>, most: f64) -> Finding {
    let evaluation = facts.challenger.evaluation();
    if evaluation.rows == 0 {
        return Finding::DoesNotApply(NOT_JUDGED.to_owned());
    }
    let details = facts.challenger.evaluation_details();
    let chance = error_of_right_probabilities(&details.tenths, details.weights);
    let fails = evaluation.calibration_error - chance > most;
    let judged = if fails { "more than" } else { "within" };
    Finding::new(
        fails,
        format!(
            "the calibration error is {}, {judged} max_calibration_error {} and the {} that right probabilities may show by chance",
            figure(evaluation.calibration_error),
            threshold(most),
            figure(chance)
        ),
    )
}

/// What the calibration error of right probabilities stays below in 97.5 of 100 cases. Of a tenth with `n` customers at the rate
/// `p` the distance of predicted and observed rate is nearly half-normal: of mean √(2/π) σ and variance (1 − 2/π) σ², where
/// σ² = p (1 − p) / n. Of resampled rows, whose own probability is q, the corrected rate has σ² = (p (1 − p))² / (q (1 − q) n).
fn error_of_right_probabilities(tenths: &[Tenth], weights: RowWeights) -> f64 {
    let weight = |tenth: &Tenth| weights.total(tenth.ideal, tenth.customers);
    let all = tenths.iter().map(weight).sum::<f64>();
    let (mut mean, mut variance) = (0.0, 0.0);
    for tenth in tenths.iter().filter(|tenth| tenth.customers > 0) {
        let (share, p) = (weight(tenth) / all, tenth.mean_probability);
        let square = share * share * p * (1.0 - p) * weights.inflation(p) / tenth.customers as f64;
        mean += (FRAC_2_PI * square).sqrt();
        variance += (1.0 - FRAC_2_PI) * square;
    }
    mean + NINETY_FIVE_PERCENT * variance.sqrt()
}

fn area(evaluation: &Evaluation) -> String {
    let Evaluation { auc, auc_low, auc_high, .. } = evaluation;
    format!("the AUC {} (95% interval {} to {})", figure(*auc), figure(*auc_low), figure(*auc_high))
}

fn not_compared(facts: &Facts<'_>) -> Finding {
    match facts.champion {
        None => Finding::without_live_version(),
        Some((live, _)) => Finding::DoesNotApply(format!("this version or live version {live} was not judged")),
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;
    use sweetspot_model::ModelArtifact;

    use super::*;
    use crate::stored::{self, example};

    #[test]
    fn a_version_whose_figures_hold_only_for_known_values_fails() {
        let mut artifact = example::artifact();
        let ask = |stored: &stored::ModelArtifact| {
            let challenger = &ModelArtifact::from_bytes(&stored.encode_to_vec()).unwrap();
            leave_values_out(&Facts { challenger, champion: None, comparison: None }, 0.0)
        };
        assert!(matches!(ask(&artifact), Finding::DoesNotApply(_)));
        let found = artifact.evaluation.get_or_insert_default().leave_values_out.get_or_insert_default();
        (found.attribute, found.auc, found.auc_with_values) = ("revenue".to_owned(), 0.6, 0.8);
        assert!(matches!(ask(&artifact), Finding::Passes(_)));
        artifact.evaluation.get_or_insert_default().leave_values_out.get_or_insert_default().disagrees = true;
        let Finding::Fails(why) = ask(&artifact) else { panic!("it passes") };
        assert!(why.contains("a value of \"revenue\" are left out together, and 0.8"), "{why}");
    }

    #[test]
    fn right_probabilities_rarely_show_more_than_chance_allows() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let rates = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9];
        let tenth = |rate: f64| Tenth { customers: 80, ideal: 0, mean_probability: rate };
        let most = error_of_right_probabilities(&rates.map(tenth), RowWeights::EVEN);
        let mut error = || {
            let distance = |rate: &f64| {
                let ideal = (0..80).filter(|_| rng.random::<f64>() < *rate).count();
                (ideal as f64 / 80.0 - rate).abs() / 10.0
            };
            rates.iter().map(distance).sum::<f64>()
        };
        let beyond = (0..2000).filter(|_| error() > most).count();
        assert!((20..90).contains(&beyond), "{beyond} of 2000 beyond {most}");
        assert_eq!(error_of_right_probabilities(&[], RowWeights::EVEN), 0.0);
    }
}

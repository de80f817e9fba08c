//! Checks of a version's metrics, alone and against the live version.

use std::f64::consts::FRAC_2_PI;

use sweetspot_core::SamplingWeights;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_model::{Decile, Evaluation, LeaveValuesOut};

use super::explanations::{describe_difference, format_metric, format_threshold};
use super::{CheckInput, CheckOutcome};

const NOT_EVALUATED: &str = "it was not judged, because too few customers are ideal, or too few are not";

/// Whether the version is better than the base rate, beyond chance.
pub(super) fn signal(input: &CheckInput<'_>, min: f64) -> CheckOutcome {
    let evaluation = input.challenger.evaluation();
    if evaluation.rows == 0 {
        return CheckOutcome::Fail(NOT_EVALUATED.to_owned());
    }
    let passes = evaluation.auc_low > min;
    let verdict = if passes { "lies" } else { "does not lie" };
    CheckOutcome::new(
        !passes,
        format!("{}, which {verdict} above min_auc_low {}", describe_auc(&evaluation), format_threshold(min)),
    )
}

/// Whether the AUC is at least the threshold.
pub(super) fn min_auc(input: &CheckInput<'_>, min: f64) -> CheckOutcome {
    let evaluation = input.challenger.evaluation();
    if evaluation.rows == 0 {
        return CheckOutcome::NotApplicable(NOT_EVALUATED.to_owned());
    }
    let passes = evaluation.auc >= min;
    let relation = if passes { "at least" } else { "below" };
    CheckOutcome::new(!passes, format!("{} is {relation} min_auc {}", describe_auc(&evaluation), format_threshold(min)))
}

/// Whether the metrics hold for rows with an attribute value that the model has not seen.
pub(super) fn leave_values_out(input: &CheckInput<'_>, _: f64) -> CheckOutcome {
    let Some(found) = input.challenger.evaluation().leave_values_out else {
        return CheckOutcome::NotApplicable("no attribute has many values that recur in a few rows each".to_owned());
    };
    let LeaveValuesOut { attribute, rows, auc, auc_with_values, disagrees, .. } = found;
    let verdict = if disagrees {
        "a drop beyond chance: such rows look like one account, unless independent_rows is set"
    } else {
        "no drop beyond chance"
    };
    CheckOutcome::new(
        disagrees,
        format!(
            "the AUC is {} where all rows with a value of {attribute:?} are left out together, and {} where only the row is \
             ({rows} rows), {verdict}",
            format_metric(auc),
            format_metric(auc_with_values)
        ),
    )
}

/// Whether the AUC is lower than that of the live version, beyond chance.
pub(super) fn auc_drop(input: &CheckInput<'_>, max: f64) -> CheckOutcome {
    let Some(((live, _), comparison)) = input.champion.zip(input.comparison) else { return without_comparison(input) };
    let auc = &comparison.auc;
    let fails = auc.high < -max;
    let verdict = if fails { "a drop beyond" } else { "no drop beyond" };
    CheckOutcome::new(
        fails,
        format!(
            "{}, {verdict} max_auc_drop {}",
            describe_difference("AUC", auc, comparison, live),
            format_threshold(max)
        ),
    )
}

/// Whether the log-loss is higher than that of the live version, beyond chance.
pub(super) fn log_loss_rise(input: &CheckInput<'_>, max: f64) -> CheckOutcome {
    let Some(((live, _), comparison)) = input.champion.zip(input.comparison) else { return without_comparison(input) };
    let Some(log_loss) = &comparison.log_loss else {
        return CheckOutcome::NotApplicable(
            "an earlier release judged one of the versions and kept no predictions".to_owned(),
        );
    };
    let fails = log_loss.low > max;
    let verdict = if fails { "a rise beyond" } else { "no rise beyond" };
    let difference = describe_difference("log-loss", log_loss, comparison, live);
    CheckOutcome::new(fails, format!("{difference}, {verdict} max_log_loss_rise {}", format_threshold(max)))
}

/// Whether the calibration error exceeds the threshold by more than exact probabilities would show by chance.
pub(super) fn calibration(input: &CheckInput<'_>, max: f64) -> CheckOutcome {
    let evaluation = input.challenger.evaluation();
    if evaluation.rows == 0 {
        return CheckOutcome::NotApplicable(NOT_EVALUATED.to_owned());
    }
    let details = input.challenger.evaluation_details();
    let chance = calibration_error_by_chance(&details.deciles, details.weights);
    let fails = evaluation.calibration_error - chance > max;
    let verdict = if fails { "more than" } else { "within" };
    CheckOutcome::new(
        fails,
        format!(
            "the calibration error is {}, {verdict} max_calibration_error {} and the {} that right probabilities may show by chance",
            format_metric(evaluation.calibration_error),
            format_threshold(max),
            format_metric(chance)
        ),
    )
}

/// The upper bound of the calibration error of exact probabilities in 97.5% of cases. In a decile with `n` customers
/// and rate `p`, the distance between predicted and observed rate is approximately half-normal, with mean √(2/π) σ and
/// variance (1 − 2/π) σ², where σ² = p (1 − p) / n. For resampled rows with probability q in the sample, the corrected
/// rate has σ² = (p (1 − p))² / (q (1 − q) n).
fn calibration_error_by_chance(tenths: &[Decile], weights: SamplingWeights) -> f64 {
    let weight = |tenth: &Decile| weights.total(tenth.ideal, tenth.customers);
    let all = tenths.iter().map(weight).sum::<f64>();
    let (mut mean, mut variance) = (0.0, 0.0);
    for tenth in tenths.iter().filter(|tenth| tenth.customers > 0) {
        let (share, p) = (weight(tenth) / all, tenth.mean_probability);
        let square = share * share * p * (1.0 - p) * weights.variance_inflation(p) / tenth.customers as f64;
        mean += (FRAC_2_PI * square).sqrt();
        variance += (1.0 - FRAC_2_PI) * square;
    }
    mean + NINETY_FIVE_PERCENT * variance.sqrt()
}

fn describe_auc(evaluation: &Evaluation) -> String {
    let Evaluation { auc, auc_low, auc_high, .. } = evaluation;
    format!(
        "the AUC {} (95% interval {} to {})",
        format_metric(*auc),
        format_metric(*auc_low),
        format_metric(*auc_high)
    )
}

fn without_comparison(input: &CheckInput<'_>) -> CheckOutcome {
    match input.champion {
        None => CheckOutcome::without_live_version(),
        Some((live, _)) => CheckOutcome::NotApplicable(format!("this version or live version {live} was not judged")),
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
    fn a_version_that_only_ranks_known_values_fails() {
        let mut artifact = example::artifact();
        let ask = |stored: &stored::ModelArtifact| {
            let challenger = &ModelArtifact::from_bytes(&stored.encode_to_vec()).unwrap();
            leave_values_out(&CheckInput { challenger, champion: None, comparison: None }, 0.0)
        };
        assert!(matches!(ask(&artifact), CheckOutcome::NotApplicable(_)));
        let found = artifact.evaluation.get_or_insert_default().leave_values_out.get_or_insert_default();
        (found.attribute, found.auc, found.auc_with_values) = ("revenue".to_owned(), 0.6, 0.8);
        assert!(matches!(ask(&artifact), CheckOutcome::Pass(_)));
        artifact.evaluation.get_or_insert_default().leave_values_out.get_or_insert_default().disagrees = true;
        let CheckOutcome::Fail(why) = ask(&artifact) else { panic!("it passes") };
        assert!(why.contains("a value of \"revenue\" are left out together, and 0.8"), "{why}");
    }

    #[test]
    fn calibrated_probabilities_rarely_exceed_the_error_by_chance() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let rates = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9];
        let tenth = |rate: f64| Decile { customers: 80, ideal: 0, mean_probability: rate };
        let most = calibration_error_by_chance(&rates.map(tenth), SamplingWeights::EVEN);
        let mut error = || {
            let distance = |rate: &f64| {
                let ideal = (0..80).filter(|_| rng.random::<f64>() < *rate).count();
                (ideal as f64 / 80.0 - rate).abs() / 10.0
            };
            rates.iter().map(distance).sum::<f64>()
        };
        let beyond = (0..2000).filter(|_| error() > most).count();
        assert!((20..90).contains(&beyond), "{beyond} of 2000 beyond {most}");
        assert_eq!(calibration_error_by_chance(&[], SamplingWeights::EVEN), 0.0);
    }
}

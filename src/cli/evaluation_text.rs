//! An evaluation as text.

use sweetspot_core::customer_count_phrase;
use sweetspot_proto::v1::{DecileEvaluation, Evaluation, LeaveValuesOut, NewestEvaluation, TierEvaluation};

use super::output::plural;
use crate::messages::words::tier_letter;

/// A title and its lines.
type EvaluationSection = (String, Vec<String>);

/// Returns the sections of an evaluation; those without data have no lines.
///
/// `learned_from` is the number of customers that the version learned from, of whom all or some were evaluated; 0 if it
/// is unknown.
pub(super) fn evaluation_sections(evaluation: &Evaluation, learned_from: u64) -> Vec<EvaluationSection> {
    let newest = evaluation.newest.as_ref();
    vec![
        ("Quality, measured on customers the model had not seen".to_owned(), headline(evaluation, learned_from)),
        (
            "Quality of a fit to the older customers, measured on the newest".to_owned(),
            newest.map(holdout_lines).unwrap_or_default(),
        ),
        ("By decile of the customers, best first".to_owned(), decile_lines(evaluation)),
        ("By tier".to_owned(), tier_lines(&evaluation.tiers)),
    ]
}

fn headline(evaluation: &Evaluation, learned_from: u64) -> Vec<String> {
    let Evaluation { rows, accounts, positives, auc, auc_low, auc_high, log_loss, brier, calibration_error, .. } =
        evaluation;
    if *rows == 0 {
        return vec![evaluation.verdict.clone()].into_iter().filter(|verdict| !verdict.is_empty()).collect();
    }
    // If accounts have several rows, rows are not customers.
    let evaluated = if (1..*rows).contains(accounts) {
        customer_count_phrase(*rows, *accounts)
    } else if *rows < learned_from {
        format!("{rows} of the {}", plural(learned_from, "customer", "customers"))
    } else {
        plural(*rows, "customer", "customers")
    };
    let mut lines = vec![
        format!("judged              {evaluated}, {positives} of them ideal"),
        format!("AUC                 {auc:.3}, 95% interval {auc_low:.3} to {auc_high:.3}"),
        format!("log-loss            {log_loss:.4}"),
        format!("Brier score         {brier:.4}"),
        format!("calibration error   {calibration_error:.4}"),
        format!("lift, top decile    {:.2} times the average", evaluation.lift_at_top_decile),
    ];
    if let Some(share) = evaluation.value_captured_at_top_quintile {
        lines.push(format!("value, top fifth    {} of all value", sweetspot_core::percent(share)));
    }
    if let Some(LeaveValuesOut { attribute, auc, disagrees: true, .. }) = &evaluation.leave_values_out {
        lines.push(format!("AUC, values unseen  {auc:.3}, rows of a value of {attribute:?} left out together"));
    }
    if !evaluation.verdict.is_empty() {
        lines.push(evaluation.verdict.clone());
    }
    lines
}

fn holdout_lines(newest: &NewestEvaluation) -> Vec<String> {
    let NewestEvaluation { from_date, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error } = newest;
    vec![
        format!("judged              {rows} since {from_date}, {positives} of them ideal"),
        format!("AUC                 {auc:.3}, 95% interval {auc_low:.3} to {auc_high:.3}"),
        format!("                    {}", sweetspot_core::ChanceComparison::new(*auc_low, *auc_high).description()),
        format!("log-loss            {log_loss:.4}"),
        format!("calibration error   {calibration_error:.4}"),
    ]
}

fn decile_lines(evaluation: &Evaluation) -> Vec<String> {
    let line = |(index, decile): (usize, &DecileEvaluation)| {
        let (predicted, observed) = (percent(Some(decile.mean_probability)), percent(Some(decile.ideal_rate)));
        format!(
            "{:>6}{:>11}{:>9}{predicted:>12}{observed:>11}{:>8.2}",
            index + 1,
            decile.customers,
            decile.ideal,
            decile.lift
        )
    };
    with_header(
        "decile  customers    ideal   predicted   observed    lift",
        evaluation.deciles.iter().enumerate().map(line),
    )
}

fn tier_lines(tiers: &[TierEvaluation]) -> Vec<String> {
    let line = |tier: &TierEvaluation| {
        let [precision, recall, precision_so_far, recall_so_far] =
            [tier.precision, tier.recall, tier.precision_so_far, tier.recall_so_far].map(percent);
        let (letter, customers, ideal) = (tier_letter(tier.tier()), tier.customers, tier.ideal);
        format!(
            "{letter:<5}{customers:>12}{ideal:>9}{precision:>12}{recall:>11}   {precision_so_far:>9} / {recall_so_far:>7}"
        )
    };
    with_header("tier    customers    ideal   precision     recall   precision / recall so far", tiers.iter().map(line))
}

fn with_header(header: &str, lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let header = (lines.len() > 0).then(|| header.to_owned());
    header.into_iter().chain(lines).collect()
}

fn percent(share: Option<f64>) -> String {
    let share_text = |share: f64| match share {
        _ if share > 0.0 && share < 0.0005 => "<0.1%".to_owned(),
        _ if (0.9995..1.0).contains(&share) => ">99.9%".to_owned(),
        _ => format!("{:.1}%", share * 100.0),
    };
    share.map_or_else(|| "-".to_owned(), share_text)
}

//! Checks of a version's attributes, against the live version.

use std::collections::BTreeMap;

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_model::{AttributeSummary, ModelArtifact};

use super::explanations::{format_metric, format_names, format_percent, format_threshold};
use super::{CheckInput, CheckOutcome};

/// The minimum spread of an attribute in use, in log-odds: with a smaller spread its effect on scores is negligible.
const MIN_SPREAD: f64 = 0.05;

/// Whether the live version uses an attribute that this version does not have.
pub(super) fn lost_attributes(input: &CheckInput<'_>, max: f64) -> CheckOutcome {
    let Some((live, champion)) = input.champion else { return CheckOutcome::without_live_version() };
    let known = attributes_by_name(input.challenger);
    let lost = |one: &&AttributeSummary| one.total_spread > max && !known.contains_key(&one.attribute);
    let all = champion.attributes();
    let mut lost: Vec<&AttributeSummary> = all.iter().filter(lost).collect();
    lost.sort_by(|a, b| b.total_spread.total_cmp(&a.total_spread));
    let Some(first) = lost.first() else {
        return CheckOutcome::Pass(format!(
            "every attribute of live version {live} that spreads by more than max_lost_spread {} is still present",
            format_threshold(max)
        ));
    };
    let names: Vec<String> = lost.iter().map(|one| one.attribute.clone()).collect();
    CheckOutcome::Fail(format!(
        "live version {live} uses {}, which this version does not have (spread of up to {} log-odds, beyond max_lost_spread {})",
        format_names(&names),
        format_metric(first.total_spread),
        format_threshold(max)
    ))
}

/// Whether an attribute that the live version uses is missing more often than before, beyond chance.
pub(super) fn missing_values(input: &CheckInput<'_>, max: f64) -> CheckOutcome {
    let Some((live, champion)) = input.champion else { return CheckOutcome::without_live_version() };
    let (before, after) = (customer_count(champion), customer_count(input.challenger));
    let known = attributes_by_name(input.challenger);
    let mut increases = Vec::new();
    for one in champion.attributes().into_iter().filter(|one| one.total_spread >= MIN_SPREAD) {
        let Some(now) = known.get(&one.attribute) else { continue };
        let (was, is) = (one.missing_share, now.missing_share);
        let margin = NINETY_FIVE_PERCENT * (was * (1.0 - was) / before + is * (1.0 - is) / after).sqrt();
        if is - was - margin > max {
            increases.push((is - was, was, is, one.attribute));
        }
    }
    increases.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some((_, was, is, first)) = increases.first() else {
        return CheckOutcome::Pass(format!(
            "no attribute that live version {live} uses is missing more often, beyond chance and max_missing_change {}",
            format_threshold(max)
        ));
    };
    let others: Vec<String> = increases.iter().skip(1).map(|(.., name)| name.clone()).collect();
    let also = if others.is_empty() { String::new() } else { format!("; also {}", format_names(&others)) };
    CheckOutcome::Fail(format!(
        "{} is missing for {} of the customers against {} in live version {live}, beyond chance and max_missing_change {}{also}",
        format_names(std::slice::from_ref(first)),
        format_percent(*is),
        format_percent(*was),
        format_threshold(max)
    ))
}

fn attributes_by_name(model: &ModelArtifact) -> BTreeMap<String, AttributeSummary> {
    model.attributes().into_iter().map(|one| (one.attribute.clone(), one)).collect()
}

/// The number of labelled customers, at least one.
fn customer_count(model: &ModelArtifact) -> f64 {
    let card = model.label_card();
    (card.ideal + card.not_ideal).max(1) as f64
}

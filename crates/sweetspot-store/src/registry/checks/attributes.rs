//! Checks of what a version knows of an account, against the live one.

use std::collections::BTreeMap;

use sweetspot_core::normal::NINETY_FIVE_PERCENT;
use sweetspot_model::{AttributeSummary, ModelArtifact};

use super::words::{figure, names, percent, threshold};
use super::{Facts, Finding};

/// Attributes whose effects spread by less, in log-odds, are not used: nobody would score differently without them.
const MIN_SPREAD: f64 = 0.05;

/// Whether the live version uses an attribute that this one does not have.
pub(super) fn lost_attributes(facts: &Facts<'_>, most: f64) -> Finding {
    let Some((live, champion)) = facts.champion else { return Finding::without_live_version() };
    let known = by_name(facts.challenger);
    let lost = |one: &&AttributeSummary| one.whole_spread > most && !known.contains_key(&one.attribute);
    let all = champion.attributes();
    let mut lost: Vec<&AttributeSummary> = all.iter().filter(lost).collect();
    lost.sort_by(|a, b| b.whole_spread.total_cmp(&a.whole_spread));
    let Some(first) = lost.first() else {
        return Finding::Passes(format!(
            "every attribute of live version {live} that spreads by more than max_lost_spread {} is still present",
            threshold(most)
        ));
    };
    let told: Vec<String> = lost.iter().map(|one| one.attribute.clone()).collect();
    Finding::Fails(format!(
        "live version {live} uses {}, which this version does not have (spread of up to {} log-odds, beyond max_lost_spread {})",
        names(&told),
        figure(first.whole_spread),
        threshold(most)
    ))
}

/// Whether an attribute that the live version uses is missing more often than it was, beyond chance.
pub(super) fn missing_values(facts: &Facts<'_>, most: f64) -> Finding {
    let Some((live, champion)) = facts.champion else { return Finding::without_live_version() };
    let (before, since) = (customers(champion), customers(facts.challenger));
    let known = by_name(facts.challenger);
    let mut emptier = Vec::new();
    for one in champion.attributes().into_iter().filter(|one| one.whole_spread >= MIN_SPREAD) {
        let Some(now) = known.get(&one.attribute) else { continue };
        let (was, is) = (one.missing_share, now.missing_share);
        let reach = NINETY_FIVE_PERCENT * (was * (1.0 - was) / before + is * (1.0 - is) / since).sqrt();
        if is - was - reach > most {
            emptier.push((is - was, was, is, one.attribute));
        }
    }
    emptier.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some((_, was, is, first)) = emptier.first() else {
        return Finding::Passes(format!(
            "no attribute that live version {live} uses is missing more often, beyond chance and max_missing_change {}",
            threshold(most)
        ));
    };
    let others: Vec<String> = emptier.iter().skip(1).map(|(.., name)| name.clone()).collect();
    let also = if others.is_empty() { String::new() } else { format!("; also {}", names(&others)) };
    Finding::Fails(format!(
        "{} is missing for {} of the customers against {} in live version {live}, beyond chance and max_missing_change {}{also}",
        names(std::slice::from_ref(first)),
        percent(*is),
        percent(*was),
        threshold(most)
    ))
}

fn by_name(model: &ModelArtifact) -> BTreeMap<String, AttributeSummary> {
    model.attributes().into_iter().map(|one| (one.attribute.clone(), one)).collect()
}

/// Labelled customers, at least one.
fn customers(model: &ModelArtifact) -> f64 {
    let card = model.label_card();
    (card.ideal + card.not_ideal).max(1) as f64
}

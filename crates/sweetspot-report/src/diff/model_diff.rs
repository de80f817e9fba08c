//! Differences between two models.

use std::collections::BTreeMap;

use sweetspot_core::Tier;
use sweetspot_model::{Evaluation, ModelArtifact};

use super::{ProfileDifference, addition_or_removal, effect_diff, new_change};
use crate::format::{format_count, format_number, format_percent};

/// The maximum number of effects to show.
const MAX_EFFECTS: usize = 5;
/// Effects that change by less, in log-odds, are not shown: they are too small to matter for any score.
pub(super) const MIN_EFFECT: f64 = 0.05;

type NumberedModel<'a> = Option<(u64, &'a ModelArtifact)>;

/// All differences.
pub(super) fn differences(from: NumberedModel<'_>, to: NumberedModel<'_>) -> Vec<ProfileDifference> {
    let (Some((old_number, old)), Some((new_number, new))) = (from, to) else {
        let number_text = |version: NumberedModel<'_>| version.map(|(number, _)| number.to_string());
        return match (number_text(from), number_text(to)) {
            (Some(number), None) => vec![addition_or_removal(
                false,
                "model",
                &number,
                format!("Model version {number} was part of the profile; no version is now."),
            )],
            (None, Some(number)) => vec![addition_or_removal(
                true,
                "model",
                &number,
                format!("Model version {number} is part of the profile; no version was before."),
            )],
            (Some(_), Some(_)) | (None, None) => Vec::new(),
        };
    };
    if old_number == new_number {
        return Vec::new();
    }
    let text = format!("The model version is {new_number} instead of {old_number}.");
    let mut found = vec![new_change("model", &new_number.to_string(), text)];
    found.extend(attributes(old, new));
    found.extend(tiers(old, new));
    found.extend(base_rate(old, new));
    found.extend(auc(&old.evaluation(), &new.evaluation()));
    found.extend(effects(old, new));
    found.extend(effect_diff::differences(old, new));
    found
}

/// The total spread of each attribute, by name.
fn spreads(model: &ModelArtifact) -> BTreeMap<String, f64> {
    model.attributes().into_iter().map(|attribute| (attribute.attribute, attribute.total_spread)).collect()
}

fn attributes(old: &ModelArtifact, new: &ModelArtifact) -> Vec<ProfileDifference> {
    let (old, new) = (spreads(old), spreads(new));
    let removed = old.keys().filter(|name| !new.contains_key(*name));
    let removed = removed
        .map(|name| addition_or_removal(false, "attribute", name, format!("The model no longer uses {name:?}.")));
    let added = new.keys().filter(|name| !old.contains_key(*name));
    let added = added.map(|name| {
        addition_or_removal(
            true,
            "attribute",
            name,
            format!("The model now uses {name:?}, which it did not use before."),
        )
    });
    removed.chain(added).collect()
}

fn tiers(old: &ModelArtifact, new: &ModelArtifact) -> Vec<ProfileDifference> {
    let (Some(old), Some(new)) = (old.tier_cuts(), new.tier_cuts()) else { return Vec::new() };
    let begins = |((tier, old), new): ((Tier, f64), f64)| {
        let (old, new) = (format_percent(old), format_percent(new));
        let letter = tier.letter();
        (old != new)
            .then(|| new_change("tier", letter, format!("Tier {letter} begins at a fit of {new} instead of {old}.")))
    };
    Tier::ALL.into_iter().zip(old).zip(new).filter_map(begins).collect()
}

fn base_rate(old: &ModelArtifact, new: &ModelArtifact) -> Option<ProfileDifference> {
    let rate_text = |model: &ModelArtifact| {
        let card = model.label_card();
        let labeled = card.ideal + card.not_ideal;
        if labeled == 0 {
            return "no customer was labeled".to_owned();
        }
        format!(
            "{} of {} customers were ideal ({})",
            format_count(card.ideal),
            format_count(labeled),
            format_percent(card.ideal as f64 / labeled as f64)
        ) + &card.base_rate.map_or_else(String::new, |rate| format!(", {} of all accounts", format_percent(rate)))
    };
    let (old, new) = (rate_text(old), rate_text(new));
    (old != new).then(|| new_change("figure", "base rate", format!("At training, {new}; before, {old}.")))
}

fn auc(old: &Evaluation, new: &Evaluation) -> Option<ProfileDifference> {
    let auc_text = |evaluation: &Evaluation| {
        let Evaluation { rows, auc, auc_low, auc_high, .. } = evaluation;
        match rows {
            0 => "not judged".to_owned(),
            rows => format!("{auc:.3} ({auc_low:.3} to {auc_high:.3}, {} customers)", format_count(*rows)),
        }
    };
    let (old, new) = (auc_text(old), auc_text(new));
    (old != new).then(|| new_change("figure", "AUC", format!("The AUC out of fold is {new} instead of {old}.")))
}

/// The attributes of both versions whose total spread changed, the largest change first.
fn effects(old: &ModelArtifact, new: &ModelArtifact) -> Vec<ProfileDifference> {
    let new = spreads(new);
    let changes = spreads(old).into_iter().filter_map(|(name, old)| new.get(&name).map(|new| (name, old, *new)));
    let mut changes: Vec<_> = changes.filter(|(_, old, new)| (new - old).abs() >= MIN_EFFECT).collect();
    changes.sort_by(|(_, old, new), (_, other, another)| (another - other).abs().total_cmp(&(new - old).abs()));
    let difference = |(name, old, new): (String, f64, f64)| {
        let more = if new > old { "more" } else { "less" };
        let (old, new) = (format_number(old), format_number(new));
        let text = format!(
            "{name:?} matters {more}: what it adds to the log-odds, interactions included, spreads by {new} instead of {old}."
        );
        new_change("attribute", &name, text)
    };
    changes.into_iter().take(MAX_EFFECTS).map(difference).collect()
}

//! What the model has learned, before and after.

use std::collections::BTreeMap;

use sweetspot_core::Tier;
use sweetspot_model::{Evaluation, ModelArtifact};

use super::{Difference, changed, moved, values};
use crate::words::{count, number, percent};

/// How many effects are told.
const MOST_EFFECTS: usize = 5;
/// Effects that change by less, in log-odds, are not told: nobody would score differently for it.
pub(super) const LEAST_EFFECT: f64 = 0.05;

type Version<'a> = Option<(u64, &'a ModelArtifact)>;

/// Everything that differs.
pub(super) fn differences(from: Version<'_>, to: Version<'_>) -> Vec<Difference> {
    let (Some((old_number, old)), Some((new_number, new))) = (from, to) else {
        let told = |version: Version<'_>| version.map(|(number, _)| number.to_string());
        return match (told(from), told(to)) {
            (Some(number), None) => vec![moved(
                false,
                "model",
                &number,
                format!("Model version {number} was part of the profile; no version is now."),
            )],
            (None, Some(number)) => vec![moved(
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
    let mut found = vec![changed("model", &new_number.to_string(), text)];
    found.extend(attributes(old, new));
    found.extend(tiers(old, new));
    found.extend(base_rate(old, new));
    found.extend(auc(&old.evaluation(), &new.evaluation()));
    found.extend(effects(old, new));
    found.extend(values::differences(old, new));
    found
}

/// How much each attribute matters in all, by its name.
fn spreads(model: &ModelArtifact) -> BTreeMap<String, f64> {
    model.attributes().into_iter().map(|attribute| (attribute.attribute, attribute.whole_spread)).collect()
}

fn attributes(old: &ModelArtifact, new: &ModelArtifact) -> Vec<Difference> {
    let (old, new) = (spreads(old), spreads(new));
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let gone = gone.map(|name| moved(false, "attribute", name, format!("The model no longer uses {name:?}.")));
    let come = new.keys().filter(|name| !old.contains_key(*name));
    let come = come.map(|name| {
        moved(true, "attribute", name, format!("The model now uses {name:?}, which it did not use before."))
    });
    gone.chain(come).collect()
}

fn tiers(old: &ModelArtifact, new: &ModelArtifact) -> Vec<Difference> {
    let (Some(old), Some(new)) = (old.tier_cuts(), new.tier_cuts()) else { return Vec::new() };
    let begins = |((tier, old), new): ((Tier, f64), f64)| {
        let (old, new) = (percent(old), percent(new));
        let letter = tier.letter();
        (old != new)
            .then(|| changed("tier", letter, format!("Tier {letter} begins at a fit of {new} instead of {old}.")))
    };
    Tier::ALL.into_iter().zip(old).zip(new).filter_map(begins).collect()
}

fn base_rate(old: &ModelArtifact, new: &ModelArtifact) -> Option<Difference> {
    let told = |model: &ModelArtifact| {
        let card = model.label_card();
        let of = card.ideal + card.not_ideal;
        if of == 0 {
            return "no customer was labeled".to_owned();
        }
        format!(
            "{} of {} customers were ideal ({})",
            count(card.ideal),
            count(of),
            percent(card.ideal as f64 / of as f64)
        ) + &card.base_rate.map_or_else(String::new, |rate| format!(", {} of all accounts", percent(rate)))
    };
    let (old, new) = (told(old), told(new));
    (old != new).then(|| changed("figure", "base rate", format!("At training, {new}; before, {old}.")))
}

fn auc(old: &Evaluation, new: &Evaluation) -> Option<Difference> {
    let told = |evaluation: &Evaluation| {
        let Evaluation { rows, auc, auc_low, auc_high, .. } = evaluation;
        match rows {
            0 => "not judged".to_owned(),
            rows => format!("{auc:.3} ({auc_low:.3} to {auc_high:.3}, {} customers)", count(*rows)),
        }
    };
    let (old, new) = (told(old), told(new));
    (old != new).then(|| changed("figure", "AUC", format!("The AUC out of fold is {new} instead of {old}.")))
}

/// The attributes of both versions that matter more or less than before, the most changed first.
fn effects(old: &ModelArtifact, new: &ModelArtifact) -> Vec<Difference> {
    let new = spreads(new);
    let both = spreads(old).into_iter().filter_map(|(name, old)| new.get(&name).map(|new| (name, old, *new)));
    let mut both: Vec<_> = both.filter(|(_, old, new)| (new - old).abs() >= LEAST_EFFECT).collect();
    both.sort_by(|(_, old, new), (_, other, another)| (another - other).abs().total_cmp(&(new - old).abs()));
    let told = |(name, old, new): (String, f64, f64)| {
        let more = if new > old { "more" } else { "less" };
        let (old, new) = (number(old), number(new));
        let text = format!(
            "{name:?} matters {more}: what it adds to the log-odds, interactions included, spreads by {new} instead of {old}."
        );
        changed("attribute", &name, text)
    };
    both.into_iter().take(MOST_EFFECTS).map(told).collect()
}

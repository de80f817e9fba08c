//! What one version knows of an account that another does not.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AttributeSummary, ModelArtifact};

/// Effects whose spreads, or shares of missing values, differ by less are the same.
const MIN_CHANGE: f64 = 0.05;

/// An attribute in two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeDifference {
    /// Its name.
    pub attribute: String,
    /// In the champion; nothing: it is gained.
    pub champion: Option<AttributeSummary>,
    /// In the challenger; nothing: it is lost.
    pub challenger: Option<AttributeSummary>,
}

/// The attributes that only one version has, and those of another kind, spread (by 0.05 log-odds) or share of missing values (by
/// 0.05) in the other; by name.
#[must_use]
pub fn attribute_differences(champion: &ModelArtifact, challenger: &ModelArtifact) -> Vec<AttributeDifference> {
    let by_name = |model: &ModelArtifact| -> BTreeMap<String, AttributeSummary> {
        model.attributes().into_iter().map(|one| (one.attribute.clone(), one)).collect()
    };
    let (mut before, mut since) = (by_name(champion), by_name(challenger));
    let names: BTreeSet<String> = before.keys().chain(since.keys()).cloned().collect();
    let difference = |attribute: String| {
        let (champion, challenger) = (before.remove(&attribute), since.remove(&attribute));
        let same = champion.as_ref().zip(challenger.as_ref()).is_some_and(|(a, b)| {
            a.kind == b.kind
                && (a.whole_spread - b.whole_spread).abs() < MIN_CHANGE
                && (a.missing_share - b.missing_share).abs() < MIN_CHANGE
        });
        (!same).then_some(AttributeDifference { attribute, champion, challenger })
    };
    names.into_iter().filter_map(difference).collect()
}

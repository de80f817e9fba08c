//! The differences between the attributes of two versions.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AttributeSummary, ModelArtifact};

/// The minimum difference of total spreads, in log-odds, or of shares of missing values, that is reported.
const MIN_CHANGE: f64 = 0.05;

/// An attribute in two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeDifference {
    /// The attribute's name.
    pub attribute: String,
    /// The attribute in the champion; `None` if the challenger adds it.
    pub champion: Option<AttributeSummary>,
    /// The attribute in the challenger; `None` if the challenger drops it.
    pub challenger: Option<AttributeSummary>,
}

/// The attributes that only one version has, and those whose kind, total spread (by 0.05 log-odds) or share of missing
/// values (by 0.05) differs, by name.
#[must_use]
pub fn attribute_differences(champion: &ModelArtifact, challenger: &ModelArtifact) -> Vec<AttributeDifference> {
    let by_name = |model: &ModelArtifact| -> BTreeMap<String, AttributeSummary> {
        model.attributes().into_iter().map(|summary| (summary.attribute.clone(), summary)).collect()
    };
    let (mut before, mut since) = (by_name(champion), by_name(challenger));
    let names: BTreeSet<String> = before.keys().chain(since.keys()).cloned().collect();
    let difference = |attribute: String| {
        let (champion, challenger) = (before.remove(&attribute), since.remove(&attribute));
        let same = champion.as_ref().zip(challenger.as_ref()).is_some_and(|(a, b)| {
            a.kind == b.kind
                && (a.total_spread - b.total_spread).abs() < MIN_CHANGE
                && (a.missing_share - b.missing_share).abs() < MIN_CHANGE
        });
        (!same).then_some(AttributeDifference { attribute, champion, challenger })
    };
    names.into_iter().filter_map(difference).collect()
}

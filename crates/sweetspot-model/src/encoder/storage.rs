//! Conversion of encoders to and from their stored form.

use std::collections::BTreeSet;

use sweetspot_core::TextFormat;

use super::{Bins, Feature, FeatureEncoder, Levels};
use crate::stored::{self, term};

impl Feature {
    /// Converts the encoder to its stored form.
    pub(crate) fn to_stored(&self) -> term::Encoder {
        match &self.encoder {
            FeatureEncoder::Number(Bins { edges, min: least, max: greatest, is_whole: whole }) => {
                term::Encoder::Number(stored::BinEncoder {
                    edges: edges.clone(),
                    least: *least,
                    greatest: *greatest,
                    whole: *whole,
                })
            }
            FeatureEncoder::Date(Bins { edges, min: least, max: greatest, is_whole: whole }) => {
                term::Encoder::Date(stored::BinEncoder {
                    edges: edges.clone(),
                    least: *least,
                    greatest: *greatest,
                    whole: *whole,
                })
            }
            FeatureEncoder::Category(levels) => term::Encoder::Category(levels_to_stored(levels)),
            FeatureEncoder::List(levels) => term::Encoder::List(levels_to_stored(levels)),
            FeatureEncoder::Flag => term::Encoder::Flag(stored::FlagEncoder {}),
        }
    }

    /// Reads the feature of a stored term; `None` if its parts are inconsistent.
    pub(crate) fn from_stored(attribute: &str, encoder: &term::Encoder) -> Option<Self> {
        let encoder = match encoder {
            term::Encoder::Number(bins) => FeatureEncoder::Number(bins_from_stored(bins)?),
            term::Encoder::Date(bins) => FeatureEncoder::Date(bins_from_stored(bins)?),
            term::Encoder::Category(levels) => FeatureEncoder::Category(levels_from_stored(levels)?),
            term::Encoder::List(levels) => FeatureEncoder::List(levels_from_stored(levels)?),
            term::Encoder::Flag(stored::FlagEncoder {}) => FeatureEncoder::Flag,
        };
        Some(Self { attribute: attribute.to_owned(), encoder, format: TextFormat::default() })
    }
}

fn levels_to_stored(levels: &Levels) -> stored::LevelEncoder {
    let (keys, labels) = levels.entries().map(|(key, label)| (key.to_owned(), label.to_owned())).unzip();
    stored::LevelEncoder { keys, labels }
}

fn levels_from_stored(stored: &stored::LevelEncoder) -> Option<Levels> {
    let stored::LevelEncoder { keys, labels } = stored;
    let distinct: BTreeSet<&String> = keys.iter().collect();
    let is_consistent = keys.len() == labels.len() && distinct.len() == keys.len();
    is_consistent.then(|| Levels::new(keys.iter().cloned().zip(labels.iter().cloned()).collect()))
}

fn bins_from_stored(stored: &stored::BinEncoder) -> Option<Bins> {
    let stored::BinEncoder { edges, least, greatest, whole } = stored;
    let finite = edges.iter().chain([least, greatest]).all(|number| number.is_finite());
    let ascending = edges.is_sorted_by(|a, b| a < b);
    (finite && ascending).then(|| Bins::new(edges.clone(), *least, *greatest, *whole))
}

#[cfg(test)]
mod tests;

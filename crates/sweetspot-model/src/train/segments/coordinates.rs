//! The coordinates of customers, by the attributes that move the fit.

use ndarray::Array2;
use sweetspot_solver::EncodedTerm;

use super::super::training_sample::Sample;
use crate::artifact::{AdditionalTerms, total_spread};
use crate::encoder::{Feature, FeatureEncoder};
use crate::stored;

/// The maximum number of attributes: those with the largest spread.
const MAX_ATTRIBUTES: usize = 8;
/// The maximum number of levels or items of an attribute that have an axis of their own.
const MAX_LEVELS: usize = 5;
/// The minimum spread of an attribute, in log-odds.
const MIN_SPREAD: f64 = 0.05;
/// The inverse of the standard deviation of ranks in `[0, 1]`: the square root of twelve.
const SQRT_12: f64 = 3.464_101_615_137_754_6;

/// The axes of one attribute.
struct AttributeAxis<'a> {
    codes: &'a EncodedTerm,
    /// For each slot, the coordinate that it moves, and by how much.
    slot_shifts: Vec<Option<(usize, f64)>>,
    coordinate_count: usize,
}

/// The coordinates of each of these rows of the sample; `None` if no attribute matters.
///
/// Each attribute is weighted by the spread of its contributions to the log-odds, including those of its interactions
/// and hypotheses. Within it, numbers and dates are placed by their rank, and the most frequent levels each on an axis
/// of their own: two equally good industries are two kinds of customers.
pub(super) fn customer_coordinates(
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
    rows: &[usize],
) -> Option<Array2<f64>> {
    let mut spreads: Vec<(usize, f64)> = terms.iter().map(|term| total_spread(term, additions)).enumerate().collect();
    spreads.retain(|(_, spread)| *spread >= MIN_SPREAD);
    spreads.sort_by(|a, b| b.1.total_cmp(&a.1));
    spreads.truncate(MAX_ATTRIBUTES);
    let of_attribute = |(index, spread): &(usize, f64)| {
        // The base is the first term of a design.
        let codes = sample.design.terms.get(index + 1)?;
        Some(attribute_axis(sample.features.get(*index)?, codes, &terms.get(*index)?.slots, *spread))
    };
    let axes: Vec<AttributeAxis<'_>> = spreads.iter().filter_map(of_attribute).collect();
    let coordinates: usize = axes.iter().map(|axis| axis.coordinate_count).sum();
    if coordinates == 0 {
        return None;
    }
    let places = rows.iter().flat_map(|row| row_coordinates(&axes, coordinates, *row)).collect();
    Array2::from_shape_vec((rows.len(), coordinates), places).ok()
}

fn row_coordinates(axes: &[AttributeAxis<'_>], coordinates: usize, row: usize) -> Vec<f64> {
    let mut place = vec![0.0; coordinates];
    let mut first = 0;
    for AttributeAxis { codes, slot_shifts: moves, coordinate_count: coordinates } in axes {
        for slot in codes.codes.row(row) {
            if let Some((coordinate, far)) = moves.get(usize::from(*slot)).copied().flatten()
                && let Some(coordinate) = place.get_mut(first + coordinate)
            {
                *coordinate += far;
            }
        }
        first += coordinates;
    }
    place
}

fn attribute_axis<'a>(
    feature: &Feature,
    codes: &'a EncodedTerm,
    slots: &[stored::Slot],
    spread: f64,
) -> AttributeAxis<'a> {
    let moves = match &feature.encoder {
        FeatureEncoder::Number(_) | FeatureEncoder::Date(_) => rank_shifts(feature, slots, spread),
        FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => level_shifts(slots, levels.len(), spread),
        FeatureEncoder::Flag => level_shifts(slots, 2, spread),
    };
    let coordinates = moves.iter().flatten().map(|(coordinate, _)| coordinate + 1).max().unwrap_or(0);
    AttributeAxis { codes, slot_shifts: moves, coordinate_count: coordinates }
}

/// Each bin at the rank of its middle, relative to the median; missing values are placed at the median.
fn rank_shifts(feature: &Feature, slots: &[stored::Slot], spread: f64) -> Vec<Option<(usize, f64)>> {
    let known = || slots.iter().take(feature.missing_slot());
    let all = known().map(|slot| slot.customers).sum::<u64>().max(1) as f64;
    let mut below = 0.0;
    let rank = |slot: &stored::Slot| {
        let middle = (below + slot.customers as f64 / 2.0) / all;
        below += slot.customers as f64;
        Some((0, (middle - 0.5) * spread * SQRT_12))
    };
    known().map(rank).collect()
}

/// The levels with the most ideal customers, each on an axis of its own.
fn level_shifts(slots: &[stored::Slot], levels: usize, spread: f64) -> Vec<Option<(usize, f64)>> {
    let mut by_ideal: Vec<(usize, u64)> = slots.iter().take(levels).map(|slot| slot.ideal).enumerate().collect();
    by_ideal.sort_by_key(|(slot, ideal)| (std::cmp::Reverse(*ideal), *slot));
    let mut moves = vec![None; slots.len()];
    for (coordinate, (slot, _)) in by_ideal.into_iter().take(MAX_LEVELS).enumerate() {
        if let Some(place) = moves.get_mut(slot) {
            *place = Some((coordinate, spread));
        }
    }
    moves
}

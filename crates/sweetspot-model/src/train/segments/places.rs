//! Where each customer stands among the others: by what moves the fit.

use ndarray::Array2;
use sweetspot_solver::TermCodes;

use super::super::sample::Sample;
use crate::artifact::{Additions, whole_spread};
use crate::encoder::{Encoder, Feature};
use crate::stored;

/// Most attributes that count: those that matter most.
const ATTRIBUTES: usize = 8;
/// Most levels, or items, of an attribute that have an axis of their own.
const LEVELS: usize = 5;
/// An attribute that moves the log-odds by less does not tell customers apart.
const LEAST_SPREAD: f64 = 0.05;
/// The standard deviation of ranks in `[0, 1]` is one over the root of twelve.
const ROOT_OF_TWELVE: f64 = 3.464_101_615_137_754_6;

/// One attribute's part of a place.
struct Axis<'a> {
    codes: &'a TermCodes,
    /// For each slot, which coordinate it moves, and how far.
    moves: Vec<Option<(usize, f64)>>,
    coordinates: usize,
}

/// A place for each of these rows of the sample; nothing where no attribute matters.
///
/// Each attribute is weighed by the spread of its contributions to the log-odds, its pairs' and beliefs' included. Within it, numbers and dates stand by their
/// rank, and the commonest levels each on an axis of their own: two industries that are equally good are two kinds of customers.
pub(super) fn points(
    sample: &Sample,
    terms: &[stored::Term],
    additions: Additions<'_>,
    rows: &[usize],
) -> Option<Array2<f64>> {
    let mut spreads: Vec<(usize, f64)> = terms.iter().map(|term| whole_spread(term, additions)).enumerate().collect();
    spreads.retain(|(_, spread)| *spread >= LEAST_SPREAD);
    spreads.sort_by(|a, b| b.1.total_cmp(&a.1));
    spreads.truncate(ATTRIBUTES);
    let of_attribute = |(index, spread): &(usize, f64)| {
        // The base is the first term of a design.
        let codes = sample.design.terms.get(index + 1)?;
        Some(axis(sample.features.get(*index)?, codes, &terms.get(*index)?.slots, *spread))
    };
    let axes: Vec<Axis<'_>> = spreads.iter().filter_map(of_attribute).collect();
    let coordinates: usize = axes.iter().map(|axis| axis.coordinates).sum();
    if coordinates == 0 {
        return None;
    }
    let places = rows.iter().flat_map(|row| place(&axes, coordinates, *row)).collect();
    Array2::from_shape_vec((rows.len(), coordinates), places).ok()
}

fn place(axes: &[Axis<'_>], coordinates: usize, row: usize) -> Vec<f64> {
    let mut place = vec![0.0; coordinates];
    let mut first = 0;
    for Axis { codes, moves, coordinates } in axes {
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

fn axis<'a>(feature: &Feature, codes: &'a TermCodes, slots: &[stored::Slot], spread: f64) -> Axis<'a> {
    let moves = match &feature.encoder {
        Encoder::Number(_) | Encoder::Date(_) => ranks(feature, slots, spread),
        Encoder::Category(levels) | Encoder::List(levels) => commonest(slots, levels.len(), spread),
        Encoder::Flag => commonest(slots, 2, spread),
    };
    let coordinates = moves.iter().flatten().map(|(coordinate, _)| coordinate + 1).max().unwrap_or(0);
    Axis { codes, moves, coordinates }
}

/// Each bin at the rank of its middle, seen from the median; what is missing stands there.
fn ranks(feature: &Feature, slots: &[stored::Slot], spread: f64) -> Vec<Option<(usize, f64)>> {
    let known = || slots.iter().take(feature.missing());
    let all = known().map(|slot| slot.customers).sum::<u64>().max(1) as f64;
    let mut below = 0.0;
    let rank = |slot: &stored::Slot| {
        let middle = (below + slot.customers as f64 / 2.0) / all;
        below += slot.customers as f64;
        Some((0, (middle - 0.5) * spread * ROOT_OF_TWELVE))
    };
    known().map(rank).collect()
}

/// The levels that most ideal customers have, each with an axis of its own.
fn commonest(slots: &[stored::Slot], levels: usize, spread: f64) -> Vec<Option<(usize, f64)>> {
    let mut by_ideal: Vec<(usize, u64)> = slots.iter().take(levels).map(|slot| slot.ideal).enumerate().collect();
    by_ideal.sort_by_key(|(slot, ideal)| (std::cmp::Reverse(*ideal), *slot));
    let mut moves = vec![None; slots.len()];
    for (coordinate, (slot, _)) in by_ideal.into_iter().take(LEVELS).enumerate() {
        if let Some(place) = moves.get_mut(slot) {
            *place = Some((coordinate, spread));
        }
    }
    moves
}

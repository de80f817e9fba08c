//! Segments of customers, and whether each uses the product for the same.

use std::collections::BTreeMap;

use sweetspot_core::ReviewField;

use super::ranking::{Ranked, Ranking, concentration};
use super::tally::customers;
use super::{Evidence, Told, short};

/// Most segments that are shown.
const MOST: usize = 15;

/// What segments are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SegmentedBy {
    /// The industry.
    Industry,
    /// The use case, where no industry is known.
    UseCase,
    /// Neither is known.
    #[default]
    Nothing,
}

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// How many customers it has.
    pub customers: u64,
    /// Its commonest use case, with its share of the customers who tell one.
    pub use_case: Option<Ranked>,
    /// How much few use cases stand for all of the segment, from almost 0 (many alike) to 1 (one only); the
    /// Herfindahl index. Nothing where no use case is told.
    pub concentration: Option<f64>,
    /// Its commonest feature, with its share of the customers who tell one.
    pub feature: Option<Ranked>,
}

/// All segments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segments {
    /// What they are made of.
    pub by: SegmentedBy,
    /// The largest first, at most fifteen.
    pub segments: Vec<Segment>,
    /// How many there are in all.
    pub count: u64,
    /// What all customers use the product for.
    pub use_cases: Ranking,
    /// The features that all customers use.
    pub features: Ranking,
    /// How many segments with a known use case have another commonest one than all customers together.
    pub different: u64,
}

impl Segments {
    /// Groups the customers.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let told = |field| Told::of(evidence, field);
        let (industry, case, feature) =
            (told(ReviewField::Industry), told(ReviewField::UseCase), told(ReviewField::Features));
        let (by, grouping) = match (industry.is_told(), case.is_told()) {
            (true, _) => (SegmentedBy::Industry, industry),
            (false, true) => (SegmentedBy::UseCase, case),
            (false, false) => (SegmentedBy::Nothing, industry),
        };
        let rows = customers(evidence);
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for row in &rows {
            for name in grouping.texts(*row) {
                groups.entry(name).or_default().push(*row);
            }
        }
        let rank = |told: Told<'_>, rows: &[usize]| Ranking::of(rows.iter().map(|row| told.texts(*row)));
        let (use_cases, features) = (rank(case, &rows), rank(feature, &rows));
        let mut segments: Vec<Segment> = groups
            .into_iter()
            .map(|(name, rows)| Segment {
                name: short(name),
                customers: rows.len() as u64,
                use_case: rank(case, &rows).first().cloned(),
                concentration: herfindahl(case, &rows),
                feature: rank(feature, &rows).first().cloned(),
            })
            .collect();
        segments.sort_by_key(|segment| std::cmp::Reverse(segment.customers));
        let usual = use_cases.first().map(|ranked| ranked.name.clone());
        let other = |segment: &&Segment| segment.use_case.as_ref().is_some_and(|own| Some(&own.name) != usual.as_ref());
        let (different, count) = (segments.iter().filter(other).count() as u64, segments.len() as u64);
        segments.truncate(MOST);
        Self { by, segments, count, use_cases, features, different }
    }
}

fn herfindahl(told: Told<'_>, rows: &[usize]) -> Option<f64> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for name in rows.iter().flat_map(|row| told.texts(*row)) {
        *counts.entry(name).or_default() += 1;
    }
    concentration(counts.values().copied())
}

//! Groups of customers by industry or use case, and their use cases. They are not the segments of a version, which have
//! rules.

use std::collections::BTreeMap;

use sweetspot_core::ReviewField;

use super::breakdown::customers;
use super::ranking::{AnswerRanking, RankedAnswer, concentration};
use super::{FieldSource, ReportInput, truncate};

/// The maximum number of groups to show.
const MAX_GROUPS: usize = 15;

/// What the customers are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupedBy {
    /// The industry.
    Industry,
    /// The use case, if no industry is known.
    UseCase,
    /// Neither is known.
    #[default]
    Nothing,
}

/// The customers of one industry (or with one use case), with their most frequent use case and feature.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerGroup {
    /// Its name.
    pub name: String,
    /// The number of customers.
    pub customers: u64,
    /// Its most frequent use case, of the customers with a known one.
    pub use_case: Option<RankedAnswer>,
    /// The concentration of its use cases, from almost 0 (many equal shares) to 1 (a single one): the Herfindahl index.
    /// `None` if no use case is known.
    pub concentration: Option<f64>,
    /// Its most frequent feature, of the customers with a known one.
    pub feature: Option<RankedAnswer>,
}

/// The customers by industry, or by use case if no industry is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerGroups {
    /// The basis of the groups.
    pub grouped_by: GroupedBy,
    /// The groups, largest first, at most fifteen.
    pub groups: Vec<CustomerGroup>,
    /// The total number of groups.
    pub count: u64,
    /// The use cases of all customers.
    pub use_cases: AnswerRanking,
    /// The features of all customers.
    pub features: AnswerRanking,
    /// The number of groups whose most frequent use case differs from that of all customers.
    pub differing_count: u64,
}

impl CustomerGroups {
    /// Groups the customers.
    pub(super) fn new(input: &ReportInput) -> Self {
        let source = |field| FieldSource::new(input, field);
        let (industry, case, feature) =
            (source(ReviewField::Industry), source(ReviewField::UseCase), source(ReviewField::Features));
        let (grouping_field, grouping) = match (industry.is_available(), case.is_available()) {
            (true, _) => (GroupedBy::Industry, industry),
            (false, true) => (GroupedBy::UseCase, case),
            (false, false) => (GroupedBy::Nothing, industry),
        };
        let rows = customers(input);
        let mut rows_by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for row in &rows {
            for name in grouping.texts(*row) {
                rows_by_name.entry(name).or_default().push(*row);
            }
        }
        let rank =
            |source: FieldSource<'_>, rows: &[usize]| AnswerRanking::new(rows.iter().map(|row| source.texts(*row)));
        let (use_cases, features) = (rank(case, &rows), rank(feature, &rows));
        let mut groups: Vec<CustomerGroup> = rows_by_name
            .into_iter()
            .map(|(name, rows)| CustomerGroup {
                name: truncate(name),
                customers: rows.len() as u64,
                use_case: rank(case, &rows).top().cloned(),
                concentration: answer_concentration(case, &rows),
                feature: rank(feature, &rows).top().cloned(),
            })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.customers));
        let most_frequent = use_cases.top().map(|ranked| ranked.name.clone());
        let other = |group: &&CustomerGroup| {
            group.use_case.as_ref().is_some_and(|use_case| Some(&use_case.name) != most_frequent.as_ref())
        };
        let (different, count) = (groups.iter().filter(other).count() as u64, groups.len() as u64);
        groups.truncate(MAX_GROUPS);
        Self { grouped_by: grouping_field, groups, count, use_cases, features, differing_count: different }
    }
}

fn answer_concentration(source: FieldSource<'_>, rows: &[usize]) -> Option<f64> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for name in rows.iter().flat_map(|row| source.texts(*row)) {
        *counts.entry(name).or_default() += 1;
    }
    concentration(counts.values().copied())
}

//! Labeled customers, counted by the value of one attribute.

use crate::{ColumnData, Date};

/// The number of folds in each cell, so that a value is evaluated on customers that did not rank it.
pub(super) const FOLDS: usize = 5;
/// Texts with fewer customers share one cell: alone they would separate labels by chance.
const MIN_TEXT_COUNT: u64 = 5;
/// Neighboring numbers share a cell until it has at least this number of customers and this share of them. A number
/// that occurs that often has its own cell: zero often has a special meaning.
const MIN_RANGE_COUNT: u64 = 20;
const MAX_RANGES: u64 = 50;
/// At most this number of items of a list are counted, each with at least [`MIN_RANGE_COUNT`] customers.
const MAX_ITEMS: usize = 32;

/// Customers with a label: one, or equal ones in the same fold.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabeledRow {
    /// The row in the column.
    pub(super) row: usize,
    /// The index of the row among the labeled ones.
    pub(super) index: usize,
    /// The label.
    pub(super) ideal: bool,
    /// The fold of the customers, below [`FOLDS`].
    pub(super) fold: u8,
    /// The number of customers.
    pub(super) count: u64,
}

/// The number of customers with each label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LabelCounts {
    pub(super) ideal: u64,
    pub(super) other: u64,
}

impl LabelCounts {
    /// Counts customers with this label.
    pub(super) const fn add(&mut self, ideal: bool, count: u64) {
        if ideal {
            self.ideal += count;
        } else {
            self.other += count;
        }
    }

    /// The number of customers with either label.
    pub(super) const fn total(self) -> u64 {
        self.ideal + self.other
    }

    /// The sum of two counts.
    pub(super) const fn plus(self, more: Self) -> Self {
        Self { ideal: self.ideal + more.ideal, other: self.other + more.other }
    }

    /// The difference of two counts; `part` is included in `self`.
    pub(super) const fn minus(self, part: Self) -> Self {
        Self { ideal: self.ideal.saturating_sub(part.ideal), other: self.other.saturating_sub(part.other) }
    }
}

/// The values of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum CountedValues {
    /// No value.
    Missing,
    /// Any value.
    Filled,
    /// Texts with few customers.
    Rare,
    /// One text, or one item of a list, by its code.
    Text(u32),
    /// A list without that item, by its code.
    Without(u32),
    /// A flag.
    Flag(bool),
    /// Numbers in an inclusive range; for dates, days since 1970-01-01.
    Range(f64, f64),
}

impl CountedValues {
    /// Describes the values, as a continuation of "where it".
    pub(super) fn description(self, data: &ColumnData) -> String {
        let text = |code: u32| match data {
            ColumnData::Categories { dictionary, .. } | ColumnData::Lists { dictionary, .. } => {
                let text = dictionary.get(code as usize).map_or("", String::as_str);
                format!("{:?}", text.chars().take(60).collect::<String>())
            }
            ColumnData::Numbers(_) | ColumnData::Flags(_) | ColumnData::Dates(_) => String::new(),
        };
        let number = |number: f64| match data {
            ColumnData::Dates(_) => Date { days: number as i32 }.to_string(),
            ColumnData::Numbers(_)
            | ColumnData::Categories { .. }
            | ColumnData::Flags(_)
            | ColumnData::Lists { .. } => number.to_string(),
        };
        match self {
            Self::Missing => "is missing".to_owned(),
            Self::Filled => "is filled in".to_owned(),
            Self::Rare => "is a rare text".to_owned(),
            Self::Text(code) if matches!(data, ColumnData::Lists { .. }) => format!("holds {}", text(code)),
            Self::Text(code) => format!("is {}", text(code)),
            Self::Without(code) => format!("lacks {}", text(code)),
            Self::Flag(yes) => format!("is {}", if yes { "yes" } else { "no" }),
            Self::Range(from, to) if from == to => format!("is {}", number(from)),
            Self::Range(from, to) => format!("lies from {} to {}", number(from), number(to)),
        }
    }
}

/// The customers with the values of one cell, by fold.
#[derive(Clone, Debug)]
pub(super) struct TallyCell {
    pub(super) values: CountedValues,
    pub(super) folds: [LabelCounts; FOLDS],
}

impl TallyCell {
    const fn new(what: CountedValues) -> Self {
        Self { values: what, folds: [LabelCounts { ideal: 0, other: 0 }; FOLDS] }
    }

    fn add(&mut self, case: &LabeledRow) {
        if let Some(counts) = self.folds.get_mut(usize::from(case.fold)) {
            counts.add(case.ideal, case.count);
        }
    }

    /// The sum of all folds.
    pub(super) fn total(&self) -> LabelCounts {
        self.folds.iter().copied().fold(LabelCounts::default(), LabelCounts::plus)
    }
}

/// One partition of the customers into cells. The first cell is that of missing values.
#[derive(Debug)]
pub(super) struct LabelTally {
    pub(super) cells: Vec<TallyCell>,
    /// Counts by distinct value in ascending order; empty if values have no order.
    pub(super) ascending: Vec<LabelCounts>,
}

impl LabelTally {
    fn new(cases: &[LabeledRow], mut cells: Vec<TallyCell>, cell_of: impl Fn(&LabeledRow) -> usize) -> Self {
        for case in cases {
            if let Some(cell) = cells.get_mut(cell_of(case)) {
                cell.add(case);
            }
        }
        Self { cells, ascending: Vec::new() }
    }
}

/// Counts the customers by their values; a list has one tally for each frequent item.
pub(super) fn tallies(data: &ColumnData, cases: &[LabeledRow]) -> Vec<LabelTally> {
    match data {
        ColumnData::Numbers(values) => vec![tally_ordered(cases, |case| values.get(case.row))],
        ColumnData::Dates(values) => {
            let days = |date: Date| f64::from(date.days);
            vec![tally_ordered(cases, |case| values.get(case.row).map(days))]
        }
        ColumnData::Flags(values) => {
            let cells = [CountedValues::Missing, CountedValues::Flag(false), CountedValues::Flag(true)]
                .map(TallyCell::new)
                .to_vec();
            let cell_of = |case: &LabeledRow| values.get(case.row).map_or(0, |flag| 1 + usize::from(flag));
            vec![LabelTally::new(cases, cells, cell_of)]
        }
        ColumnData::Categories { dictionary, codes } => {
            vec![tally_texts(cases, dictionary.len(), |case| codes.get(case.row))]
        }
        ColumnData::Lists { dictionary, rows } => tally_lists(cases, dictionary.len(), |case| rows.get(case.row)),
    }
}

fn tally_texts(cases: &[LabeledRow], distinct: usize, code: impl Fn(&LabeledRow) -> Option<u32>) -> LabelTally {
    let mut counts = vec![0_u64; distinct];
    for (code, case_count) in cases.iter().filter_map(|case| Some((code(case)?, case.count))) {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += case_count;
        }
    }
    let mut cells = vec![TallyCell::new(CountedValues::Missing), TallyCell::new(CountedValues::Rare)];
    let mut place = Vec::with_capacity(distinct);
    for (code, count) in (0_u32..).zip(counts) {
        if count >= MIN_TEXT_COUNT {
            place.push(cells.len());
            cells.push(TallyCell::new(CountedValues::Text(code)));
        } else {
            place.push(1);
        }
    }
    LabelTally::new(cases, cells, |case| code(case).map_or(0, |code| place.get(code as usize).copied().unwrap_or(1)))
}

fn tally_ordered(cases: &[LabeledRow], value: impl Fn(&LabeledRow) -> Option<f64>) -> LabelTally {
    let mut present: Vec<(f64, &LabeledRow)> = cases.iter().filter_map(|case| Some((value(case)?, case))).collect();
    present.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let present_count: u64 = present.iter().map(|(_, case)| case.count).sum();
    let enough = MIN_RANGE_COUNT.max(present_count / MAX_RANGES);
    let missing = cases.iter().filter(|case| value(case).is_none());
    let mut cells = vec![TallyCell::new(CountedValues::Missing)];
    if let Some(cell) = cells.first_mut() {
        for case in missing {
            cell.add(case);
        }
    }
    let mut ascending = Vec::new();
    let mut full = true;
    for run in present.chunk_by(|a, b| a.0 == b.0) {
        let Some((number, _)) = run.first() else { continue };
        if full || run.iter().map(|(_, case)| case.count).sum::<u64>() >= enough {
            cells.push(TallyCell::new(CountedValues::Range(*number, *number)));
        }
        let mut counts = LabelCounts::default();
        if let Some(cell) = cells.last_mut() {
            for (_, case) in run {
                counts.add(case.ideal, case.count);
                cell.add(case);
            }
            if let CountedValues::Range(_, to) = &mut cell.values {
                *to = *number;
            }
            full = cell.total().total() >= enough;
        }
        ascending.push(counts);
    }
    LabelTally { cells, ascending }
}

fn tally_lists<'a>(
    cases: &[LabeledRow],
    distinct: usize,
    list: impl Fn(&LabeledRow) -> Option<&'a [u32]>,
) -> Vec<LabelTally> {
    let mut counts = vec![0_u64; distinct];
    for (items, case_count) in cases.iter().filter_map(|case| Some((list(case)?, case.count))) {
        for code in items {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += case_count;
            }
        }
    }
    let mut frequent: Vec<(u32, u64)> = (0..).zip(counts).filter(|(_, count)| *count >= MIN_RANGE_COUNT).collect();
    frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    frequent.truncate(MAX_ITEMS);
    let filled = [CountedValues::Missing, CountedValues::Filled].map(TallyCell::new).to_vec();
    let mut tallies = vec![LabelTally::new(cases, filled, |case| usize::from(list(case).is_some()))];
    for (code, _) in frequent {
        let cells = [CountedValues::Missing, CountedValues::Without(code), CountedValues::Text(code)]
            .map(TallyCell::new)
            .to_vec();
        tallies.push(LabelTally::new(cases, cells, |case| {
            list(case).map_or(0, |items| 1 + usize::from(items.contains(&code)))
        }));
    }
    tallies
}

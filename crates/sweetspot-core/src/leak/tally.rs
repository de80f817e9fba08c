//! Labelled customers, counted by the value of one attribute.

use crate::{ColumnData, Date};

/// Every cell is counted in this many parts, so that a value is judged by customers it was not learned from.
pub(super) const FOLDS: usize = 5;
/// Texts of fewer customers are counted together: alone they separate by chance.
const MIN_LEVEL: u64 = 5;
/// Neighbouring numbers are counted together until a cell has this many customers, and this share of them. A number that
/// recurs as often has a cell of its own: zero often means something else than a little.
const MIN_RANGE: usize = 20;
const RANGES: usize = 50;
/// Of a list, at most this many items are judged, each with at least [`MIN_RANGE`] customers.
const MAX_ITEMS: usize = 32;

/// A customer with a label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    /// Row in the column.
    pub(super) row: usize,
    /// The label.
    pub(super) ideal: bool,
    /// Which part of the customers, below [`FOLDS`].
    pub(super) fold: u8,
}

/// How many customers of either label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) ideal: u64,
    pub(super) other: u64,
}

impl Counts {
    /// Counts one customer.
    pub(super) const fn add(&mut self, ideal: bool) {
        if ideal {
            self.ideal += 1;
        } else {
            self.other += 1;
        }
    }

    /// Both labels together.
    pub(super) const fn all(self) -> u64 {
        self.ideal + self.other
    }

    /// These and those.
    pub(super) const fn plus(self, more: Self) -> Self {
        Self { ideal: self.ideal + more.ideal, other: self.other + more.other }
    }

    /// These without those, which are among them.
    pub(super) const fn less(self, part: Self) -> Self {
        Self { ideal: self.ideal.saturating_sub(part.ideal), other: self.other.saturating_sub(part.other) }
    }
}

/// Which values a cell counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// None.
    Missing,
    /// Any.
    Filled,
    /// Texts of few customers.
    Rare,
    /// One text, or one item of a list, by its code.
    Text(u32),
    /// A list without that item.
    Without(u32),
    /// A flag.
    Flag(bool),
    /// Numbers from the first to the second; of dates, days since 1970-01-01.
    Range(f64, f64),
}

impl What {
    /// The values in words, to stand after "where it".
    pub(super) fn words(self, data: &ColumnData) -> String {
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

/// The customers with one value, or with one of a few.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) what: What,
    pub(super) folds: [Counts; FOLDS],
}

impl Cell {
    const fn of(what: What) -> Self {
        Self { what, folds: [Counts { ideal: 0, other: 0 }; FOLDS] }
    }

    fn add(&mut self, case: &Case) {
        if let Some(counts) = self.folds.get_mut(usize::from(case.fold)) {
            counts.add(case.ideal);
        }
    }

    /// All parts together.
    pub(super) fn total(&self) -> Counts {
        self.folds.iter().copied().fold(Counts::default(), Counts::plus)
    }
}

/// One way to look at an attribute: every customer is in one cell. The first cell is that of the missing values.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) cells: Vec<Cell>,
    /// Counts by distinct value in ascending order, where values have an order.
    pub(super) ascending: Vec<Counts>,
}

impl Tally {
    fn new(cases: &[Case], mut cells: Vec<Cell>, cell_of: impl Fn(&Case) -> usize) -> Self {
        for case in cases {
            if let Some(cell) = cells.get_mut(cell_of(case)) {
                cell.add(case);
            }
        }
        Self { cells, ascending: Vec::new() }
    }
}

/// Counts the customers by their values; a list is looked at once for each frequent item.
pub(super) fn tallies(data: &ColumnData, cases: &[Case]) -> Vec<Tally> {
    match data {
        ColumnData::Numbers(values) => vec![ordered(cases, |case| values.get(case.row))],
        ColumnData::Dates(values) => {
            let days = |date: Date| f64::from(date.days);
            vec![ordered(cases, |case| values.get(case.row).map(days))]
        }
        ColumnData::Flags(values) => {
            let cells = [What::Missing, What::Flag(false), What::Flag(true)].map(Cell::of).to_vec();
            let cell_of = |case: &Case| values.get(case.row).map_or(0, |yes| 1 + usize::from(yes));
            vec![Tally::new(cases, cells, cell_of)]
        }
        ColumnData::Categories { dictionary, codes } => {
            vec![texts(cases, dictionary.len(), |case| codes.get(case.row))]
        }
        ColumnData::Lists { dictionary, rows } => lists(cases, dictionary.len(), |case| rows.get(case.row)),
    }
}

fn texts(cases: &[Case], distinct: usize, code: impl Fn(&Case) -> Option<u32>) -> Tally {
    let mut counts = vec![0_u64; distinct];
    for code in cases.iter().filter_map(&code) {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let mut cells = vec![Cell::of(What::Missing), Cell::of(What::Rare)];
    let mut place = Vec::with_capacity(distinct);
    for (code, count) in (0_u32..).zip(counts) {
        if count >= MIN_LEVEL {
            place.push(cells.len());
            cells.push(Cell::of(What::Text(code)));
        } else {
            place.push(1);
        }
    }
    Tally::new(cases, cells, |case| code(case).map_or(0, |code| place.get(code as usize).copied().unwrap_or(1)))
}

fn ordered(cases: &[Case], value: impl Fn(&Case) -> Option<f64>) -> Tally {
    let mut present: Vec<(f64, &Case)> = cases.iter().filter_map(|case| Some((value(case)?, case))).collect();
    present.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let enough = MIN_RANGE.max(present.len() / RANGES) as u64;
    let missing = cases.iter().filter(|case| value(case).is_none());
    let mut cells = vec![Cell::of(What::Missing)];
    if let Some(cell) = cells.first_mut() {
        for case in missing {
            cell.add(case);
        }
    }
    let mut ascending = Vec::new();
    let mut full = true;
    for run in present.chunk_by(|one, other| one.0 == other.0) {
        let Some((number, _)) = run.first() else { continue };
        if full || run.len() as u64 >= enough {
            cells.push(Cell::of(What::Range(*number, *number)));
        }
        let mut counts = Counts::default();
        if let Some(cell) = cells.last_mut() {
            for (_, case) in run {
                counts.add(case.ideal);
                cell.add(case);
            }
            if let What::Range(_, to) = &mut cell.what {
                *to = *number;
            }
            full = cell.total().all() >= enough;
        }
        ascending.push(counts);
    }
    Tally { cells, ascending }
}

fn lists<'a>(cases: &[Case], distinct: usize, list: impl Fn(&Case) -> Option<&'a [u32]>) -> Vec<Tally> {
    let mut counts = vec![0_usize; distinct];
    for items in cases.iter().filter_map(&list) {
        for code in items {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
    }
    let mut frequent: Vec<(u32, usize)> = (0..).zip(counts).filter(|(_, count)| *count >= MIN_RANGE).collect();
    frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    frequent.truncate(MAX_ITEMS);
    let filled = [What::Missing, What::Filled].map(Cell::of).to_vec();
    let mut tallies = vec![Tally::new(cases, filled, |case| usize::from(list(case).is_some()))];
    for (code, _) in frequent {
        let cells = [What::Missing, What::Without(code), What::Text(code)].map(Cell::of).to_vec();
        tallies.push(Tally::new(cases, cells, |case| {
            list(case).map_or(0, |items| 1 + usize::from(items.contains(&code)))
        }));
    }
    tallies
}

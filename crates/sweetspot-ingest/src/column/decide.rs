//! One reading for each column of numbers or days, decided from all of its cells, and from the rest of the file where they leave
//! it open.

use sweetspot_core::{DateOrder, DecimalMark, Kind, TextFormat};

use super::evidence::{DateEvidence, Evidence, NumberEvidence, ORDERS, Witness};
use crate::mapping::Mapping;

/// A column about which to decide.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Its name.
    pub(crate) name: String,
    /// Number or date; other kinds are passed over.
    pub(crate) kind: Kind,
    /// What its cells say.
    pub(crate) evidence: Evidence,
    /// What the mapping says of this column.
    pub(crate) set: TextFormat,
    /// What to take where neither its cells nor other columns decide.
    pub(crate) fallback: TextFormat,
    /// How the customers were written: to be taken at last, unless the file hints at something else.
    pub(crate) trained: TextFormat,
}

impl Candidate {
    /// A column of a file that is read with this mapping.
    pub(crate) fn new(name: &str, kind: Kind, evidence: Evidence, mapping: &Mapping) -> Self {
        let set = mapping.columns.get(name).map_or_else(TextFormat::default, |settings| settings.format);
        Self {
            name: name.to_owned(),
            kind,
            evidence,
            set,
            fallback: TextFormat::default(),
            trained: TextFormat::default(),
        }
    }
}

/// What is known of a file beside its columns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileFormat {
    /// What the mapping says of the file.
    pub(crate) set: TextFormat,
    /// Whether semicolons separate its cells, as where commas separate decimals.
    pub(crate) semicolons: bool,
}

/// How a column is read, and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decision {
    /// How its texts are read. What no cell needs is not set.
    pub(crate) format: TextFormat,
    /// Why; nothing where nothing had to be decided.
    pub(crate) because: Option<Because>,
    /// A cell that would be something else otherwise.
    pub(crate) open: Option<Witness>,
}

/// Why a column is read as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// A cell of the column can be read in one way only.
    Cell(Witness),
    /// A cell of another column can.
    Sister {
        /// That column.
        column: String,
        /// A cell of it.
        witness: Witness,
    },
    /// The mapping says so.
    Mapping,
    /// The customers were written so.
    Customers,
    /// Semicolons separate the cells.
    Semicolons,
    /// The countries with this currency write so.
    Currency,
    /// The numbers of the file have decimal commas, as where the day comes first.
    DecimalComma,
    /// Dots stand between the numbers, as where the day comes first.
    Dots,
    /// Nothing else is a day.
    Numbers,
    /// Nothing decides.
    Assumed,
}

/// Why a column cannot be read in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// No cell and nothing else of the file says what its mark is.
    Decimal {
        /// A cell that could be either.
        open: Witness,
    },
    /// Some cells can only have a point, and some only a comma.
    MixedDecimals {
        /// One with a point.
        point: Witness,
        /// One with a comma.
        comma: Witness,
    },
    /// The mapping says one mark, and a cell can only have the other.
    AgainstDecimal {
        /// What the mapping says.
        set: DecimalMark,
        /// The cell.
        witness: Witness,
    },
    /// The order could be day first as well as year first.
    DateOrder {
        /// A cell that could be either.
        open: Witness,
    },
    /// Cells are days in different orders.
    MixedOrders {
        /// One cell.
        first: Witness,
        /// A later one.
        second: Witness,
    },
    /// The mapping says one order, and a cell is a day in another one only.
    AgainstOrder {
        /// What the mapping says.
        set: DateOrder,
        /// The cell.
        witness: Witness,
    },
}

/// Decides about every column, in the same order.
pub(crate) fn decide(columns: &[Candidate], file: FileFormat) -> Vec<Result<Decision, Undecided>> {
    let decimals = Decided::of(columns, Kind::Number, |column| {
        let by_cells = column.evidence.numbers.by_cells()?;
        by_cells.ok().map(|(mark, witness)| (mark, witness.clone()))
    });
    let comma = file.set.decimal.or_else(|| decimals.only().map(|(mark, _, _)| mark));
    let day_first = comma.map_or(file.semicolons, |mark| mark == DecimalMark::Comma);
    let orders = Decided::of(columns, Kind::Date, |column| column.evidence.days.by_cells());
    let one = |column: &Candidate| match column.kind {
        Kind::Number => decimal(column, file, decimals.only()),
        Kind::Date => order(column, file, orders.only(), day_first),
        Kind::Category | Kind::Flag | Kind::List => Ok(Decision::default()),
    };
    columns.iter().map(one).collect()
}

/// What the columns say that decide by themselves.
struct Decided<T>(Vec<(T, String, Witness)>);

impl<T: Copy + PartialEq> Decided<T> {
    fn of(columns: &[Candidate], kind: Kind, by_cells: impl Fn(&Candidate) -> Option<(T, Witness)>) -> Self {
        let decided = columns.iter().filter(|column| column.kind == kind).filter_map(|column| {
            let (value, witness) = by_cells(column)?;
            Some((value, column.name.clone(), witness))
        });
        Self(decided.collect())
    }

    /// What all of them agree on.
    fn only(&self) -> Option<(T, &str, &Witness)> {
        let (value, name, witness) = self.0.first()?;
        self.0.iter().all(|(other, _, _)| other == value).then_some((*value, name, witness))
    }
}

impl NumberEvidence {
    /// The mark of the cells that can have one mark only, or that they have both.
    fn by_cells(&self) -> Option<Result<(DecimalMark, &Witness), Undecided>> {
        Some(match (&self.point, &self.comma) {
            (Some(point), Some(comma)) => Err(Undecided::MixedDecimals { point: point.clone(), comma: comma.clone() }),
            (Some(point), None) => Ok((DecimalMark::Point, point)),
            (None, Some(comma)) => Ok((DecimalMark::Comma, comma)),
            (None, None) => return None,
        })
    }
}

fn decimal(
    column: &Candidate,
    file: FileFormat,
    sisters: Option<(DecimalMark, &str, &Witness)>,
) -> Result<Decision, Undecided> {
    let numbers = &column.evidence.numbers;
    let decided = |mark, because| {
        let format = TextFormat { decimal: Some(mark), ..TextFormat::default() };
        Ok(Decision { format, because: Some(because), open: numbers.open.clone() })
    };
    if let Some(mark) = column.set.decimal {
        // Of a column with both, a person has chosen how cells with either are read.
        return match numbers.only(mark.other()).filter(|_| numbers.only(mark).is_none()) {
            Some(witness) => Err(Undecided::AgainstDecimal { set: mark, witness: witness.clone() }),
            None => decided(mark, Because::Mapping),
        };
    }
    if let Some(by_cells) = numbers.by_cells() {
        let (mark, witness) = by_cells?;
        return decided(mark, Because::Cell(witness.clone()));
    }
    let Some(open) = &numbers.open else { return Ok(Decision::default()) };
    if let Some(mark) = file.set.decimal {
        return decided(mark, Because::Mapping);
    }
    let hints = numbers.hints(file.semicolons);
    let doubted = |mark: DecimalMark| numbers.doubt(mark) || hints.iter().any(|(hinted, _)| *hinted != mark);
    let undecided = || Err(Undecided::Decimal { open: open.clone() });
    if let Some((mark, column, witness)) = sisters.filter(|(mark, _, _)| !doubted(*mark)) {
        return decided(mark, Because::Sister { column: column.to_owned(), witness: witness.clone() });
    }
    if let Some(mark) = column.fallback.decimal {
        return decided(mark, Because::Mapping);
    }
    match (column.trained.decimal, hints.first().cloned()) {
        (Some(mark), _) if !doubted(mark) => decided(mark, Because::Customers),
        // What other columns or the customers say and hints deny is not guessed.
        (None, Some((mark, because))) if sisters.is_none() && !doubted(mark) => decided(mark, because),
        _ => undecided(),
    }
}

impl NumberEvidence {
    /// What is usual with the currency of the column, and where semicolons separate the cells of a file.
    fn hints(&self, semicolons: bool) -> Vec<(DecimalMark, Because)> {
        let habit = self.habit.map(|mark| (mark, Because::Currency));
        // Commas in a file with semicolons are no hint: the semicolons may be there because of them.
        let points = self.open.as_ref().is_some_and(|open| open.text.contains('.'));
        let semicolons = (semicolons && points).then_some((DecimalMark::Comma, Because::Semicolons));
        habit.into_iter().chain(semicolons).collect()
    }

    /// Whether the cells look as if the mark before three digits separated thousands, which it does not with this decimal mark:
    /// whole numbers stand among them, and zeros at the end, which nobody writes as decimals of some cells only.
    fn doubt(&self, mark: DecimalMark) -> bool {
        self.whole && self.trailing_zero == Some(mark)
    }
}

impl DateEvidence {
    /// The orders that every cell allows.
    fn possible(&self) -> Vec<DateOrder> {
        ORDERS.into_iter().filter(|order| self.allows(*order)).collect()
    }

    /// The one order that the cells allow, and a cell that says so.
    fn by_cells(&self) -> Option<(DateOrder, Witness)> {
        let [only] = self.possible()[..] else { return None };
        let says = ORDERS.iter().zip(&self.only).find(|(order, _)| **order == only)?.1.clone();
        Some((only, says.or_else(|| self.open.clone())?)).filter(|_| self.ordered > 0)
    }

    /// Two cells that are no day in one and the same order.
    fn mixed(&self) -> Option<Undecided> {
        if !self.possible().is_empty() {
            return None;
        }
        let two = |witnesses: &[Option<Witness>]| {
            let mut found: Vec<Witness> = witnesses.iter().flatten().cloned().collect();
            found.sort_by_key(|witness| witness.row);
            found.dedup();
            Some((found.first()?.clone(), found.get(1)?.clone()))
        };
        let (first, second) = two(&self.only).or_else(|| two(&self.against))?;
        Some(Undecided::MixedOrders { first, second })
    }

    /// A cell that is a day in another order alone, where none is one in this order alone.
    fn goes_against(&self, set: DateOrder) -> Option<&Witness> {
        let by_order = || ORDERS.iter().zip(&self.only);
        let supported = by_order().any(|(order, only)| *order == set && only.is_some());
        by_order().filter(|_| !supported).find_map(|(order, only)| only.as_ref().filter(|_| *order != set))
    }
}

fn order(
    column: &Candidate,
    file: FileFormat,
    sisters: Option<(DateOrder, &str, &Witness)>,
    day_first: bool,
) -> Result<Decision, Undecided> {
    let days = &column.evidence.days;
    let decided = |order, because| {
        let format = TextFormat { date_order: Some(order), ..TextFormat::default() };
        Ok(Decision { format, because: Some(because), open: days.open.clone() })
    };
    if let Some(order) = column.set.date_order {
        return match days.goes_against(order) {
            Some(witness) => Err(Undecided::AgainstOrder { set: order, witness: witness.clone() }),
            None => decided(order, Because::Mapping),
        };
    }
    if let Some(order) = days.numbers_as() {
        return decided(order, Because::Numbers);
    }
    if days.ordered == 0 {
        return Ok(Decision::default());
    }
    if days.differs_by_separator() {
        let said = days.only.iter().any(Option::is_some);
        let (because, open) = if said { (None, None) } else { (Some(Because::Assumed), days.open.clone()) };
        return Ok(Decision { format: TextFormat::default(), because, open });
    }
    if let Some(mixed) = days.mixed() {
        return Err(mixed);
    }
    if let Some((order, witness)) = days.by_cells() {
        return decided(order, Because::Cell(witness));
    }
    let possible = days.possible();
    let can_be = |order: &DateOrder| possible.contains(order);
    if let Some(order) = file.set.date_order.filter(can_be) {
        return decided(order, Because::Mapping);
    }
    if let Some((order, column, witness)) = sisters.filter(|(order, _, _)| can_be(order)) {
        return decided(order, Because::Sister { column: column.to_owned(), witness: witness.clone() });
    }
    let known = column.fallback.or(column.trained).date_order.filter(can_be);
    if can_be(&DateOrder::YearFirst) && known.is_none() {
        let open = days.open.clone().unwrap_or_else(|| Witness { row: 0, text: String::new() });
        return Err(Undecided::DateOrder { open });
    }
    match known {
        Some(order) => decided(order, Because::Customers),
        None if days.others.cells == 0 => decided(DateOrder::DayFirst, Because::Dots),
        None if day_first => decided(DateOrder::DayFirst, Because::DecimalComma),
        None => decided(DateOrder::MonthFirst, Because::Assumed),
    }
}

impl Undecided {
    /// What is wrong with a column, and what to do about it.
    pub(crate) fn sentence(&self, column: &str) -> String {
        let cell = |Witness { row, text }: &Witness| format!("{text:?} in row {row}");
        let table = format!("[columns.{column:?}]");
        match self {
            Self::Decimal { open } => format!(
                "column {column:?} could be written with a decimal point or a decimal comma, as {}: set \
                 decimal = \",\" or decimal = \".\" for the file or under {table} in the mapping",
                cell(open)
            ),
            Self::MixedDecimals { point, comma } => format!(
                "column {column:?} has a decimal point, as {}, and a decimal comma, as {}: write its numbers in one way, or set \
                 decimal under {table} for the cells that could have either",
                cell(point),
                cell(comma)
            ),
            Self::AgainstDecimal { set, witness } => format!(
                "column {column:?} has {}, which contradicts decimal = {:?} under {table}: correct the mapping or the cell",
                cell(witness),
                set.key()
            ),
            Self::DateOrder { open } => format!(
                "column {column:?} could have the day or the year first, as {}: set date_order = \"dmy\" or \
                 date_order = \"ymd\" for the file or under {table} in the mapping",
                cell(open)
            ),
            Self::MixedOrders { first, second } => format!(
                "column {column:?} has days in different orders, as {} and {}: write them in one order, such as 2022-07-16, or set \
                 date_order under {table} for the cells that could have either",
                cell(first),
                cell(second)
            ),
            Self::AgainstOrder { set, witness } => format!(
                "column {column:?} has {}, which contradicts date_order = {:?} under {table}: correct the mapping or the cell",
                cell(witness),
                set.key()
            ),
        }
    }
}

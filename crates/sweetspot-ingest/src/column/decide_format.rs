//! Decides one format for each column of numbers or dates, from all of its cells, and from the rest of the file if the
//! cells are ambiguous.

use sweetspot_core::{AttributeKind, DateOrder, DecimalMark, TextFormat};

use super::format_evidence::{DateEvidence, EvidenceCell, FormatEvidence, NumberEvidence, ORDERS};
use crate::mapping::Mapping;

/// A column whose format is to be decided.
#[derive(Clone, Debug)]
pub(crate) struct ColumnFormatInput {
    pub(crate) name: String,
    /// The kind of its values. Only numbers and dates need a format.
    pub(crate) kind: AttributeKind,
    /// The evidence in its cells.
    pub(crate) evidence: FormatEvidence,
    /// The setting of the mapping for this column.
    pub(crate) setting: TextFormat,
    /// The format if neither its cells nor other columns decide.
    pub(crate) fallback: TextFormat,
    /// The format in the customer data: the last resort, unless the file suggests another one.
    pub(crate) training_format: TextFormat,
}

impl ColumnFormatInput {
    /// Creates a candidate for a column of a file that is read with this mapping.
    pub(crate) fn new(name: &str, kind: AttributeKind, evidence: FormatEvidence, mapping: &Mapping) -> Self {
        let set = mapping.columns.get(name).map_or_else(TextFormat::default, |settings| settings.metadata.format);
        Self {
            name: name.to_owned(),
            kind,
            evidence,
            setting: set,
            fallback: TextFormat::default(),
            training_format: TextFormat::default(),
        }
    }
}

/// What the format of a file's columns can be inferred from, besides their cells: the setting of the mapping, and the
/// separator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileFormatHints {
    /// The setting of the mapping for the file.
    pub(crate) setting: TextFormat,
    /// Whether semicolons separate the cells, as is usual in files with decimal commas.
    pub(crate) has_semicolons: bool,
}

/// The format of a column, and the reason for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatDecision {
    /// The format of its texts. Properties that no cell needs are not set.
    pub(crate) format: TextFormat,
    /// The reason; `None` if there was nothing to decide.
    pub(crate) reason: Option<FormatReason>,
    /// A cell whose meaning depends on the decision.
    pub(crate) ambiguous_cell: Option<EvidenceCell>,
}

/// The reason for the format of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FormatReason {
    /// A cell of the column is unambiguous.
    Cell(EvidenceCell),
    /// A cell of another column is unambiguous.
    OtherColumn {
        /// The name of the other column.
        column: String,
        /// The unambiguous cell.
        witness: EvidenceCell,
    },
    /// The mapping sets the format.
    Mapping,
    /// The customer data has this format.
    Customers,
    /// Semicolons separate the cells.
    Semicolons,
    /// Countries with this currency use this format.
    Currency,
    /// The numbers of the file have decimal commas, which usually go with day-first dates.
    DecimalComma,
    /// Dots separate the numbers, which usually means day first.
    Dots,
    /// All cells are serial dates, or all are dates without separators.
    Numbers,
    /// A default, without evidence.
    Assumed,
}

/// The reason why no single format fits a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnFormatError {
    /// Neither the cells nor the rest of the file determine the decimal mark.
    Decimal {
        /// An ambiguous cell.
        ambiguous_cell: EvidenceCell,
    },
    /// Some cells are valid only with a decimal point, and others only with a decimal comma.
    MixedDecimals {
        /// A cell with a decimal point.
        point: EvidenceCell,
        /// A cell with a decimal comma.
        comma: EvidenceCell,
    },
    /// The mapping sets one decimal mark, and a cell is valid only with the other.
    ContradictsDecimal {
        /// The setting of the mapping.
        setting: DecimalMark,
        /// The contradicting cell.
        witness: EvidenceCell,
    },
    /// The order could be day first or year first.
    DateOrder {
        /// An ambiguous cell.
        ambiguous_cell: EvidenceCell,
    },
    /// Cells are dates in different orders.
    MixedOrders {
        /// A cell in one order.
        first: EvidenceCell,
        /// A later cell in another order.
        second: EvidenceCell,
    },
    /// The mapping sets one order, and a cell is a date only in another one.
    ContradictsOrder {
        /// The setting of the mapping.
        setting: DateOrder,
        /// The contradicting cell.
        witness: EvidenceCell,
    },
}

/// Decides the format of every column. The results are in the order of the columns.
pub(crate) fn decide(
    columns: &[ColumnFormatInput],
    file: FileFormatHints,
) -> Vec<Result<FormatDecision, ColumnFormatError>> {
    let decimals = DecisiveCells::new(columns, AttributeKind::Number, |column| {
        let by_cells = column.evidence.numbers.decisive_mark()?;
        by_cells.ok().map(|(mark, witness)| (mark, witness.clone()))
    });
    let comma = file.setting.decimal.or_else(|| decimals.consensus().map(|(mark, _, _)| mark));
    let day_first = comma.map_or(file.has_semicolons, |mark| mark == DecimalMark::Comma);
    let orders = DecisiveCells::new(columns, AttributeKind::Date, |column| column.evidence.days.decisive_order());
    let own_format = |column: &ColumnFormatInput| match column.kind {
        AttributeKind::Number => decide_decimal(column, file, decimals.consensus()),
        AttributeKind::Date => decide_order(column, file, orders.consensus(), day_first),
        AttributeKind::Category | AttributeKind::Flag | AttributeKind::List => Ok(FormatDecision::default()),
    };
    columns.iter().map(own_format).collect()
}

/// The values determined by unambiguous columns, each with the column name and a cell.
struct DecisiveCells<T>(Vec<(T, String, EvidenceCell)>);

impl<T: Copy + PartialEq> DecisiveCells<T> {
    fn new(
        columns: &[ColumnFormatInput],
        kind: AttributeKind,
        by_cells: impl Fn(&ColumnFormatInput) -> Option<(T, EvidenceCell)>,
    ) -> Self {
        let decided = columns.iter().filter(|column| column.kind == kind).filter_map(|column| {
            let (value, witness) = by_cells(column)?;
            Some((value, column.name.clone(), witness))
        });
        Self(decided.collect())
    }

    /// Returns the value that all of them agree on.
    fn consensus(&self) -> Option<(T, &str, &EvidenceCell)> {
        let (value, name, witness) = self.0.first()?;
        self.0.iter().all(|(other, _, _)| other == value).then_some((*value, name, witness))
    }
}

impl NumberEvidence {
    /// Returns the decimal mark of the unambiguous cells, or an error if they have both.
    fn decisive_mark(&self) -> Option<Result<(DecimalMark, &EvidenceCell), ColumnFormatError>> {
        Some(match (&self.point, &self.comma) {
            (Some(point), Some(comma)) => {
                Err(ColumnFormatError::MixedDecimals { point: point.clone(), comma: comma.clone() })
            }
            (Some(point), None) => Ok((DecimalMark::Point, point)),
            (None, Some(comma)) => Ok((DecimalMark::Comma, comma)),
            (None, None) => return None,
        })
    }
}

fn decide_decimal(
    column: &ColumnFormatInput,
    file: FileFormatHints,
    sisters: Option<(DecimalMark, &str, &EvidenceCell)>,
) -> Result<FormatDecision, ColumnFormatError> {
    let numbers = &column.evidence.numbers;
    let decided = |mark, because| {
        let format = TextFormat { decimal: Some(mark), ..TextFormat::default() };
        Ok(FormatDecision { format, reason: Some(because), ambiguous_cell: numbers.ambiguous_cell.clone() })
    };
    if let Some(mark) = column.setting.decimal {
        // If a column has both marks, the setting is an explicit choice between them.
        return match numbers.exclusive_cell(mark.other()).filter(|_| numbers.exclusive_cell(mark).is_none()) {
            Some(witness) => Err(ColumnFormatError::ContradictsDecimal { setting: mark, witness: witness.clone() }),
            None => decided(mark, FormatReason::Mapping),
        };
    }
    if let Some(by_cells) = numbers.decisive_mark() {
        let (mark, witness) = by_cells?;
        return decided(mark, FormatReason::Cell(witness.clone()));
    }
    let Some(open) = &numbers.ambiguous_cell else { return Ok(FormatDecision::default()) };
    if let Some(mark) = file.setting.decimal {
        return decided(mark, FormatReason::Mapping);
    }
    let hints = numbers.hints(file.has_semicolons);
    let is_doubted = |mark: DecimalMark| numbers.is_doubtful(mark) || hints.iter().any(|(hinted, _)| *hinted != mark);
    let undecided = || Err(ColumnFormatError::Decimal { ambiguous_cell: open.clone() });
    if let Some((mark, column, witness)) = sisters.filter(|(mark, _, _)| !is_doubted(*mark)) {
        return decided(mark, FormatReason::OtherColumn { column: column.to_owned(), witness: witness.clone() });
    }
    if let Some(mark) = column.fallback.decimal {
        return decided(mark, FormatReason::Mapping);
    }
    match (column.training_format.decimal, hints.first().cloned()) {
        (Some(mark), _) if !is_doubted(mark) => decided(mark, FormatReason::Customers),
        // A guess from other columns or from the customers is rejected if a hint contradicts it.
        (None, Some((mark, because))) if sisters.is_none() && !is_doubted(mark) => decided(mark, because),
        _ => undecided(),
    }
}

impl NumberEvidence {
    /// Returns the usual marks for the currency of the column and for the separator of the file.
    fn hints(&self, semicolons: bool) -> Vec<(DecimalMark, FormatReason)> {
        let currency = self.currency_mark.map(|mark| (mark, FormatReason::Currency));
        // Commas in a semicolon-separated file are not a hint: they may be the reason for the semicolons.
        let points = self.ambiguous_cell.as_ref().is_some_and(|open| open.text.contains('.'));
        let semicolons = (semicolons && points).then_some((DecimalMark::Comma, FormatReason::Semicolons));
        currency.into_iter().chain(semicolons).collect()
    }

    /// Returns whether the cells suggest that the other mark is the decimal mark, and this one a thousands separator:
    /// they include whole numbers or trailing zeros, which programs do not write as decimals of some cells only.
    fn is_doubtful(&self, mark: DecimalMark) -> bool {
        self.has_whole_number && self.trailing_zero == Some(mark)
    }
}

impl DateEvidence {
    /// Returns the orders that every cell allows.
    fn possible_orders(&self) -> Vec<DateOrder> {
        ORDERS.into_iter().filter(|order| self.allows(*order)).collect()
    }

    /// Returns the only order that the cells allow, with a cell that proves it.
    fn decisive_order(&self) -> Option<(DateOrder, EvidenceCell)> {
        let [only] = self.possible_orders()[..] else { return None };
        let proof = ORDERS.iter().zip(&self.exclusive).find(|(order, _)| **order == only)?.1.clone();
        Some((only, proof.or_else(|| self.ambiguous_cell.clone())?)).filter(|_| self.order_dependent > 0)
    }

    /// Returns two cells that have no order in common.
    fn mixed_orders(&self) -> Option<ColumnFormatError> {
        if !self.possible_orders().is_empty() {
            return None;
        }
        let two = |witnesses: &[Option<EvidenceCell>]| {
            let mut found: Vec<EvidenceCell> = witnesses.iter().flatten().cloned().collect();
            found.sort_by_key(|witness| witness.row);
            found.dedup();
            Some((found.first()?.clone(), found.get(1)?.clone()))
        };
        let (first, second) = two(&self.exclusive).or_else(|| two(&self.excluded))?;
        Some(ColumnFormatError::MixedOrders { first, second })
    }

    /// Returns a cell that is a date only in another order, if no cell is a date only in the set order.
    fn contradicting_cell(&self, set: DateOrder) -> Option<&EvidenceCell> {
        let by_order = || ORDERS.iter().zip(&self.exclusive);
        let supported = by_order().any(|(order, only)| *order == set && only.is_some());
        by_order().filter(|_| !supported).find_map(|(order, only)| only.as_ref().filter(|_| *order != set))
    }
}

fn decide_order(
    column: &ColumnFormatInput,
    file: FileFormatHints,
    sisters: Option<(DateOrder, &str, &EvidenceCell)>,
    day_first: bool,
) -> Result<FormatDecision, ColumnFormatError> {
    let days = &column.evidence.days;
    let decided = |order, because| {
        let format = TextFormat { date_order: Some(order), ..TextFormat::default() };
        Ok(FormatDecision { format, reason: Some(because), ambiguous_cell: days.ambiguous_cell.clone() })
    };
    if let Some(order) = column.setting.date_order {
        return match days.contradicting_cell(order) {
            Some(witness) => Err(ColumnFormatError::ContradictsOrder { setting: order, witness: witness.clone() }),
            None => decided(order, FormatReason::Mapping),
        };
    }
    if let Some(order) = days.compact_order() {
        return decided(order, FormatReason::Numbers);
    }
    if days.order_dependent == 0 {
        return Ok(FormatDecision::default());
    }
    if days.differs_by_separator() {
        let is_decided = days.exclusive.iter().any(Option::is_some);
        let (because, open) =
            if is_decided { (None, None) } else { (Some(FormatReason::Assumed), days.ambiguous_cell.clone()) };
        return Ok(FormatDecision { format: TextFormat::default(), reason: because, ambiguous_cell: open });
    }
    if let Some(mixed) = days.mixed_orders() {
        return Err(mixed);
    }
    if let Some((order, witness)) = days.decisive_order() {
        return decided(order, FormatReason::Cell(witness));
    }
    let possible = days.possible_orders();
    let can_be = |order: &DateOrder| possible.contains(order);
    if let Some(order) = file.setting.date_order.filter(can_be) {
        return decided(order, FormatReason::Mapping);
    }
    if let Some((order, column, witness)) = sisters.filter(|(order, _, _)| can_be(order)) {
        return decided(order, FormatReason::OtherColumn { column: column.to_owned(), witness: witness.clone() });
    }
    let known = column.fallback.or(column.training_format).date_order.filter(can_be);
    if can_be(&DateOrder::YearFirst) && known.is_none() {
        let open = days.ambiguous_cell.clone().unwrap_or_else(|| EvidenceCell { row: 0, text: String::new() });
        return Err(ColumnFormatError::DateOrder { ambiguous_cell: open });
    }
    match known {
        Some(order) => decided(order, FormatReason::Customers),
        None if days.others.cells == 0 => decided(DateOrder::DayFirst, FormatReason::Dots),
        None if day_first => decided(DateOrder::DayFirst, FormatReason::DecimalComma),
        None => decided(DateOrder::MonthFirst, FormatReason::Assumed),
    }
}

impl ColumnFormatError {
    /// Describes the problem with a column, and how to fix it.
    pub(crate) fn sentence(&self, column: &str) -> String {
        let cell = |EvidenceCell { row, text }: &EvidenceCell| format!("{text:?} in row {row}");
        let table = format!("[columns.{column:?}]");
        match self {
            Self::Decimal { ambiguous_cell: open } => format!(
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
            Self::ContradictsDecimal { setting: set, witness } => format!(
                "column {column:?} has {}, which contradicts decimal = {:?} under {table}: correct the mapping or the cell",
                cell(witness),
                set.key()
            ),
            Self::DateOrder { ambiguous_cell: open } => format!(
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
            Self::ContradictsOrder { setting: set, witness } => format!(
                "column {column:?} has {}, which contradicts date_order = {:?} under {table}: correct the mapping or the cell",
                cell(witness),
                set.key()
            ),
        }
    }
}

//! The evidence in the cells of a column for the format of its numbers and dates.

use sweetspot_core::parse::{DateReadings, NumberReadings, usual_decimal_mark};
use sweetspot_core::{AttributeKind, DateOrder, DecimalMark, TextFormat};

use super::TextColumn;
use crate::limits::clip_to;

/// The maximum length of a quoted cell in bytes.
const MAX_QUOTED_BYTES: usize = 40;

/// The numbers that are plausible spreadsheet serial dates: 1954 to 2119.
const LIKELY_SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;

/// A cell that is evidence for the format of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EvidenceCell {
    /// The number of the row below the header, starting at 1.
    pub(crate) row: u64,
    /// Its text, truncated to 40 bytes.
    pub(crate) text: String,
}

/// The evidence in a column. Both numbers and dates are recorded until the kind is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatEvidence {
    pub(super) numbers: NumberEvidence,
    pub(super) days: DateEvidence,
}

/// Cells by the decimal marks that they allow.
#[derive(Clone, Debug, Default)]
pub(super) struct NumberEvidence {
    /// The first cell that is valid only with a decimal point. `comma` is the first that is valid only with a decimal
    /// comma.
    pub(super) point: Option<EvidenceCell>,
    pub(super) comma: Option<EvidenceCell>,
    /// The first cell that is a different number with a point than with a comma.
    pub(super) ambiguous_cell: Option<EvidenceCell>,
    /// The decimal mark in countries with the currency of the first ambiguous cell.
    pub(super) currency_mark: Option<DecimalMark>,
    /// Whether a cell is a whole number without any mark.
    pub(super) has_whole_number: bool,
    /// The mark of an ambiguous cell that ends with a zero, such as `1.230`.
    pub(super) trailing_zero: Option<DecimalMark>,
}

/// Cells by the orders in which they are dates.
#[derive(Clone, Debug, Default)]
pub(super) struct DateEvidence {
    /// The first cell that is a date only in this order, indexed as [`ORDERS`].
    pub(super) exclusive: [Option<EvidenceCell>; ORDERS.len()],
    /// The first cell that is not a date in this order.
    pub(super) excluded: [Option<EvidenceCell>; ORDERS.len()],
    /// The number of cells whose validity or meaning depends on the order. `ambiguous_cell` is the first that is a
    /// different date in another order.
    pub(super) order_dependent: u64,
    pub(super) ambiguous_cell: Option<EvidenceCell>,
    /// Counts of order-dependent cells with dots, and with dashes or slashes.
    pub(super) dots: SeparatorEvidence,
    pub(super) others: SeparatorEvidence,
    /// The number of cells that are numbers, and how many of them can be dates.
    numbers: u64,
    serials: u64,
    compact: u64,
}

/// The order-dependent cells with one kind of separator.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SeparatorEvidence {
    pub(super) cells: u64,
    /// Whether one of them is not a date with the month first, or with the day first.
    pub(super) not_month_first: bool,
    pub(super) not_day_first: bool,
}

/// The orders of day, month and year.
pub(super) const ORDERS: [DateOrder; 3] = [DateOrder::MonthFirst, DateOrder::DayFirst, DateOrder::YearFirst];

impl FormatEvidence {
    /// Collects the evidence in the texts of a column.
    pub(crate) fn new(column: &TextColumn, kind: AttributeKind) -> Self {
        let mut evidence = Self::default();
        for (text, row) in column.first_rows() {
            evidence.observe(row, text, kind);
        }
        evidence
    }

    /// Returns whether the column has cells that remain ambiguous in this format.
    pub(crate) fn is_ambiguous_for(&self, format: TextFormat) -> bool {
        let numbers = match format.decimal {
            Some(mark) => self.numbers.exclusive_cell(mark.other()).is_some(),
            None => {
                self.numbers.ambiguous_cell.is_some() || self.numbers.point.is_some() && self.numbers.comma.is_some()
            }
        };
        let days = match format.date_order {
            Some(order) => !self.days.allows(order),
            None => self.days.order_dependent > 0 && !self.days.differs_by_separator(),
        };
        numbers || days
    }

    /// Adds a cell of a column of this kind.
    pub(crate) fn observe(&mut self, row: u64, text: &str, kind: AttributeKind) {
        match kind {
            AttributeKind::Number => self.numbers.observe(row, text, NumberReadings::new(text)),
            AttributeKind::Date => self.days.observe(row, text, DateReadings::new(text, true)),
            AttributeKind::Category | AttributeKind::Flag | AttributeKind::List => {}
        }
    }
}

fn witness(row: u64, text: &str) -> EvidenceCell {
    EvidenceCell { row, text: clip_to(text, MAX_QUOTED_BYTES).to_owned() }
}

/// Returns whether a number is a plausible spreadsheet serial date.
pub(crate) fn is_likely_serial(text: &str) -> bool {
    text.replace(',', ".").parse().is_ok_and(|serial: f64| LIKELY_SERIALS.contains(&serial))
}

impl NumberEvidence {
    pub(super) fn observe(&mut self, row: u64, text: &str, readings: NumberReadings) {
        let place = match readings.only_mark() {
            Some(DecimalMark::Point) => &mut self.point,
            Some(DecimalMark::Comma) => &mut self.comma,
            None if readings.differ() => &mut self.ambiguous_cell,
            None => {
                self.has_whole_number |= text.bytes().all(|byte| byte.is_ascii_digit());
                return;
            }
        };
        if place.is_none() {
            *place = Some(witness(row, text));
        }
        if readings.differ() {
            self.currency_mark = self.currency_mark.or_else(|| usual_decimal_mark(text));
            let mark = if text.contains(',') { DecimalMark::Comma } else { DecimalMark::Point };
            self.trailing_zero = self.trailing_zero.or_else(|| text.ends_with('0').then_some(mark));
        }
    }

    /// Returns the first cell that is valid only with this mark.
    pub(super) const fn exclusive_cell(&self, mark: DecimalMark) -> Option<&EvidenceCell> {
        match mark {
            DecimalMark::Point => self.point.as_ref(),
            DecimalMark::Comma => self.comma.as_ref(),
        }
    }
}

impl DateEvidence {
    pub(super) fn observe(&mut self, row: u64, text: &str, readings: Option<DateReadings>) {
        match readings {
            Some(DateReadings::Number { serial, compact }) => {
                self.numbers += 1;
                self.serials += u64::from(serial.is_some() && is_likely_serial(text));
                self.compact += u64::from(compact.is_some());
            }
            Some(DateReadings::Ordered { mark, days }) => {
                self.order_dependent += 1;
                let mut day = ORDERS.map(|order| days.get(order));
                // Two-digit years come first only with dashes, unless no other order is possible.
                if let [month_first, day_first, year_first] = &mut day
                    && mark != '-'
                    && month_first.or(*day_first).is_some()
                {
                    *year_first = None;
                }
                let marked = if mark == '.' { &mut self.dots } else { &mut self.others };
                marked.cells += 1;
                marked.not_month_first |= day.first().is_some_and(Option::is_none);
                marked.not_day_first |= day.get(1).is_some_and(Option::is_none);
                let readable = day.iter().flatten().count();
                let first = day.iter().flatten().next();
                for ((day, only), against) in day.iter().zip(&mut self.exclusive).zip(&mut self.excluded) {
                    if day.is_none() && against.is_none() {
                        *against = Some(witness(row, text));
                    }
                    if day.is_some() && readable == 1 && only.is_none() {
                        *only = Some(witness(row, text));
                    }
                }
                if self.ambiguous_cell.is_none() && day.iter().flatten().any(|day| Some(day) != first) {
                    self.ambiguous_cell = Some(witness(row, text));
                }
            }
            Some(DateReadings::One(_)) | None => {}
        }
    }

    /// Returns whether each separator has its usual order: day first with dots, month first with dashes and slashes.
    pub(super) fn differs_by_separator(&self) -> bool {
        let has_both = self.dots.cells > 0 && self.others.cells > 0;
        has_both && !self.dots.not_day_first && !self.others.not_month_first
    }

    /// Returns whether every order-dependent cell is a date in this order.
    pub(super) fn allows(&self, order: DateOrder) -> bool {
        ORDERS.iter().zip(&self.excluded).all(|(excluded_order, against)| *excluded_order != order || against.is_none())
    }

    /// Returns the order of a column whose cells are all serial dates, or all dates without separators.
    pub(super) const fn compact_order(&self) -> Option<DateOrder> {
        if self.order_dependent > 0 || self.numbers == 0 {
            None
        } else if self.compact == self.numbers {
            Some(DateOrder::YearFirst)
        } else if self.serials == self.numbers {
            Some(DateOrder::Serial)
        } else {
            None
        }
    }
}

//! What the cells of a column say of how its numbers and days are written.

use sweetspot_core::parse::{DateReadings, NumberReadings, habit_of};
use sweetspot_core::{DateOrder, DecimalMark, Kind, TextFormat};

use super::TextColumn;
use crate::limits::clip_to;

/// Bytes of a cell that are quoted.
const QUOTED_BYTES: usize = 40;

/// The days that numbers in a column of dates can be where they count days as a spreadsheet does: 1954 to 2119.
const LIKELY_SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;

/// A cell that says how its column is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    /// The row below the header, from 1.
    pub(crate) row: u64,
    /// Its text, cut to 40 bytes.
    pub(crate) text: String,
}

/// What was seen in a column. Numbers and days are looked for in every cell; only one of them will matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(super) numbers: NumberEvidence,
    pub(super) days: DateEvidence,
}

/// Cells by the decimal marks that they can have.
#[derive(Clone, Debug, Default)]
pub(super) struct NumberEvidence {
    /// The first cell that can only have a decimal point, and the first that can only have a decimal comma.
    pub(super) point: Option<Witness>,
    pub(super) comma: Option<Witness>,
    /// The first cell that is one number with a point and another one with a comma.
    pub(super) open: Option<Witness>,
    /// How countries with the currency of the first open cell write.
    pub(super) habit: Option<DecimalMark>,
    /// Whether a cell is a whole number without any mark.
    pub(super) whole: bool,
    /// The mark of an open cell that ends with a zero: `1.230`.
    pub(super) trailing_zero: Option<DecimalMark>,
}

/// Cells by the orders in which they are days.
#[derive(Clone, Debug, Default)]
pub(super) struct DateEvidence {
    /// The first cell that is a day in this order alone: month, day or year first.
    pub(super) only: [Option<Witness>; ORDERS.len()],
    /// The first cell that is no day in this order.
    pub(super) against: [Option<Witness>; ORDERS.len()],
    /// Cells whose order matters, and the first of those that are different days in different orders.
    pub(super) ordered: u64,
    pub(super) open: Option<Witness>,
    /// Cells with dots whose order matters, and cells with dashes or slashes.
    pub(super) dots: Marked,
    pub(super) others: Marked,
    /// Cells that are numbers, and those of them that can be days.
    numbers: u64,
    serials: u64,
    compact: u64,
}

/// Cells with one kind of separator.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marked {
    pub(super) cells: u64,
    /// Whether one of them is no day with the month first, or with the day first.
    pub(super) not_month_first: bool,
    pub(super) not_day_first: bool,
}

/// The orders of three numbers.
pub(super) const ORDERS: [DateOrder; 3] = [DateOrder::MonthFirst, DateOrder::DayFirst, DateOrder::YearFirst];

impl Evidence {
    /// The evidence of the texts of a column.
    pub(crate) fn of(column: &TextColumn, kind: Kind) -> Self {
        let mut evidence = Self::default();
        for (text, row) in column.first_rows() {
            evidence.observe(row, text, kind);
        }
        evidence
    }

    /// Whether cells have come that a format does not read in one way.
    pub(crate) fn unsettles(&self, format: TextFormat) -> bool {
        let numbers = match format.decimal {
            Some(mark) => self.numbers.only(mark.other()).is_some(),
            None => self.numbers.open.is_some() || self.numbers.point.is_some() && self.numbers.comma.is_some(),
        };
        let days = match format.date_order {
            Some(order) => !self.days.allows(order),
            None => self.days.ordered > 0 && !self.days.differs_by_separator(),
        };
        numbers || days
    }

    /// Takes a cell of a column of this kind into account.
    pub(crate) fn observe(&mut self, row: u64, text: &str, kind: Kind) {
        match kind {
            Kind::Number => self.numbers.observe(row, text, NumberReadings::new(text)),
            Kind::Date => self.days.observe(row, text, DateReadings::new(text, true)),
            Kind::Category | Kind::Flag | Kind::List => {}
        }
    }
}

fn witness(row: u64, text: &str) -> Witness {
    Witness { row, text: clip_to(text, QUOTED_BYTES).to_owned() }
}

/// Whether a number counts days of our time as spreadsheets do.
pub(crate) fn is_likely_serial(text: &str) -> bool {
    text.replace(',', ".").parse().is_ok_and(|serial: f64| LIKELY_SERIALS.contains(&serial))
}

impl NumberEvidence {
    fn observe(&mut self, row: u64, text: &str, readings: NumberReadings) {
        let place = match readings.only_mark() {
            Some(DecimalMark::Point) => &mut self.point,
            Some(DecimalMark::Comma) => &mut self.comma,
            None if readings.differ() => &mut self.open,
            None => {
                self.whole |= text.bytes().all(|byte| byte.is_ascii_digit());
                return;
            }
        };
        if place.is_none() {
            *place = Some(witness(row, text));
        }
        if readings.differ() {
            self.habit = self.habit.or_else(|| habit_of(text));
            let mark = if text.contains(',') { DecimalMark::Comma } else { DecimalMark::Point };
            self.trailing_zero = self.trailing_zero.or_else(|| text.ends_with('0').then_some(mark));
        }
    }

    /// The first cell that can only have this mark.
    pub(super) const fn only(&self, mark: DecimalMark) -> Option<&Witness> {
        match mark {
            DecimalMark::Point => self.point.as_ref(),
            DecimalMark::Comma => self.comma.as_ref(),
        }
    }
}

impl DateEvidence {
    fn observe(&mut self, row: u64, text: &str, readings: Option<DateReadings>) {
        match readings {
            Some(DateReadings::Number { serial, compact }) => {
                self.numbers += 1;
                self.serials += u64::from(serial.is_some() && is_likely_serial(text));
                self.compact += u64::from(compact.is_some());
            }
            Some(DateReadings::Ordered { mark, days }) => {
                self.ordered += 1;
                let mut day = ORDERS.map(|order| days.get(order));
                // Years of two digits come first behind dashes alone, unless nothing else is possible.
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
                for ((day, only), against) in day.iter().zip(&mut self.only).zip(&mut self.against) {
                    if day.is_none() && against.is_none() {
                        *against = Some(witness(row, text));
                    }
                    if day.is_some() && readable == 1 && only.is_none() {
                        *only = Some(witness(row, text));
                    }
                }
                if self.open.is_none() && day.iter().flatten().any(|day| Some(day) != first) {
                    self.open = Some(witness(row, text));
                }
            }
            Some(DateReadings::One(_)) | None => {}
        }
    }

    /// Whether each separator means what it usually does: dots the day first, dashes and slashes the month.
    pub(super) fn differs_by_separator(&self) -> bool {
        let both = self.dots.cells > 0 && self.others.cells > 0;
        both && !self.dots.not_day_first && !self.others.not_month_first
    }

    /// Whether every cell whose order matters is a day in this order.
    pub(super) fn allows(&self, order: DateOrder) -> bool {
        ORDERS.iter().zip(&self.against).all(|(one, against)| *one != order || against.is_none())
    }

    /// The order in which cells without separators are days, where there are only such cells.
    pub(super) const fn numbers_as(&self) -> Option<DateOrder> {
        if self.ordered > 0 || self.numbers == 0 {
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

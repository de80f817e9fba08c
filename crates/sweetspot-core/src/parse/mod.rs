//! How a text is read as a number, a flag, a date or a list. One table for files, requests, rules and the model, so that they
//! cannot disagree; `docs/API.md` prints it.

mod currency;
mod date;
mod flag;
mod format;
mod list;
mod number;

pub use currency::CURRENCIES;
pub use date::{DateReadings, OrderedDays, days_of, parse_date, read_date};
pub use flag::{FLAG_WORDS, parse_flag};
pub use format::{DateOrder, DecimalMark, TextFormat};
pub use list::parse_list;
pub use number::{NumberReadings, currency_of, habit_of, parse_number, read_number};

const DECIMAL_MARKS: [DecimalMark; 2] = [DecimalMark::Point, DecimalMark::Comma];
const DATE_ORDERS: [DateOrder; 4] =
    [DateOrder::MonthFirst, DateOrder::DayFirst, DateOrder::YearFirst, DateOrder::Serial];

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parsed<T> {
    /// The value that was taken.
    pub value: T,
    /// Whether another reader would take the same text for another value, as `1.200` or `01/03/2019`.
    pub ambiguous: bool,
}

impl<T> Parsed<T> {
    const fn certain(value: T) -> Self {
        Self { value, ambiguous: false }
    }
}

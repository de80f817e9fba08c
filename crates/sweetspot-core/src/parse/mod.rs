//! Reads texts as numbers, flags, dates or lists. Files, requests, rules and the model share this code, so that they
//! agree; `docs/API.md` documents it.

mod currency;
mod date;
mod flag;
mod list;
mod number;
mod text_format;

pub use currency::CURRENCIES;
pub use date::{DateReadings, OrderedDays, parse_date, possible_dates, read_date};
pub use flag::{FLAG_WORDS, flag_words, parse_flag};
pub use list::parse_list;
pub use number::{NumberReadings, find_currency, parse_number, read_number, usual_decimal_mark};
pub use text_format::{DateOrder, DecimalMark, TextFormat};

const DECIMAL_MARKS: [DecimalMark; 2] = [DecimalMark::Point, DecimalMark::Comma];
const DATE_ORDERS: [DateOrder; 4] =
    [DateOrder::MonthFirst, DateOrder::DayFirst, DateOrder::YearFirst, DateOrder::Serial];

/// The interpretation of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parsed<T> {
    /// The value.
    pub value: T,
    /// Whether the text could also mean another value, as in `1.200` or `01/03/2019`.
    pub ambiguous: bool,
}

impl<T> Parsed<T> {
    const fn unambiguous(value: T) -> Self {
        Self { value, ambiguous: false }
    }
}

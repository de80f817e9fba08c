//! Formats the values of Parquet columns as people type them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;
use sweetspot_core::Date;
use uuid::Uuid;

/// The maximum number of digits of a decimal.
const MAX_DIGITS: usize = 38;

/// The representation of the values in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    /// A flag, a number or a text, by the physical type of the column.
    Plain,
    /// An unsigned integer.
    Unsigned,
    /// A decimal number with this many digits after the decimal point.
    Decimal(u32),
    /// Days since 1970-01-01.
    Day,
    /// The time since midnight, in this many units per second.
    Time(i64),
    /// The time since 1970-01-01, in this many units per second.
    Timestamp(i64),
    Uuid,
}

impl ValueForm {
    /// Returns the representation of a column's values.
    ///
    /// # Errors
    /// Returns the unsupported content of the column.
    pub(super) fn detect(column: &ColumnDescriptor) -> Result<Self, &'static str> {
        let is_fixed = column.physical_type() == Type::FIXED_LEN_BYTE_ARRAY;
        let form = match column.logical_type_ref() {
            Some(logical) => Self::from_logical(logical)?,
            None => Self::from_converted(column)?,
        };
        if matches!(form, Self::Decimal(scale) if scale as usize > MAX_DIGITS) {
            return Err("decimals with more than 38 digits");
        }
        match (form, is_fixed) {
            (Self::Uuid, false) => Err("bytes"),
            (Self::Plain | Self::Unsigned | Self::Day | Self::Time(_) | Self::Timestamp(_), true) => {
                Err("bytes of a fixed length")
            }
            (Self::Uuid, true) | (Self::Decimal(_), _) | (_, false) => Ok(form),
        }
    }

    const fn from_logical(logical: &LogicalType) -> Result<Self, &'static str> {
        Ok(match logical {
            LogicalType::String | LogicalType::Enum | LogicalType::Json | LogicalType::Unknown => Self::Plain,
            LogicalType::Integer(integer) if integer.is_signed => Self::Plain,
            LogicalType::Integer(_) => Self::Unsigned,
            LogicalType::Decimal(decimal) => Self::Decimal(decimal.scale.unsigned_abs()),
            LogicalType::Date => Self::Day,
            LogicalType::Time(time) => Self::Time(per_second(time.unit)),
            LogicalType::Timestamp(time) => Self::Timestamp(per_second(time.unit)),
            LogicalType::Uuid => Self::Uuid,
            LogicalType::Float16 => return Err("numbers of 16 bits"),
            LogicalType::Bson => return Err("BSON"),
            LogicalType::Geometry(_) | LogicalType::Geography(_) => return Err("shapes"),
            LogicalType::Map
            | LogicalType::List
            | LogicalType::Variant(_)
            | LogicalType::File
            | LogicalType::_Unknown { .. } => return Err("values of an unknown kind"),
        })
    }

    fn from_converted(column: &ColumnDescriptor) -> Result<Self, &'static str> {
        Ok(match column.converted_type() {
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                Self::Unsigned
            }
            ConvertedType::DECIMAL => Self::Decimal(column.type_scale().unsigned_abs()),
            ConvertedType::DATE => Self::Day,
            ConvertedType::TIME_MILLIS => Self::Time(1_000),
            ConvertedType::TIME_MICROS => Self::Time(1_000_000),
            ConvertedType::TIMESTAMP_MILLIS => Self::Timestamp(1_000),
            ConvertedType::TIMESTAMP_MICROS => Self::Timestamp(1_000_000),
            ConvertedType::BSON => return Err("BSON"),
            ConvertedType::INTERVAL => return Err("intervals"),
            ConvertedType::NONE if column.physical_type() == Type::INT96 => Self::Timestamp(1_000_000),
            ConvertedType::NONE
            | ConvertedType::UTF8
            | ConvertedType::MAP
            | ConvertedType::MAP_KEY_VALUE
            | ConvertedType::LIST
            | ConvertedType::ENUM
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
            | ConvertedType::JSON => Self::Plain,
        })
    }

    /// Formats a 32-bit integer.
    pub(super) fn int32(self, value: i32) -> String {
        if self == Self::Unsigned { value.cast_unsigned().to_string() } else { self.int64(value.into()) }
    }

    /// Formats a 64-bit integer.
    pub(super) fn int64(self, value: i64) -> String {
        match self {
            Self::Plain | Self::Uuid => value.to_string(),
            Self::Unsigned => value.cast_unsigned().to_string(),
            Self::Decimal(scale) => decimal(value.into(), scale),
            Self::Day => i32::try_from(value).map_or_else(|_| value.to_string(), |days| Date { days }.to_string()),
            Self::Time(per_second) => time_of_day(value.div_euclid(per_second)),
            Self::Timestamp(per_second) => timestamp(value, per_second),
        }
    }

    /// Formats bytes; `None` if they are not valid.
    pub(super) fn bytes(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Decimal(scale) => Some(decimal(big_endian(bytes)?, scale)),
            Self::Uuid => Uuid::from_slice(bytes).ok().map(|id| id.to_string()),
            Self::Plain | Self::Unsigned | Self::Day | Self::Time(_) | Self::Timestamp(_) => {
                std::str::from_utf8(bytes).ok().map(str::to_owned)
            }
        }
    }
}

/// Formats a number; empty if it is NaN.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() { String::new() } else { unambiguous_number(value.to_string()) }
}

/// Formats a 32-bit float as the shortest text that parses back to the same number.
pub(super) fn short_number(value: f32) -> String {
    if value.is_nan() { String::new() } else { unambiguous_number(value.to_string()) }
}

/// Appends a zero if three digits follow the decimal point, because the point could be read as a thousands separator.
fn unambiguous_number(mut text: String) -> String {
    if text.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 3) {
        text.push('0');
    }
    text
}

fn decimal(unscaled: i128, scale: u32) -> String {
    let scale = scale as usize;
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { unambiguous_number(format!("{sign}{whole}.{decimals}")) }
}

/// Parses a two's-complement integer in big-endian order; `None` beyond 128 bits.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if is_negative { -1 } else { 0 };
    (bytes.len() <= 16).then(|| bytes.iter().fold(start, |number: i128, byte| number << 8 | i128::from(*byte)))
}

const fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}

/// Formats a time of day.
fn time_of_day(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Formats a date, with the time in UTC if it is not midnight.
fn timestamp(value: i64, per_second: i64) -> String {
    let seconds = value.div_euclid(per_second);
    let Ok(moment) = Timestamp::from_second(seconds) else { return format!("timestamp {value}") };
    let moment = moment.to_zoned(TimeZone::UTC).datetime();
    let of_day = seconds.rem_euclid(86_400);
    if of_day == 0 { moment.date().to_string() } else { format!("{} {}", moment.date(), time_of_day(of_day)) }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::parse_date;

    use super::*;

    #[test]
    fn numbers_can_be_read_in_one_way_only() {
        for (value, text) in
            [(1.234, "1.2340"), (0.5, "0.5"), (1200.0, "1200"), (-12.125, "-12.1250"), (1e21, "1000000000000000000000")]
        {
            assert_eq!(number(value), text);
        }
        assert_eq!((number(f64::NAN), short_number(0.1)), (String::new(), "0.1".to_owned()));
    }

    #[test]
    fn decimals_have_their_point() {
        for (unscaled, scale, text) in [
            (1250, 2, "12.50"),
            (-5, 2, "-0.05"),
            (7, 0, "7"),
            (1234, 3, "1.2340"),
            (i128::MAX, 38, "1.70141183460469231731687303715884105727"),
        ] {
            assert_eq!(decimal(unscaled, scale), text);
        }
        assert_eq!(ValueForm::Decimal(2).bytes(&[0xFF, 0x38]), Some("-2.00".to_owned()));
        assert_eq!(ValueForm::Decimal(2).bytes(&[0; 17]), None);
    }

    #[test]
    fn whole_numbers_are_what_their_column_says() {
        for (form, value, text) in [
            (ValueForm::Plain, -1, "-1"),
            (ValueForm::Unsigned, -1, "18446744073709551615"),
            (ValueForm::Day, 19_000, "2022-01-08"),
            (ValueForm::Time(1_000), 37_800_000, "10:30:00"),
            (ValueForm::Timestamp(1_000), -1, "1969-12-31 23:59:59"),
            (ValueForm::Timestamp(1_000_000_000), 1_641_600_000_000_000_000, "2022-01-08"),
            (ValueForm::Timestamp(1_000), i64::MAX, "timestamp 9223372036854775807"),
        ] {
            assert_eq!(form.int64(value), text);
        }
        assert_eq!(ValueForm::Unsigned.int32(-1), "4294967295");
        assert_eq!(parse_date("1969-12-31 23:59:59"), Some(Date { days: -1 }));
    }
}

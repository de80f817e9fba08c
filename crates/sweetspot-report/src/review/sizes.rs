//! The sizes of the customers.

use sweetspot_core::ReviewField;

use super::amount_statistics::Amounts;
use super::breakdown::{Breakdown, customers, tally};
use super::{FieldSource, ReportInput, format_number};

/// The sizes of the customers by one measure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizeSummary {
    /// Mean, median and quartiles; `None` if no size is known.
    pub amounts: Option<Amounts>,
    /// The customers by size band, in ascending order.
    pub bands: Breakdown,
}

/// The lower bounds of the employee bands after the first; those of the European Union and beyond (Recommendation
/// 2003/361/EC).
const EMPLOYEE_BANDS: [(f64, &str); 6] = [
    (10.0, "fewer than 10"),
    (50.0, "10 to 49"),
    (250.0, "50 to 249"),
    (1000.0, "250 to 999"),
    (5000.0, "1,000 to 4,999"),
    (f64::INFINITY, "5,000 or more"),
];

impl SizeSummary {
    /// The number of employees.
    pub(super) fn employees(input: &ReportInput) -> Self {
        let source = FieldSource::new(input, ReviewField::Employees);
        let band = |employees: f64| EMPLOYEE_BANDS.iter().position(|(below, _)| employees < *below).unwrap_or_default();
        let bands = tally(input, |row| source.number(row).map(band).into_iter().collect());
        let name = |band: &usize| EMPLOYEE_BANDS.get(*band).map_or("", |(_, name)| name).to_owned();
        Self { amounts: amounts(input, source), bands: bands.sorted_by_key(name) }
    }

    /// The customers' own revenue, in bands of powers of ten, because the unit depends on the file.
    pub(super) fn revenue(input: &ReportInput) -> Self {
        let source = FieldSource::new(input, ReviewField::Revenue);
        let bands = tally(input, |row| source.number(row).map(magnitude).into_iter().collect());
        Self { amounts: amounts(input, source), bands: bands.sorted_by_key(|power| decade(*power)) }
    }
}

fn amounts(input: &ReportInput, source: FieldSource<'_>) -> Option<Amounts> {
    Amounts::new(customers(input).into_iter().filter_map(|row| source.number(row)).collect())
}

/// The exponent of the largest power of ten below an amount, from -3 to 15; the minimum if the amount is not positive.
fn magnitude(amount: f64) -> i32 {
    if amount > 0.0 { amount.log10().floor().clamp(-3.0, 15.0) as i32 } else { i32::MIN }
}

fn decade(power: i32) -> String {
    if power == i32::MIN {
        return "0 or less".to_owned();
    }
    format!("{} to below {}", format_number(10_f64.powi(power)), format_number(10_f64.powi(power + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_fall_into_decades() {
        for (amount, name) in [
            (-1.0, "0 or less"),
            (0.0, "0 or less"),
            (1.0, "1 to below 10"),
            (999.0, "100 to below 1,000"),
            (1000.0, "1,000 to below 10,000"),
        ] {
            assert_eq!(decade(magnitude(amount)), name);
        }
        assert_eq!(magnitude(1e300), 15);
    }
}

//! The medians of the numbers that matter most, over a segment's customers.

use sweetspot_core::{ReviewField, ValueRef};

use crate::{AttributeName, ReportInput};

/// The maximum number of medians: those of the numbers with the largest influence.
const MAX_SIZES: usize = 3;

/// The median of one number.
#[derive(Clone, Debug, PartialEq)]
pub struct MedianNumber {
    /// The number.
    pub name: AttributeName,
    /// The median.
    pub median: f64,
    /// The number of customers with a value.
    pub customers: u64,
}

/// The medians over these rows of the model's numbers with the largest influence, and of the employees in the review.
pub(super) fn sizes(input: &ReportInput, rows: &[usize]) -> Vec<MedianNumber> {
    let mut attributes = input.model.attributes();
    attributes.retain(|attribute| attribute.kind == "number");
    attributes.sort_by(|a, b| b.total_spread.total_cmp(&a.total_spread));
    let of_attribute = |name: &String| {
        let column = input.accounts().column(name)?;
        let number = |row: &usize| match column.data.get(*row)? {
            ValueRef::Number(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        };
        size(input.attribute(name), rows.iter().filter_map(number).collect())
    };
    let mut sizes: Vec<MedianNumber> =
        attributes.iter().filter_map(|summary| of_attribute(&summary.attribute)).take(MAX_SIZES).collect();
    let review = rows.iter().filter_map(|row| input.customers.review().number(ReviewField::Employees, *row));
    if sizes.iter().all(|size| !size.name.key.eq_ignore_ascii_case("employees")) {
        sizes.extend(size(input.attribute("employees"), review.collect()));
    }
    sizes
}

fn size(name: AttributeName, mut numbers: Vec<f64>) -> Option<MedianNumber> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = *numbers.get((numbers.len() - 1) / 2)?;
    Some(MedianNumber { name, median: f64::midpoint(lower, upper), customers: numbers.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_of_the_numbers() {
        let median =
            |numbers: &[f64]| size(AttributeName::new("n", None, None), numbers.to_vec()).map(|size| size.median);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}

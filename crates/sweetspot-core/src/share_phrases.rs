//! Phrases for the share of customers with a property, with the number of customers that it is based on.

use super::group_thousands;

/// With fewer customers a share is given as counts, since a percentage would suggest more precision than they provide.
const MIN_PERCENT_CUSTOMERS: u64 = 20;
/// Averages below this, in log-odds, are not reported.
const MIN_REPORTED_LOG_ODDS: f64 = 0.1;

/// `31% of the 312 customers with Industry: Fintech`, or `6 of the only 7 customers of whom it is known`. `condition` is an
/// attribute and its value that these customers have; without it, they are all customers with a known value. The
/// percentage is never 100%, because the next customer can differ.
#[must_use]
pub fn share_of_customers(share: f64, customers: u64, condition: Option<(&str, &str)>) -> String {
    let phrase = customers_phrase(customers, condition);
    if customers < MIN_PERCENT_CUSTOMERS {
        return format!("{:.0} of {phrase}", share * customers as f64);
    }
    let percent = match share * 100.0 {
        percent if percent < 0.5 => "fewer than 1%".to_owned(),
        percent if percent >= 99.5 => "more than 99%".to_owned(),
        percent => format!("{percent:.0}%"),
    };
    format!("{percent} of {phrase}")
}

/// `the 312 customers with Industry: Fintech`.
#[must_use]
pub fn customers_phrase(customers: u64, condition: Option<(&str, &str)>) -> String {
    let number = group_thousands(&customers.to_string());
    let only = if customers < MIN_PERCENT_CUSTOMERS { "only " } else { "" };
    let noun = if customers == 1 { "customer" } else { "customers" };
    match condition {
        Some((attribute, value)) => format!("the {only}{number} {noun} with {attribute}: {value}"),
        None => format!("the {only}{number} {noun} of whom it is known"),
    }
}

/// `; known values add 0.87 log-odds more than a missing one on average`, or empty if the average is negligible.
#[must_use]
pub fn known_values_phrase(average: f64) -> String {
    let word = if average < 0.0 { "less" } else { "more" };
    if average.abs() < MIN_REPORTED_LOG_ODDS {
        return String::new();
    }
    format!("; known values add {:.2} log-odds {word} than a missing one on average", average.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_names_its_customers_and_is_never_100_percent() {
        let given = Some(("Industry", "Fintech"));
        assert_eq!(share_of_customers(0.312, 312, given), "31% of the 312 customers with Industry: Fintech");
        assert_eq!(share_of_customers(1.0, 9240, None), "more than 99% of the 9,240 customers of whom it is known");
        assert_eq!(share_of_customers(1e-5, 9240, None), "fewer than 1% of the 9,240 customers of whom it is known");
        assert_eq!(share_of_customers(6.0 / 7.0, 7, None), "6 of the only 7 customers of whom it is known");
        for percent in 0..=100 {
            let told = share_of_customers(f64::from(percent) / 100.0, 400, None);
            assert!(!told.contains("100%") && !told.starts_with("0%"), "{told}");
        }
        assert_eq!(known_values_phrase(0.05), "");
        assert_eq!(known_values_phrase(0.87), "; known values add 0.87 log-odds more than a missing one on average");
        assert_eq!(known_values_phrase(-0.5), "; known values add 0.50 log-odds less than a missing one on average");
    }
}

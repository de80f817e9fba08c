//! How often customers have something, told with what it rests on.

use super::grouped;

/// With fewer customers a share is told in numbers: a percentage would say more than they can.
const FEW: u64 = 20;
/// Averages below this, in log-odds, are not worth a word.
const WORTH_A_WORD: f64 = 0.1;

/// `31% of the 312 customers with Industry: Fintech`, `6 of the only 7 customers of whom it is known`. `given` is an attribute and its
/// value, in which these customers are like an account; without it they are all of whom something is known. Never 100%: what every
/// customer has, the next one may lack.
#[must_use]
pub fn share_of_customers(share: f64, customers: u64, given: Option<(&str, &str)>) -> String {
    let whom = whom(customers, given);
    if customers < FEW {
        return format!("{:.0} of {whom}", share * customers as f64);
    }
    let percent = match share * 100.0 {
        percent if percent < 0.5 => "fewer than 1%".to_owned(),
        percent if percent >= 99.5 => "more than 99%".to_owned(),
        percent => format!("{percent:.0}%"),
    };
    format!("{percent} of {whom}")
}

/// `the 312 customers with Industry: Fintech`.
#[must_use]
pub fn whom(customers: u64, given: Option<(&str, &str)>) -> String {
    let number = grouped(&customers.to_string());
    let only = if customers < FEW { "only " } else { "" };
    let noun = if customers == 1 { "customer" } else { "customers" };
    match given {
        Some((attribute, value)) => format!("the {only}{number} {noun} with {attribute}: {value}"),
        None => format!("the {only}{number} {noun} of whom it is known"),
    }
}

/// `; known values add 0.87 log-odds more than a missing one on average`, or nothing where that is next to nothing.
#[must_use]
pub fn any_value(average: f64) -> String {
    let word = if average < 0.0 { "less" } else { "more" };
    if average.abs() < WORTH_A_WORD {
        return String::new();
    }
    format!("; known values add {:.2} log-odds {word} than a missing one on average", average.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_with_what_it_rests_on_and_is_never_all() {
        let given = Some(("Industry", "Fintech"));
        assert_eq!(share_of_customers(0.312, 312, given), "31% of the 312 customers with Industry: Fintech");
        assert_eq!(share_of_customers(1.0, 9240, None), "more than 99% of the 9,240 customers of whom it is known");
        assert_eq!(share_of_customers(1e-5, 9240, None), "fewer than 1% of the 9,240 customers of whom it is known");
        assert_eq!(share_of_customers(6.0 / 7.0, 7, None), "6 of the only 7 customers of whom it is known");
        for percent in 0..=100 {
            let told = share_of_customers(f64::from(percent) / 100.0, 400, None);
            assert!(!told.contains("100%") && !told.starts_with("0%"), "{told}");
        }
        assert_eq!(any_value(0.05), "");
        assert_eq!(any_value(0.87), "; known values add 0.87 log-odds more than a missing one on average");
        assert_eq!(any_value(-0.5), "; known values add 0.50 log-odds less than a missing one on average");
    }
}

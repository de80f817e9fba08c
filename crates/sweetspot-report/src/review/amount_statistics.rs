//! Summary statistics of amounts.

/// Summary statistics of amounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amounts {
    /// The number of customers with an amount.
    pub customers: u64,
    /// The sum.
    pub total: f64,
    /// The mean.
    pub average: f64,
    /// The smallest.
    pub minimum: f64,
    /// The 25% quantile.
    pub lower_quartile: f64,
    /// The median.
    pub median: f64,
    /// The 75% quantile.
    pub upper_quartile: f64,
    /// The largest.
    pub maximum: f64,
}

impl Amounts {
    /// Computes the statistics; `None` if there are no amounts.
    #[must_use]
    pub fn new(mut amounts: Vec<f64>) -> Option<Self> {
        amounts.sort_by(f64::total_cmp);
        let total: f64 = amounts.iter().sum();
        let amount_at = |share| quantile(&amounts, share);
        Some(Self {
            customers: amounts.len() as u64,
            total,
            average: total / amounts.len() as f64,
            minimum: *amounts.first()?,
            lower_quartile: amount_at(0.25)?,
            median: amount_at(0.5)?,
            upper_quartile: amount_at(0.75)?,
            maximum: *amounts.last()?,
        })
    }
}

/// A quantile of sorted amounts by linear interpolation (Hyndman and Fan 1996, Am. Stat. 50:361, definition 7).
pub(super) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_those_of_the_books() {
        let amounts = Amounts::new(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        let Amounts {
            customers,
            total,
            average,
            minimum: least,
            lower_quartile,
            median,
            upper_quartile,
            maximum: most,
        } = amounts;
        assert_eq!((customers, total, average, least, most), (4, 10.0, 2.5, 1.0, 4.0));
        assert_eq!((lower_quartile, median, upper_quartile), (1.75, 2.5, 3.25));
        assert_eq!(Amounts::new(vec![]), None);
        assert_eq!(Amounts::new(vec![7.0]).unwrap().median, 7.0);
    }

    proptest! {
        #[test]
        fn quartiles_are_in_order(amounts in prop::collection::vec(-1e9..1e9_f64, 1..50)) {
            let told = Amounts::new(amounts).unwrap();
            let order = [told.minimum, told.lower_quartile, told.median, told.upper_quartile, told.maximum];
            prop_assert!(order.is_sorted());
        }
    }
}

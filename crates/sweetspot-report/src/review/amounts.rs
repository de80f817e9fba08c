//! Amounts of many customers, summed up.

/// What many amounts come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amounts {
    /// How many customers have one.
    pub customers: u64,
    /// All together.
    pub total: f64,
    /// The mean.
    pub average: f64,
    /// The smallest.
    pub least: f64,
    /// A quarter of them is smaller.
    pub lower_quartile: f64,
    /// Half of them is smaller.
    pub median: f64,
    /// A quarter of them is larger.
    pub upper_quartile: f64,
    /// The largest.
    pub most: f64,
}

impl Amounts {
    /// Sums them up; nothing of nothing.
    #[must_use]
    pub fn of(mut amounts: Vec<f64>) -> Option<Self> {
        amounts.sort_by(f64::total_cmp);
        let total: f64 = amounts.iter().sum();
        let at = |share| quantile(&amounts, share);
        Some(Self {
            customers: amounts.len() as u64,
            total,
            average: total / amounts.len() as f64,
            least: *amounts.first()?,
            lower_quartile: at(0.25)?,
            median: at(0.5)?,
            upper_quartile: at(0.75)?,
            most: *amounts.last()?,
        })
    }
}

/// A quantile of sorted amounts, linear between two of them (Hyndman and Fan 1996, Am. Stat. 50:361, definition 7).
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
        let amounts = Amounts::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        let Amounts { customers, total, average, least, lower_quartile, median, upper_quartile, most } = amounts;
        assert_eq!((customers, total, average, least, most), (4, 10.0, 2.5, 1.0, 4.0));
        assert_eq!((lower_quartile, median, upper_quartile), (1.75, 2.5, 3.25));
        assert_eq!(Amounts::of(vec![]), None);
        assert_eq!(Amounts::of(vec![7.0]).unwrap().median, 7.0);
    }

    proptest! {
        #[test]
        fn quartiles_are_in_order(amounts in prop::collection::vec(-1e9..1e9_f64, 1..50)) {
            let told = Amounts::of(amounts).unwrap();
            let order = [told.least, told.lower_quartile, told.median, told.upper_quartile, told.most];
            prop_assert!(order.is_sorted());
        }
    }
}

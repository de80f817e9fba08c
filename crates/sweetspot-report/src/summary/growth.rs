//! The potential to grow: how the spending of ideal and of other customers develops.

use sweetspot_core::ReviewField;

use super::super::Evidence;

/// Quarters that are compared.
const QUARTERS: u8 = 6;

/// Mean spending in the first and in the sixth quarter, of those customers of whom both are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Of ideal customers.
    pub ideal: Means,
    /// Of other customers.
    pub others: Means,
}

/// Mean spending of some customers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Means {
    /// How many.
    pub customers: u64,
    /// In their first quarter.
    pub first: f64,
    /// In their sixth quarter.
    pub last: f64,
}

impl Growth {
    /// Nothing where of nobody both quarters are known.
    pub(super) fn new(evidence: &Evidence) -> Option<Self> {
        let (mut ideal, mut others) = (Means::default(), Means::default());
        for row in 0..evidence.rows() {
            let spent = |quarter| evidence.customers.review().number(ReviewField::Spend(quarter), row);
            if let (Some(label), Some(first), Some(last)) = (evidence.ideal(row), spent(1), spent(QUARTERS)) {
                if label { &mut ideal } else { &mut others }.add(first, last);
            }
        }
        (ideal.customers + others.customers > 0).then(|| Self { ideal: ideal.mean(), others: others.mean() })
    }
}

impl Means {
    fn add(&mut self, first: f64, last: f64) {
        self.customers += 1;
        self.first += first;
        self.last += last;
    }

    fn mean(self) -> Self {
        let customers = self.customers.max(1) as f64;
        Self { first: self.first / customers, last: self.last / customers, ..self }
    }

    /// The growth, as a share of the first quarter; nothing where nothing was spent then.
    #[must_use]
    pub fn growth(self) -> Option<f64> {
        (self.customers > 0 && self.first > 0.0).then(|| self.last / self.first - 1.0)
    }
}

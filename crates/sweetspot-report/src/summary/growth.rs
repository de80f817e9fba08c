//! The potential to grow: the spending trends of ideal and other customers.

use sweetspot_core::ReviewField;

use super::super::ReportInput;

/// The number of quarters to compare.
const QUARTERS: u8 = 6;

/// Mean spending in the first and the sixth quarter, over the customers with both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpendingGrowth {
    /// The ideal customers.
    pub ideal: SpendingMeans,
    /// The other customers.
    pub others: SpendingMeans,
}

/// Mean spending of a group of customers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpendingMeans {
    /// The number of customers.
    pub customers: u64,
    /// In the first quarter.
    pub first: f64,
    /// In the sixth quarter.
    pub last: f64,
}

impl SpendingGrowth {
    /// `None` if no customer has both quarters.
    pub(super) fn new(input: &ReportInput) -> Option<Self> {
        let (mut ideal, mut others) = (SpendingMeans::default(), SpendingMeans::default());
        for row in 0..input.rows() {
            let spent = |quarter| input.customers.review().number(ReviewField::Spend(quarter), row);
            if let (Some(label), Some(first), Some(last)) = (input.ideal(row), spent(1), spent(QUARTERS)) {
                if label { &mut ideal } else { &mut others }.add(first, last);
            }
        }
        (ideal.customers + others.customers > 0).then(|| Self { ideal: ideal.mean(), others: others.mean() })
    }
}

impl SpendingMeans {
    fn add(&mut self, first: f64, last: f64) {
        self.customers += 1;
        self.first += first;
        self.last += last;
    }

    fn mean(self) -> Self {
        let customers = self.customers.max(1) as f64;
        Self { first: self.first / customers, last: self.last / customers, ..self }
    }

    /// The growth, as a share of the first quarter; `None` if the first quarter is zero.
    #[must_use]
    pub fn growth(self) -> Option<f64> {
        (self.customers > 0 && self.first > 0.0).then(|| self.last / self.first - 1.0)
    }
}

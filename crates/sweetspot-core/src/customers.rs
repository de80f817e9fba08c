//! Accounts together with what happened to them. Outcomes live beside the attributes, never among them.

use thiserror::Error;

use super::table::first_unusable;
use super::{AccountTable, Date, Kind, Outcomes, Review};

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Bought, and as far as is known still a customer.
    Won,
    /// Never bought.
    Lost,
    /// Bought, and left.
    Churned,
}

/// What happened to one account. Every field may be unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Won, lost or churned.
    pub status: Option<Status>,
    /// Lifetime revenue, in the currency of the customers; of a lost deal, what it would have brought.
    pub value: Option<f64>,
    /// Cost to serve over the same lifetime.
    pub cost_to_serve: Option<f64>,
    /// Cost to acquire.
    pub cost_to_acquire: Option<f64>,
    /// Customer since this day.
    pub since: Option<Date>,
    /// Accounts of one group stay in one evaluation fold.
    pub group: Option<String>,
    /// Why it was won, lost or left, in the company's words.
    pub reason: Option<String>,
}

/// A borrowed [`Outcome`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OutcomeRef<'a> {
    /// Won, lost or churned.
    pub status: Option<Status>,
    /// Lifetime revenue.
    pub value: Option<f64>,
    /// Cost to serve.
    pub cost_to_serve: Option<f64>,
    /// Cost to acquire.
    pub cost_to_acquire: Option<f64>,
    /// Customer since this day.
    pub since: Option<Date>,
    /// The group in which it is evaluated.
    pub group: Option<&'a str>,
    /// Why it was won, lost or left.
    pub reason: Option<&'a str>,
}

impl Outcome {
    /// See [`OutcomeRef::net_value`].
    #[must_use]
    pub fn net_value(&self) -> Option<f64> {
        self.as_ref().net_value()
    }

    /// The same outcome, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> OutcomeRef<'_> {
        let Self { status, value, cost_to_serve, cost_to_acquire, since, group, reason } = self;
        OutcomeRef {
            status: *status,
            value: *value,
            cost_to_serve: *cost_to_serve,
            cost_to_acquire: *cost_to_acquire,
            since: *since,
            group: group.as_deref(),
            reason: reason.as_deref(),
        }
    }
}

impl From<OutcomeRef<'_>> for Outcome {
    fn from(outcome: OutcomeRef<'_>) -> Self {
        let OutcomeRef { status, value, cost_to_serve, cost_to_acquire, since, group, reason } = outcome;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (group, reason) = (owned(group), owned(reason));
        Self { status, value, cost_to_serve, cost_to_acquire, since, group, reason }
    }
}

impl OutcomeRef<'_> {
    /// Whether anything is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the account never bought.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.status == Some(Status::Lost)
    }

    /// What the account paid. The amount of a lost deal is what it would have paid, and nobody did: it is no revenue.
    #[must_use]
    pub fn revenue(&self) -> Option<f64> {
        self.value.filter(|_| !self.is_lost())
    }

    /// Revenue less what serving and acquiring cost; none for a lost deal. Unknown costs count as zero; the label card says how
    /// many are unknown.
    #[must_use]
    pub fn net_value(&self) -> Option<f64> {
        let costs = self.cost_to_serve.unwrap_or(0.0) + self.cost_to_acquire.unwrap_or(0.0);
        self.revenue().map(|revenue| revenue - costs)
    }
}

/// A table of accounts with one outcome a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customers {
    accounts: AccountTable,
    outcomes: Outcomes,
    currency: Option<String>,
    review: Review,
}

/// Why accounts and outcomes do not fit together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CustomersError {
    /// Not one outcome an account.
    #[error("{outcomes} outcomes for {accounts} accounts: give each account one outcome")]
    Length {
        /// How many outcomes.
        outcomes: usize,
        /// How many accounts.
        accounts: usize,
    },
    /// A column of the review is longer or shorter than the list of accounts.
    #[error("field {field} of the review has {found} values for {accounts} accounts: give every account one")]
    ReviewLength {
        /// The field.
        field: &'static str,
        /// Its values.
        found: usize,
        /// How many accounts.
        accounts: usize,
    },
    /// A value of the review points outside its dictionary.
    #[error("field {field} of the review has a code outside its dictionary")]
    ReviewCode {
        /// The field.
        field: &'static str,
    },
    /// An amount is not finite.
    #[error("the outcome of account {id:?} has an amount that is not finite: omit it if it is unknown")]
    NotFinite {
        /// The account.
        id: String,
    },
}

impl Customers {
    /// Joins accounts and outcomes by row.
    ///
    /// # Errors
    /// Where the lengths differ or an amount is not finite.
    pub fn new(accounts: AccountTable, outcomes: Outcomes, currency: Option<String>) -> Result<Self, CustomersError> {
        if accounts.rows() != outcomes.len() {
            return Err(CustomersError::Length { outcomes: outcomes.len(), accounts: accounts.rows() });
        }
        let unusable = outcomes.iter().position(|outcome| {
            let amounts = [outcome.value, outcome.cost_to_serve, outcome.cost_to_acquire];
            amounts.into_iter().flatten().any(|amount| !amount.is_finite())
        });
        match unusable.and_then(|row| accounts.ids().get(row)) {
            Some(id) => Err(CustomersError::NotFinite { id: id.to_owned() }),
            None => Ok(Self { accounts, outcomes, currency, review: Review::default() }),
        }
    }

    /// The same customers with what their reviews say.
    ///
    /// # Errors
    /// Where a column of the review has not one entry an account, a number is not finite, or a code is out of range.
    pub fn with_review(self, review: Review) -> Result<Self, CustomersError> {
        let rows = self.accounts.rows();
        for (field, values) in review.columns() {
            if values.len() != rows {
                let (field, found) = (field.key(), values.len());
                return Err(CustomersError::ReviewLength { field, found, accounts: rows });
            }
            match (first_unusable(values), values.kind()) {
                (None, _) => {}
                (Some(row), Kind::Number) => {
                    let id = self.accounts.ids().get(row).unwrap_or_default().to_owned();
                    return Err(CustomersError::NotFinite { id });
                }
                (Some(_), Kind::Category | Kind::List | Kind::Flag | Kind::Date) => {
                    return Err(CustomersError::ReviewCode { field: field.key() });
                }
            }
        }
        Ok(Self { review, ..self })
    }

    /// What their reviews say.
    #[must_use]
    pub const fn review(&self) -> &Review {
        &self.review
    }

    /// The accounts.
    #[must_use]
    pub const fn accounts(&self) -> &AccountTable {
        &self.accounts
    }

    /// The outcomes, in row order.
    #[must_use]
    pub const fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// The currency of every amount, where it was told (ISO 4217).
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }
}

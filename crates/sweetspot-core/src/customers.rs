//! Accounts with their outcomes and reviews. All three are stored separately.

use thiserror::Error;

use super::account_table::first_invalid_row;
use super::{AccountReviews, AccountTable, AttributeKind, Date, DocumentSettings, FrequencyWeights, Outcomes};

/// The status of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeStatus {
    /// Bought, and still a customer as far as is known.
    Won,
    /// Never bought.
    Lost,
    /// Bought, and left later.
    Churned,
}

/// The outcome of one account. Every field can be unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Won, lost or churned.
    pub status: Option<OutcomeStatus>,
    /// Lifetime revenue, in the currency of the customers; for a lost deal, the expected revenue.
    pub value: Option<f64>,
    /// Cost to serve over the customer's lifetime.
    pub cost_to_serve: Option<f64>,
    /// Cost to acquire.
    pub cost_to_acquire: Option<f64>,
    /// The day on which the account became a customer.
    pub since: Option<Date>,
    /// The group of the account; all accounts of a group are in the same evaluation fold.
    pub group: Option<String>,
    /// The reason for the win, loss or churn, as entered by the company.
    pub reason: Option<String>,
}

/// A borrowed [`Outcome`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OutcomeRef<'a> {
    /// Won, lost or churned.
    pub status: Option<OutcomeStatus>,
    /// Lifetime revenue; for a lost deal, the expected revenue.
    pub value: Option<f64>,
    /// Cost to serve.
    pub cost_to_serve: Option<f64>,
    /// Cost to acquire.
    pub cost_to_acquire: Option<f64>,
    /// The day on which the account became a customer.
    pub since: Option<Date>,
    /// The group of the account.
    pub group: Option<&'a str>,
    /// The reason for the win, loss or churn.
    pub reason: Option<&'a str>,
}

impl Outcome {
    /// See [`OutcomeRef::net_value`].
    #[must_use]
    pub fn net_value(&self) -> Option<f64> {
        self.as_ref().net_value()
    }

    /// Borrows the outcome.
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
    /// Whether any field is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the account never bought.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.status == Some(OutcomeStatus::Lost)
    }

    /// The revenue of the account; `None` for a lost deal, whose value is only expected.
    #[must_use]
    pub fn revenue(&self) -> Option<f64> {
        self.value.filter(|_| !self.is_lost())
    }

    /// Revenue minus the costs to serve and acquire; `None` for a lost deal. Unknown costs count as zero; the label
    /// card reports the number of unknown costs.
    #[must_use]
    pub fn net_value(&self) -> Option<f64> {
        let costs = self.cost_to_serve.unwrap_or(0.0) + self.cost_to_acquire.unwrap_or(0.0);
        self.revenue().map(|revenue| revenue - costs)
    }
}

/// A table of accounts, with the outcome and the review of each row, the currency of all amounts, and the settings of
/// documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customers {
    accounts: AccountTable,
    outcomes: Outcomes,
    currency: Option<String>,
    review: AccountReviews,
    document_settings: DocumentSettings,
    weights: FrequencyWeights,
}

/// An error in the combination of accounts, outcomes and reviews.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CustomersError {
    /// The numbers of outcomes and accounts differ.
    #[error("{outcomes} outcomes for {accounts} accounts: give each account one outcome")]
    Length {
        /// The number of outcomes.
        outcomes: usize,
        /// The number of accounts.
        accounts: usize,
    },
    /// A column of the review does not have one value per account.
    #[error(
        "field {field} of the review has {found} values for {accounts} accounts: give every account one value, which may be empty"
    )]
    ReviewLength {
        /// The key of the field.
        field: &'static str,
        /// The number of values.
        found: usize,
        /// The number of accounts.
        accounts: usize,
    },
    /// A value of the review is outside its dictionary.
    #[error(
        "field {field} of the review has a value that is invalid or not in its dictionary: correct it in the import"
    )]
    ReviewCode {
        /// The key of the field.
        field: &'static str,
    },
    /// An amount is not finite.
    #[error("the outcome of account {id:?} has an amount that is not finite: omit it if it is unknown")]
    NotFinite {
        /// The id of the account.
        id: String,
    },
    /// The numbers of weights and accounts differ.
    #[error("{weights} weights for {accounts} accounts: give each account one weight, or none of them")]
    WeightCount {
        /// The number of weights.
        weights: usize,
        /// The number of accounts.
        accounts: usize,
    },
    /// A row with a group has a weight.
    #[error(
        "account {id:?} has a group, or shares its id with another row, and the accounts have weights: each customer that a \
         weighted row stands for is an account of its own, so leave out group and id, or import rows without weights"
    )]
    WeightedGroup {
        /// The id of the account.
        id: String,
    },
}

impl Customers {
    /// Joins accounts and outcomes by row.
    ///
    /// # Errors
    /// Returns an error if the lengths differ or an amount is not finite.
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
            None => Ok(Self { accounts, outcomes, currency, ..Self::default() }),
        }
    }

    /// Returns the customers with these reviews.
    ///
    /// # Errors
    /// Returns an error if a column does not have one value per account, a number is not finite, or a code is outside
    /// its dictionary.
    pub fn with_review(self, review: AccountReviews) -> Result<Self, CustomersError> {
        let rows = self.accounts.rows();
        for (field, values) in review.columns() {
            if values.len() != rows {
                let (field, found) = (field.key(), values.len());
                return Err(CustomersError::ReviewLength { field, found, accounts: rows });
            }
            match (first_invalid_row(values), values.kind()) {
                (None, _) => {}
                (Some(row), AttributeKind::Number) => {
                    let id = self.accounts.ids().get(row).unwrap_or_default().to_owned();
                    return Err(CustomersError::NotFinite { id });
                }
                (
                    Some(_),
                    AttributeKind::Category | AttributeKind::List | AttributeKind::Flag | AttributeKind::Date,
                ) => {
                    return Err(CustomersError::ReviewCode { field: field.key() });
                }
            }
        }
        Ok(Self { review, ..self })
    }

    /// Returns the customers with these weights, which may be empty.
    ///
    /// # Errors
    /// Returns an error if there is not one weight per account, or an account has a group.
    pub fn with_weights(self, weights: FrequencyWeights) -> Result<Self, CustomersError> {
        let (found, accounts) = (weights.as_slice().len(), self.accounts.rows());
        if weights.are_stated() && found != accounts {
            return Err(CustomersError::WeightCount { weights: found, accounts });
        }
        let grouped = self.outcomes.iter().position(|outcome| outcome.group.is_some());
        match grouped.filter(|_| weights.are_stated()).and_then(|row| self.accounts.ids().get(row)) {
            Some(id) => Err(CustomersError::WeightedGroup { id: id.to_owned() }),
            None => Ok(Self { weights, ..self }),
        }
    }

    /// These accounts, outcomes and reviews with the currency and the settings of `self`. The parts are rows of valid
    /// customers.
    pub(super) fn with_parts(
        &self,
        accounts: AccountTable,
        outcomes: Outcomes,
        review: AccountReviews,
        weights: FrequencyWeights,
    ) -> Self {
        let (currency, document_settings) = (self.currency.clone(), self.document_settings);
        Self { accounts, outcomes, currency, review, document_settings, weights }
    }

    /// The number of customers that each row stands for.
    #[must_use]
    pub const fn weights(&self) -> &FrequencyWeights {
        &self.weights
    }

    /// The number of customers: the rows, or the sum of their weights.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.weights.total(self.accounts.rows())
    }

    /// Returns the customers with these settings of their documents.
    #[must_use]
    pub fn with_document_settings(self, document_settings: DocumentSettings) -> Self {
        Self { document_settings, ..self }
    }

    /// The settings of the customers' documents.
    #[must_use]
    pub const fn document_settings(&self) -> DocumentSettings {
        self.document_settings
    }

    /// The account reviews.
    #[must_use]
    pub const fn review(&self) -> &AccountReviews {
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

    /// The currency of all amounts (ISO 4217), if known.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }
}

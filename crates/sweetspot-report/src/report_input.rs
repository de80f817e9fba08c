//! The input of every document.

use sweetspot_core::{
    AccountTable, ApprovedDefinitionVersion, AttributeKind, Customers, Date, Definition, Fit, LabelPolicyError, Labels,
    OutcomeRef, ValueOptions, Vocabulary as _,
};
use sweetspot_model::{AttributeEffects, ModelArtifact, Scorer};

use super::AttributeName;

/// The input of every document: one version of a model, its training customers, and the definition.
#[derive(Debug)]
pub struct ReportInput {
    /// The version's name.
    pub version: String,
    /// The model.
    pub model: ModelArtifact,
    /// The training customers.
    pub customers: Customers,
    /// Their labels, by the version's own policy.
    pub labels: Labels,
    /// The fit of each customer, in row order. The model was trained on them: only its evaluation has out-of-fold
    /// rates.
    pub fits: Vec<Fit>,
    /// The living definition.
    pub definition: Definition,
    /// Approved versions of the definition, newest first; may be truncated to the latest.
    pub approved: Vec<ApprovedDefinitionVersion>,
    /// The day of the documents.
    pub as_of: Date,
    /// The options of the value report.
    pub value_options: ValueOptions,
}

impl ReportInput {
    /// Labels and scores the customers. The list of approved versions is empty, and the options of the value report are
    /// those of the customers.
    ///
    /// # Errors
    /// If the version's policy cannot label the customers.
    pub fn new(
        version: String,
        model: ModelArtifact,
        scorer: &Scorer,
        customers: Customers,
        definition: Definition,
        as_of: Date,
    ) -> Result<Self, LabelPolicyError> {
        let labels = model.label_policy().label(&customers)?;
        let fits = (0..customers.accounts().rows()).map(|row| scorer.score_row(customers.accounts(), row)).collect();
        let (approved, value_options) = (Vec::new(), customers.document_settings().value);
        Ok(Self { version, model, customers, labels, fits, definition, approved, as_of, value_options })
    }

    /// The customers' attributes.
    #[must_use]
    pub const fn accounts(&self) -> &AccountTable {
        self.customers.accounts()
    }

    /// The kind of an attribute in the version, or else in its customers.
    #[must_use]
    pub fn kind(&self, attribute: &str) -> Option<AttributeKind> {
        self.model.kind(attribute).or_else(|| self.accounts().kind(attribute))
    }

    /// An attribute with its label, unit and kind.
    #[must_use]
    pub fn attribute(&self, name: &str) -> AttributeName {
        AttributeName::new(name, self.accounts().metadata(name), self.kind(name))
    }

    /// The number of accounts.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.customers.accounts().rows()
    }

    /// The outcome of an account.
    #[must_use]
    pub fn outcome(&self, row: usize) -> OutcomeRef<'_> {
        self.customers.outcomes().get(row)
    }

    /// Whether an account is ideal; `None` if its outcome does not determine a label.
    #[must_use]
    pub fn ideal(&self, row: usize) -> Option<bool> {
        self.labels.ideal.get(row).copied().flatten()
    }

    /// The effects of each value of the version's attributes, with interactions averaged over its customers.
    #[must_use]
    pub fn effects(&self) -> Vec<AttributeEffects> {
        let labeled: Vec<usize> = (0..self.rows()).filter(|row| self.ideal(*row).is_some()).collect();
        self.model.value_effects(self.accounts(), &labeled)
    }

    /// The currency of all amounts, if it is known.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.customers.currency()
    }

    /// The name of an account, or else its id.
    #[must_use]
    pub fn name(&self, row: usize) -> &str {
        let name = self.customers.review().text(sweetspot_core::ReviewField::Name, row);
        name.or_else(|| self.accounts().ids().get(row)).unwrap_or_default()
    }
}

//! What every document is made of.

use sweetspot_core::{
    AccountTable, ApprovedVersion, Customers, Date, Definition, Fit, Kind, LabelError, Labels, OutcomeRef,
    Vocabulary as _,
};
use sweetspot_model::{AttributeEffects, ModelArtifact, Scorer};

/// What every document is made of: one version of a model, the customers it was trained on, what people agree on.
#[derive(Debug)]
pub struct Evidence {
    /// The version's name.
    pub version: String,
    /// The version.
    pub model: ModelArtifact,
    /// The customers it was trained on.
    pub customers: Customers,
    /// Their labels, by the version's own policy.
    pub labels: Labels,
    /// How well each of them fits, in row order. The model has seen them: rates by fit are out of fold only in its evaluation.
    pub fits: Vec<Fit>,
    /// What people agree on.
    pub definition: Definition,
    /// States of it that were approved, newest first; perhaps only the last ones.
    pub approved: Vec<ApprovedVersion>,
    /// The day of the documents.
    pub as_of: Date,
}

impl Evidence {
    /// Labels and scores the customers. Nothing is approved yet.
    ///
    /// # Errors
    /// Where the version's policy does not label them.
    pub fn new(
        version: String,
        model: ModelArtifact,
        scorer: &Scorer,
        customers: Customers,
        definition: Definition,
        as_of: Date,
    ) -> Result<Self, LabelError> {
        let labels = model.label_policy().label(&customers)?;
        let fits = (0..customers.accounts().rows()).map(|row| scorer.score_row(customers.accounts(), row)).collect();
        Ok(Self { version, model, customers, labels, fits, definition, approved: Vec::new(), as_of })
    }

    /// The customers' attributes.
    #[must_use]
    pub const fn accounts(&self) -> &AccountTable {
        self.customers.accounts()
    }

    /// The kind of an attribute, as the version or else its customers know it.
    #[must_use]
    pub fn kind(&self, attribute: &str) -> Option<Kind> {
        self.model.kind(attribute).or_else(|| self.accounts().kind(attribute))
    }

    /// How many accounts there are.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.customers.accounts().rows()
    }

    /// What happened to one.
    #[must_use]
    pub fn outcome(&self, row: usize) -> OutcomeRef<'_> {
        self.customers.outcomes().get(row)
    }

    /// Whether one is ideal; nothing where its outcome does not say.
    #[must_use]
    pub fn ideal(&self, row: usize) -> Option<bool> {
        self.labels.ideal.get(row).copied().flatten()
    }

    /// What each value of the version's attributes does, with its pairs as its customers meet them.
    #[must_use]
    pub fn effects(&self) -> Vec<AttributeEffects> {
        let labelled: Vec<usize> = (0..self.rows()).filter(|row| self.ideal(*row).is_some()).collect();
        self.model.effects(self.accounts(), &labelled)
    }

    /// The currency of every amount, where it was told.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.customers.currency()
    }

    /// What one is called: its name, or else its id.
    #[must_use]
    pub fn name(&self, row: usize) -> &str {
        let name = self.customers.review().text(sweetspot_core::ReviewField::Name, row);
        name.or_else(|| self.accounts().ids().get(row)).unwrap_or_default()
    }
}

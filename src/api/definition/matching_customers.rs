//! What an exclusion rule would do to the customers, before the next training applies it.

use sweetspot_core::{
    AttributeKind, Customers, DatasetName, ExclusionRule, Matcher, ModelName, ModelVersionAlias, ModelVersionRef,
    Vocabulary as _,
};
use sweetspot_proto::v1;
use sweetspot_report::MatchingCustomers;

use super::DefinitionApi;
use crate::api::AppState;
use crate::api::convert::proportion::matching_customers;

/// The customers that a rule holds for, and the resource name of the version or the dataset that has them.
pub(super) type CountedCustomers = (v1::MatchingCustomers, String);

impl DefinitionApi {
    /// Counts the customers that an exclusion rule holds for: those of the live version (or else the candidate), or else
    /// of the model's default dataset, whose accounts have no labels. `None` if neither exists. Read errors result in
    /// `None`, because the rule may already be stored.
    pub(super) async fn count_matching_customers(
        &self,
        model: &ModelName,
        exclusion_rule: ExclusionRule,
    ) -> Option<CountedCustomers> {
        let (state, model) = (self.state.clone(), model.clone());
        let count = move || {
            let counted = of_version(&state, &model, &exclusion_rule);
            counted.or_else(|| of_dataset(&state, &model, &exclusion_rule))
        };
        self.pool.run_store(move || Ok::<_, sweetspot_store::datasets::DatasetError>(count())).await.ok().flatten()
    }
}

/// The customers that the live version or the candidate was trained on, with the labels of its policy.
fn of_version(state: &AppState, model: &ModelName, exclusion_rule: &ExclusionRule) -> Option<CountedCustomers> {
    let version = |alias| state.registry.version(&ModelVersionRef::Alias(model.clone(), alias)).ok();
    let record = version(ModelVersionAlias::Live).or_else(|| version(ModelVersionAlias::Candidate))?;
    let artifact = state.registry.artifact(&ModelVersionRef::Number(record.name.clone())).ok()?;
    let customers = state.datasets.customers(&record.data).ok()?;
    let labels = artifact.label_policy().label(&customers).ok()?;
    let kind = artifact.kind(&exclusion_rule.when.attribute);
    Some((count(exclusion_rule, kind, &customers, &labels.ideal), record.name.to_string()))
}

/// The accounts of the model's default dataset.
fn of_dataset(state: &AppState, model: &ModelName, exclusion_rule: &ExclusionRule) -> Option<CountedCustomers> {
    let name = format!("workspaces/{}/datasets/default", model.workspace);
    let record = state.datasets.record(&name.parse::<DatasetName>().ok()?).ok()?;
    let customers = state.datasets.customers(&record.data).ok()?;
    Some((count(exclusion_rule, None, &customers, &[]), name))
}

fn count(
    exclusion_rule: &ExclusionRule,
    kind: Option<AttributeKind>,
    customers: &Customers,
    ideal: &[Option<bool>],
) -> v1::MatchingCustomers {
    let ExclusionRule { when, severity, .. } = exclusion_rule;
    let kind = kind.or_else(|| customers.accounts().kind(&when.attribute));
    let matcher = Matcher::new(when.clone(), kind);
    matching_customers(MatchingCustomers::new(&matcher, customers.accounts(), customers.weights(), ideal), *severity)
}

//! One account of the list, with its explanation.

use sweetspot_core::{Account, Contribution, Fit, Tier};
use sweetspot_model::{Counterfactual, EncodedAccount, LookAlikeTree, Reason, Scorer, ValueOfInformation};

use super::ExplanationContext;
use super::ranked_list::TargetListOptions;
use crate::ReportInput;

/// The maximum number of values that a look-alike shares.
const MAX_SHARED_VALUES: usize = 3;

/// A customer that fits for the same reasons as an account.
#[derive(Clone, Debug, PartialEq)]
pub struct LookAlike {
    /// The customer's id.
    pub id: String,
    /// The customer's name, or else its id.
    pub name: String,
    /// Whether it is ideal; `None` if its outcome does not determine a label.
    pub ideal: Option<bool>,
    /// The distance between the contributions, in log-odds.
    pub distance: f64,
    /// The values that both have, the largest influence first, each as `attribute: value`.
    pub shared_values: Vec<String>,
}

/// One account of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its rank in the whole list, from 1.
    pub rank: usize,
    /// Its id.
    pub id: String,
    /// Its name; `None` if only the id is known.
    pub name: Option<String>,
    /// Its fit.
    pub fit: Fit,
    /// The ids of the exclusion rules that apply, in the model's order.
    pub exclusion_rules: Vec<String>,
    /// The id of its segment; `None` if it is in none.
    pub segment: Option<String>,
    /// Its tier, by the requested tiering.
    pub tier: Tier,
    /// Its largest reasons, largest first.
    pub reasons: Vec<Contribution<'static>>,
    /// All contributions, in the model's order; empty unless requested for this account.
    pub contributions: Vec<Contribution<'static>>,
    /// The most similar customers, nearest first.
    pub look_alikes: Vec<LookAlike>,
    /// The smallest change that lifts it to the next better tier; `None` if that is out of reach, or there is no better
    /// tier.
    pub next_step: Option<Counterfactual>,
    /// The missing attribute that is most worth learning; `None` if no missing attribute would change anything.
    pub worth_learning: Option<ValueOfInformation>,
    /// The next better tier and its minimum probability; `None` for the best tier, and if tiers do not follow the
    /// probability.
    pub goal: Option<(Tier, f64)>,
}

impl Target {
    /// The name, or else the id.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// The data that targets are made from.
pub(super) struct TargetBuilder<'a> {
    pub(super) input: &'a ReportInput,
    pub(super) scorer: &'a Scorer,
    pub(super) context: &'a ExplanationContext,
    pub(super) search: LookAlikeTree<'a>,
    pub(super) options: &'a TargetListOptions,
}

/// An account with its rank on the list.
#[derive(Clone, Copy)]
pub(super) struct RankedTarget<'a> {
    pub(super) account: &'a Account,
    pub(super) fit: Fit,
    pub(super) rank: usize,
    pub(super) tier: Tier,
    pub(super) goal: Option<(Tier, f64)>,
}

impl TargetBuilder<'_> {
    /// Explains an account.
    pub(super) fn target(&self, ranked: RankedTarget<'_>) -> Target {
        let RankedTarget { account, fit, rank, tier, goal } = ranked;
        let (scorer, steps) = (self.scorer, &self.context.steps);
        let encoded_account = scorer.encode_account(account);
        let stated = &self.options.changeable;
        let changeable = if stated.is_empty() { &self.context.changeable } else { stated };
        let goal_probability = goal.map(|(_, goal_probability)| goal_probability);
        let owned = |reasons: &[Reason<'_>]| {
            reasons.iter().map(|reason| reason.contribution(&encoded_account).into_owned()).collect::<Vec<_>>()
        };
        Target {
            rank,
            id: account.id.clone(),
            name: None,
            fit,
            exclusion_rules: scorer.exclusion_rule_ids(fit.matched_rules).map(str::to_owned).collect(),
            segment: fit.segment.and_then(|segment| scorer.segment_id(segment)).map(str::to_owned),
            tier,
            reasons: owned(&scorer.largest_reasons(&encoded_account, self.options.reasons)),
            contributions: if rank <= self.options.explained_count {
                owned(&scorer.reasons(&encoded_account))
            } else {
                Vec::new()
            },
            look_alikes: self.look_alikes(&account.id, &encoded_account),
            next_step: goal_probability.and_then(|goal_probability| {
                scorer.counterfactual(steps, account, &encoded_account, goal_probability, changeable)
            }),
            worth_learning: scorer.value_of_information(steps, &encoded_account, &fit, goal_probability),
            goal,
        }
    }

    fn look_alikes(&self, id: &str, encoded_account: &EncodedAccount<'_>) -> Vec<LookAlike> {
        let ids = self.input.accounts().ids();
        let nearest =
            self.search.nearest(&self.scorer.contribution_vector(encoded_account), |row| ids.get(row) == Some(id));
        let descriptions = nearest.into_iter().map(|neighbor| {
            let other = self.scorer.encode_row(self.input.accounts(), neighbor.row);
            let shared = self.scorer.shared_reasons(encoded_account, &other, MAX_SHARED_VALUES);
            let share = |reason: &Reason<'_>| {
                let Contribution { attribute, value_label, .. } = reason.contribution(encoded_account);
                format!("{attribute}: {value_label}")
            };
            LookAlike {
                id: ids.get(neighbor.row).unwrap_or_default().to_owned(),
                name: self.input.name(neighbor.row).to_owned(),
                ideal: self.input.ideal(neighbor.row),
                distance: neighbor.distance,
                shared_values: shared.iter().map(share).collect(),
            }
        });
        descriptions.collect()
    }
}

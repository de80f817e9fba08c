//! Checks of what "ideal" means, against the live version.

use super::words::{count, percent, signed, threshold};
use super::{Facts, Finding};
use crate::domain::normal::NINETY_FIVE_PERCENT;
use crate::domain::{CustomWeights, LabelCard, LabelPolicy, LabelPreset};

/// Whether the rate of ideal customers has changed beyond chance.
pub(super) fn label_rate(facts: &Facts<'_>, most: f64) -> Finding {
    let Some((live, champion)) = facts.champion else { return Finding::without_live_version() };
    if champion.label_policy() != facts.challenger.label_policy() {
        return Finding::DoesNotApply("the label policy is another one, which label_rule asks about".to_owned());
    }
    let (before, since) = (champion.label_card(), facts.challenger.label_card());
    let labelled = |card: &LabelCard| card.ideal + card.not_ideal;
    if labelled(&before).min(labelled(&since)) == 0 {
        return Finding::DoesNotApply("one of the versions has no labelled customers".to_owned());
    }
    let rate = |card: &LabelCard| card.ideal as f64 / labelled(card) as f64;
    let (was, is) = (rate(&before), rate(&since));
    let error = |rate: f64, card: &LabelCard| rate * (1.0 - rate) / labelled(card) as f64;
    let reach = NINETY_FIVE_PERCENT * (error(was, &before) + error(is, &since)).sqrt();
    let fails = (is - was).abs() - reach > most * was.min(1.0 - was);
    let judged = if fails { "beyond" } else { "within" };
    let (is, was, [low, high]) = (percent(is), percent(was), [is - was - reach, is - was + reach].map(signed));
    Finding::new(
        fails,
        format!(
            "{is} of {} customers are ideal against {was} of {} in live version {live} (95% interval of the difference {low} to \
             {high}), {judged} max_label_rate_change {} of the rarer label's rate",
            count(labelled(&since)),
            count(labelled(&before)),
            threshold(most)
        ),
    )
}

/// Whether outcomes become labels in another way.
pub(super) fn label_rule(facts: &Facts<'_>, _: f64) -> Finding {
    let Some((live, champion)) = facts.champion else { return Finding::without_live_version() };
    let (before, since) = (champion.label_policy(), facts.challenger.label_policy());
    let currency = |card: LabelCard| card.currency.unwrap_or_default();
    let (was, is) = (currency(champion.label_card()), currency(facts.challenger.label_card()));
    let fails = before != since || was != is;
    if !fails {
        return Finding::Passes(format!("outcomes become labels as in live version {live}: {}", policy(&since)));
    }
    let told = |policy_words: String, currency: &str| {
        if currency.is_empty() { policy_words } else { format!("{policy_words}, in {currency}") }
    };
    Finding::Fails(format!(
        "outcomes become labels by another rule: {} against {} in live version {live}",
        told(policy(&since), &is),
        told(policy(&before), &was)
    ))
}

/// A policy with what was set of it.
fn policy(policy: &LabelPolicy) -> String {
    let LabelPolicy { preset, top_share, value_at_least, maturity_days } = policy;
    let mut told = format!("policy {}", preset.name());
    let weights = match preset {
        LabelPreset::Custom(CustomWeights { negative_net, churned, lost, high_value, won }) => Some(format!(
            "weights {negative_net} {churned} {lost} {high_value} {won} of negative net, churned, lost, high value, won"
        )),
        LabelPreset::Ideal | LabelPreset::Won | LabelPreset::Retained | LabelPreset::HighValue => None,
    };
    let set = [
        weights,
        top_share.map(|share| format!("top share {share}")),
        value_at_least.map(|value| format!("value of at least {value}")),
        maturity_days.map(|days| format!("maturity {days} days")),
    ];
    set.into_iter().flatten().for_each(|part| {
        told.push_str(", ");
        told.push_str(&part);
    });
    told
}

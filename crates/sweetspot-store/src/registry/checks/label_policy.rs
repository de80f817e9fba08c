//! Checks of the labels, against the live version.

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_core::{ClassWeights, LabelCard, LabelPolicy, LabelPreset};
use sweetspot_model::ModelArtifact;

use super::explanations::{format_count, format_percent, format_signed, format_threshold};
use super::{CheckInput, CheckOutcome};

/// Whether the rate of ideal customers has changed beyond chance.
pub(super) fn label_rate(input: &CheckInput<'_>, max: f64) -> CheckOutcome {
    let Some((live, champion)) = input.champion else { return CheckOutcome::without_live_version() };
    if policy_without_base_rate(champion) != policy_without_base_rate(input.challenger) {
        return CheckOutcome::NotApplicable("the label policy differs, which label_rule checks".to_owned());
    }
    let (before, after) = (champion.label_card(), input.challenger.label_card());
    let labelled = |card: &LabelCard| card.ideal + card.not_ideal;
    if labelled(&before).min(labelled(&after)) == 0 {
        return CheckOutcome::NotApplicable("one of the versions has no labelled customers".to_owned());
    }
    let rate = |card: &LabelCard| card.ideal_rate().unwrap_or_default();
    let (was, is) = (rate(&before), rate(&after));
    // A base rate is given, not estimated from the rows.
    let error = |rate: f64, card: &LabelCard| match card.base_rate {
        Some(_) => 0.0,
        None => rate * (1.0 - rate) / labelled(card) as f64,
    };
    let margin = NINETY_FIVE_PERCENT * (error(was, &before) + error(is, &after)).sqrt();
    let fails = (is - was).abs() - margin > max * was.min(1.0 - was);
    let verdict = if fails { "beyond" } else { "within" };
    let describe_rate = |rate: f64, card: &LabelCard| match card.base_rate {
        Some(_) => format!("{} of all accounts by base_rate", format_percent(rate)),
        None => format!("{} of {} customers", format_percent(rate), format_count(labelled(card))),
    };
    let before = match before.base_rate {
        // The noun is already in the sentence.
        None if after.base_rate.is_none() => format!("{} of {}", format_percent(was), format_count(labelled(&before))),
        _ => describe_rate(was, &before),
    };
    let (after, [low, high]) = (describe_rate(is, &after), [is - was - margin, is - was + margin].map(format_signed));
    CheckOutcome::new(
        fails,
        format!(
            "{after} are ideal against {before} in live version {live} (95% interval of the difference {low} to {high}), {verdict} \
             max_label_rate_change {} of the rarer label's rate",
            format_threshold(max)
        ),
    )
}

/// The label policy without its base rate.
fn policy_without_base_rate(model: &ModelArtifact) -> LabelPolicy {
    LabelPolicy { base_rate: None, ..model.label_policy() }
}

/// Whether the rule that turns outcomes into labels has changed.
pub(super) fn label_rule(input: &CheckInput<'_>, _: f64) -> CheckOutcome {
    let Some((live, champion)) = input.champion else { return CheckOutcome::without_live_version() };
    let (before, after) = (policy_without_base_rate(champion), policy_without_base_rate(input.challenger));
    let currency = |card: LabelCard| card.currency.unwrap_or_default();
    let (was, is) = (currency(champion.label_card()), currency(input.challenger.label_card()));
    let fails = before != after || was != is;
    if !fails {
        return CheckOutcome::Pass(format!(
            "outcomes become labels as in live version {live}: {}",
            describe_policy(&after)
        ));
    }
    let with_currency = |policy_words: String, currency: &str| {
        if currency.is_empty() { policy_words } else { format!("{policy_words}, in {currency}") }
    };
    CheckOutcome::Fail(format!(
        "outcomes become labels by a different rule: {} against {} in live version {live}",
        with_currency(describe_policy(&after), &is),
        with_currency(describe_policy(&before), &was)
    ))
}

/// A policy with its options that are set.
fn describe_policy(policy: &LabelPolicy) -> String {
    // A different base rate changes the label rate, not the label rule.
    let LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate: _ } = policy;
    let mut text = format!("policy {}", preset.name());
    let weights = match preset {
        LabelPreset::Custom(ClassWeights { negative_net, churned, lost, high_value, won }) => Some(format!(
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
        text.push_str(", ");
        text.push_str(&part);
    });
    text
}

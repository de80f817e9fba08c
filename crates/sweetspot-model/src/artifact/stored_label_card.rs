//! Conversion of the label card to and from its stored form.

use sweetspot_core::LabelCard;

use crate::stored;

/// Converts the label card to its stored form.
pub(crate) fn stored_label_card(card: &LabelCard) -> stored::LabelCard {
    let LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate } =
        card.clone();
    stored::LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate }
}

/// Reads a stored label card.
pub(super) fn from_stored(stored: Option<&stored::LabelCard>) -> LabelCard {
    let Some(stored) = stored.cloned() else { return LabelCard::default() };
    let stored::LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate } =
        stored;
    LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate }
}

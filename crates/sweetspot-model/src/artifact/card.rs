//! The label card as it is kept, and back.

use sweetspot_core::LabelCard;

use crate::stored;

/// As it is kept.
pub(crate) fn stored_card(card: &LabelCard) -> stored::LabelCard {
    let LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate } =
        card.clone();
    stored::LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate }
}

/// From what is kept.
pub(super) fn from_stored(stored: Option<&stored::LabelCard>) -> LabelCard {
    let Some(stored) = stored.cloned() else { return LabelCard::default() };
    let stored::LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate } =
        stored;
    LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate }
}

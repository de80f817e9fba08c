//! Encodes the values of accounts as slots.

use sweetspot_core::coerce::{ambiguous_reading, category};
use sweetspot_core::{Account, AccountTable, AttributeKind, Fit, Matcher, TextFormat, ValueRef};

use super::Scorer;
use super::encoded_account::{EncodedAccount, EncodedValue};
use crate::encoder::ValueStatus;

impl Scorer {
    /// An account without any values.
    #[must_use]
    pub fn blank_account<'a>(&self) -> EncodedAccount<'a> {
        let Self { blank_account: blank, .. } = self;
        blank.clone()
    }

    /// Clears the account, but not what was retained by [`EncodedAccount::retain_checkpoint`].
    pub fn clear(&self, encoded_account: &mut EncodedAccount<'_>) {
        self.reset_to_values(encoded_account, &self.blank_account.values);
    }

    /// Clears the account and starts a new one with these encoded values, one per term.
    pub fn reset_to_values(&self, encoded_account: &mut EncodedAccount<'_>, encoded_values: &[EncodedValue]) {
        encoded_account.values.clear();
        encoded_account.values.extend_from_slice(encoded_values);
        encoded_account.conditions_met.copy_from_slice(&self.blank_account.conditions_met);
        encoded_account.extra_present.fill(false);
        encoded_account.unknown_names.clear();
        encoded_account.items.truncate(encoded_account.checkpoint.items);
        encoded_account.texts.truncate(encoded_account.checkpoint.texts);
    }

    /// The index of an attribute, if the model has it.
    #[must_use]
    pub fn attribute_index(&self, name: &str) -> Option<usize> {
        self.attribute_index_by_bytes(name.as_bytes())
    }

    /// The same as [`Self::attribute_index`], for a name that may not be valid UTF-8.
    #[inline]
    #[must_use]
    pub fn attribute_index_by_bytes(&self, name: &[u8]) -> Option<usize> {
        self.attribute_names.find_bytes(name).map(|number| number as usize)
    }

    /// Whether this is the name of the attribute.
    #[inline]
    #[must_use]
    pub fn is_attribute_name(&self, attribute: usize, name: &[u8]) -> bool {
        self.attribute_names.texts().get_bytes(attribute) == Some(name)
    }

    /// Encodes the value of an attribute and stores it in the account. The last of several values counts.
    #[inline]
    pub fn encode_value_into<'a>(
        &self,
        encoded_account: &mut EncodedAccount<'a>,
        attribute: usize,
        value: &ValueRef<'a>,
    ) {
        if attribute < self.terms.len() {
            let encoded_value = self.encode_value(encoded_account, attribute, value);
            if let Some(place) = encoded_account.values.get_mut(attribute) {
                *place = encoded_value;
            }
        }
        self.evaluate_conditions(encoded_account, attribute, value);
    }

    /// Encodes a value of an attribute without storing it in the account's values.
    #[inline]
    pub fn encode_value<'a>(
        &self,
        encoded_account: &mut EncodedAccount<'a>,
        attribute: usize,
        value: &ValueRef<'a>,
    ) -> EncodedValue {
        let Some(term) = self.terms.get(attribute) else { return EncodedValue::single_slot(0, ValueStatus::Missing) };
        let mut encoded_value = if term.feature.is_list() {
            encoded_account.collect_slots(|visit| term.feature.encode(Some(value), visit))
        } else {
            let (slot, reading) = term.feature.encode_single(value);
            EncodedValue::single_slot(slot, reading)
        };
        if encoded_value.status == ValueStatus::Unseen
            && let Some(text) = category(value)
        {
            encoded_value.text_index = encoded_account.texts.len() as u32;
            encoded_account.texts.push(text);
        }
        if let ValueRef::Text(text) = value
            && term.feature.parses_texts()
        {
            record_interpretation(encoded_account, &mut encoded_value, text, term.feature.kind(), term.feature.format);
        }
        encoded_value
    }

    /// Whether the attribute is a list.
    #[must_use]
    pub fn is_list(&self, attribute: usize) -> bool {
        self.terms.get(attribute).is_some_and(|term| term.feature.is_list())
    }

    /// The slot of one item of a list attribute, if the model knows it.
    #[must_use]
    pub fn item_slot(&self, attribute: usize, item: &str) -> Option<usize> {
        self.terms.get(attribute)?.feature.find_item(item)
    }

    /// Encodes a list from the slots of its items, as [`Self::item_slot`] returns them.
    pub fn encode_items(
        &self,
        encoded: &mut EncodedAccount<'_>,
        attribute: usize,
        items: impl Iterator<Item = Option<usize>>,
    ) -> Option<EncodedValue> {
        let feature = &self.terms.get(attribute)?.feature;
        Some(encoded.collect_slots(|visit| feature.encode_items(items, visit)))
    }

    /// The encoder of the finite values of a number attribute; `None` for attributes of other kinds.
    #[must_use]
    pub fn number_encoder(&self, attribute: usize) -> Option<impl Fn(f64) -> EncodedValue> {
        let bins = self.terms.get(attribute)?.feature.number_bins()?;
        Some(|number| {
            let (slot, reading) = bins.encode(number);
            EncodedValue::single_slot(slot, reading)
        })
    }

    /// The number of attributes with slots, which is the number of encoded values of an account. Their indices come
    /// before those of other attributes.
    #[must_use]
    pub const fn term_count(&self) -> usize {
        self.terms.len()
    }

    /// The encoded values of this number of accounts without any values, one account after the other.
    #[must_use]
    pub fn blank_values(&self, accounts: usize) -> Vec<EncodedValue> {
        self.blank_account.values.repeat(accounts)
    }

    /// Evaluates the conditions of hypotheses and exclusion rules on the value of an attribute.
    pub fn evaluate_conditions(
        &self,
        encoded_account: &mut EncodedAccount<'_>,
        attribute: usize,
        value: &ValueRef<'_>,
    ) {
        let asked_by = self.condition_numbers(attribute);
        if let Some(known) =
            attribute.checked_sub(self.terms.len()).and_then(|extra| encoded_account.extra_present.get_mut(extra))
        {
            *known = asked_by
                .iter()
                .filter_map(|number| self.condition(*number))
                .any(|condition| condition.is_present(value));
        }
        for number in asked_by {
            if let (Some(condition), Some(holds)) =
                (self.condition(*number), encoded_account.conditions_met.get_mut(*number))
            {
                *holds = condition.holds(Some(value));
            }
        }
    }

    /// Whether a value of this attribute only needs to be encoded, because no condition uses it.
    #[must_use]
    pub fn has_no_conditions(&self, attribute: usize) -> bool {
        attribute < self.terms.len() && self.condition_numbers(attribute).is_empty()
    }

    /// The condition with this number: those of the hypotheses come first, then those of the exclusion rules.
    fn condition(&self, number: usize) -> Option<&Matcher> {
        let hypothesis = self.hypotheses.get(number).map(|hypothesis| &hypothesis.matcher);
        hypothesis.or_else(|| {
            self.exclusion_rules
                .get(number.checked_sub(self.hypotheses.len())?)
                .map(|exclusion_rule| &exclusion_rule.matcher)
        })
    }

    /// The numbers of the conditions on an attribute.
    pub(super) fn condition_numbers(&self, attribute: usize) -> &[usize] {
        self.conditions_by_attribute.get(attribute).map(Vec::as_slice).unwrap_or_default()
    }

    /// Encodes one row of a table.
    #[must_use]
    pub fn encode_row<'a>(&self, accounts: &'a AccountTable, row: usize) -> EncodedAccount<'a> {
        let mut encoded_account = self.blank_account();
        for column in accounts.columns() {
            if let Some(attribute) = self.attribute_index(&column.name)
                && let Some(value) = column.data.get(row)
            {
                self.encode_value_into(&mut encoded_account, attribute, &value);
            }
        }
        encoded_account
    }

    /// Scores one row of a table.
    #[must_use]
    pub fn score_row(&self, accounts: &AccountTable, row: usize) -> Fit {
        self.fit(&self.encode_row(accounts, row))
    }

    /// Encodes an account.
    #[must_use]
    pub fn encode_account<'a>(&self, account: &'a Account) -> EncodedAccount<'a> {
        let mut encoded_account = self.blank_account();
        for (name, value) in &account.attributes {
            match self.attribute_index(name) {
                Some(attribute) => self.encode_value_into(&mut encoded_account, attribute, &value.as_ref()),
                None => {
                    encoded_account.add_unknown_name(name);
                }
            }
        }
        encoded_account
    }
}

/// Stores how an ambiguous text was read, for the note about it.
#[cold]
fn record_interpretation(
    encoded_account: &mut EncodedAccount<'_>,
    encoded_value: &mut EncodedValue,
    text: &str,
    kind: AttributeKind,
    format: TextFormat,
) {
    if let Some(reading) = ambiguous_reading(text, kind, format) {
        encoded_value.text_index = encoded_account.texts.len() as u32;
        encoded_account.texts.push(reading.into());
    }
}

//! The encoding of an attribute's values as slots of the model. Fixed at training; the only way from a value to a
//! coefficient.

mod bins;
mod encode_column;
mod example_value;
mod fit_encoder;
mod levels;
mod storage;

pub(crate) use bins::Bins;
pub(crate) use encode_column::encode_column;
pub(crate) use fit_encoder::{FittedFeature, Resolution, WeightedRows, fit_feature};
pub(crate) use levels::Levels;
use sweetspot_core::coerce::{category, date, flag, list, number};
use sweetspot_core::{AttributeKind, TextFormat, ValueRef, are_years, is_blank};

/// One attribute of a model, and how its values are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feature {
    /// The attribute's name.
    pub attribute: String,
    /// The encoder from values to slots.
    pub encoder: FeatureEncoder,
    /// The format of its texts, as detected in the training customers.
    pub format: TextFormat,
}

/// Encodes values as slots. The last slot is always the one for missing values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FeatureEncoder {
    /// Bins of numbers.
    Number(Bins),
    /// Bins of days.
    Date(Bins),
    /// Levels, then the pooled slot of rare and unseen ones.
    Category(Levels),
    /// No, yes.
    Flag,
    /// Items, then the slot of the empty list. A value can fill several slots.
    List(Levels),
}

/// The status of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueStatus {
    /// The value is known and used.
    Used,
    /// There is no value.
    Missing,
    /// The model does not know the level or an item.
    Unseen,
    /// The value is outside the training range: the outermost bin is used.
    OutOfRange,
    /// The value cannot be read as this kind: it is treated as missing.
    Mismatch,
}

impl Feature {
    /// The number of slots.
    pub(crate) fn slot_count(&self) -> usize {
        match &self.encoder {
            FeatureEncoder::Number(bins) | FeatureEncoder::Date(bins) => bins.len() + 1,
            FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => levels.len() + 2,
            FeatureEncoder::Flag => 3,
        }
    }

    /// The slot for missing values.
    pub(crate) fn missing_slot(&self) -> usize {
        self.slot_count() - 1
    }

    /// Visits the slots that a value fills: one, or for a list one per known item, which may be none.
    pub(crate) fn encode(&self, value: Option<&ValueRef<'_>>, mut visit: impl FnMut(usize)) -> ValueStatus {
        let Some(value) = value else {
            visit(self.missing_slot());
            return ValueStatus::Missing;
        };
        if let FeatureEncoder::List(levels) = &self.encoder
            && let Some(items) = list(value)
        {
            return visit_item_slots(levels, items.iter().map(|item| levels.find(item)), visit);
        }
        let (slot, reading) = self.encode_single(value);
        visit(slot);
        reading
    }

    /// The slot of a value that fills exactly one. For a list attribute, it is the slot of values that are not lists.
    #[inline]
    pub(crate) fn encode_single(&self, value: &ValueRef<'_>) -> (usize, ValueStatus) {
        let slots = match &self.encoder {
            FeatureEncoder::Number(bins) => number(value, self.format).map(|number| bins.encode(number)),
            FeatureEncoder::Date(bins) => date(value, self.format).map(|days| bins.encode(days)),
            FeatureEncoder::Category(levels) => category(value).map(|text| match levels.find(&text) {
                Some(slot) => (slot, ValueStatus::Used),
                None => (levels.len(), ValueStatus::Unseen),
            }),
            FeatureEncoder::Flag => flag(value).map(|flag| (usize::from(flag), ValueStatus::Used)),
            FeatureEncoder::List(_) => None,
        };
        slots.unwrap_or_else(|| (self.missing_slot(), unreadable_status(value)))
    }

    /// The kind as which its values are read.
    pub(crate) const fn kind(&self) -> AttributeKind {
        match self.encoder {
            FeatureEncoder::Number(_) => AttributeKind::Number,
            FeatureEncoder::Date(_) => AttributeKind::Date,
            FeatureEncoder::Category(_) => AttributeKind::Category,
            FeatureEncoder::Flag => AttributeKind::Flag,
            FeatureEncoder::List(_) => AttributeKind::List,
        }
    }

    /// The levels of a category or the items of a list.
    pub(crate) const fn levels(&self) -> Option<&Levels> {
        match &self.encoder {
            FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => Some(levels),
            FeatureEncoder::Number(_) | FeatureEncoder::Date(_) | FeatureEncoder::Flag => None,
        }
    }

    /// Whether texts are read as numbers or days, and can be ambiguous.
    pub(crate) const fn parses_texts(&self) -> bool {
        matches!(self.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_))
    }

    /// The bins, if the attribute is a number.
    pub(crate) const fn number_bins(&self) -> Option<&Bins> {
        match &self.encoder {
            FeatureEncoder::Number(bins) => Some(bins),
            FeatureEncoder::Date(_) | FeatureEncoder::Category(_) | FeatureEncoder::Flag | FeatureEncoder::List(_) => {
                None
            }
        }
    }

    /// Whether its values are numbers that are shown with thousands separators; `false` for years.
    pub(crate) fn is_amount(&self) -> bool {
        let FeatureEncoder::Number(Bins { min: least, max: greatest, is_whole: whole, .. }) = &self.encoder else {
            return false;
        };
        !are_years(&self.attribute, *least, *greatest, *whole)
    }

    /// Whether the attribute is a list.
    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.encoder, FeatureEncoder::List(_))
    }

    /// The slot of one item of a list, if the model knows it.
    pub(crate) fn find_item(&self, item: &str) -> Option<usize> {
        match &self.encoder {
            FeatureEncoder::List(levels) => levels.find(item),
            FeatureEncoder::Number(_)
            | FeatureEncoder::Date(_)
            | FeatureEncoder::Category(_)
            | FeatureEncoder::Flag => None,
        }
    }

    /// Visits the slots of items that were looked up before, as [`Self::encode`] does for a list.
    pub(crate) fn encode_items(
        &self,
        items: impl Iterator<Item = Option<usize>>,
        mut visit: impl FnMut(usize),
    ) -> ValueStatus {
        match &self.encoder {
            FeatureEncoder::List(levels) => visit_item_slots(levels, items, visit),
            FeatureEncoder::Number(_)
            | FeatureEncoder::Date(_)
            | FeatureEncoder::Category(_)
            | FeatureEncoder::Flag => {
                visit(self.missing_slot());
                ValueStatus::Mismatch
            }
        }
    }

    /// Whether a slot represents all rare and unseen levels.
    pub(crate) fn is_pooled(&self, slot: usize) -> bool {
        matches!(&self.encoder, FeatureEncoder::Category(levels) if slot == levels.len())
    }

    /// The label of the slot's value.
    pub(crate) fn label(&self, slot: usize) -> String {
        if slot == self.missing_slot() {
            return "missing".to_owned();
        }
        match &self.encoder {
            FeatureEncoder::Number(bins) => bins.number_label(slot),
            FeatureEncoder::Date(bins) => bins.date_label(slot),
            FeatureEncoder::Flag => if slot == 1 { "yes" } else { "no" }.to_owned(),
            FeatureEncoder::Category(levels) => levels.label(slot).unwrap_or("other").to_owned(),
            FeatureEncoder::List(levels) => levels.label(slot).unwrap_or("none").to_owned(),
        }
    }

    /// The common label of several slots: a range of bins, one level, or `other`.
    pub(crate) fn group_label(&self, slots: &[usize]) -> String {
        match (&self.encoder, slots) {
            (_, [slot]) => self.label(*slot),
            (FeatureEncoder::Number(bins), [first, .., last]) if *last < bins.len() => bins.number_range(*first, *last),
            (FeatureEncoder::Date(bins), [first, .., last]) if *last < bins.len() => bins.date_range(*first, *last),
            (
                FeatureEncoder::Number(_)
                | FeatureEncoder::Date(_)
                | FeatureEncoder::Category(_)
                | FeatureEncoder::Flag
                | FeatureEncoder::List(_),
                _,
            ) => "other".to_owned(),
        }
    }
}

/// The status of a value that is not of the attribute's kind: a blank text is missing.
fn unreadable_status(value: &ValueRef<'_>) -> ValueStatus {
    match value {
        ValueRef::Text(text) if is_blank(text) => ValueStatus::Missing,
        ValueRef::Text(_) | ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => {
            ValueStatus::Mismatch
        }
    }
}

fn visit_item_slots(
    levels: &Levels,
    items: impl Iterator<Item = Option<usize>>,
    mut visit: impl FnMut(usize),
) -> ValueStatus {
    let (mut slots, mut unseen) = (Vec::new(), false);
    for slot in items {
        match slot {
            Some(slot) => slots.push(slot),
            None => unseen = true,
        }
    }
    if slots.is_empty() && !unseen {
        visit(levels.len());
        return ValueStatus::Used;
    }
    slots.sort_unstable();
    slots.dedup();
    slots.into_iter().for_each(&mut visit);
    if unseen { ValueStatus::Unseen } else { ValueStatus::Used }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Date;

    use super::*;

    fn feature(encoder: FeatureEncoder) -> Feature {
        Feature { attribute: "a".into(), encoder, format: TextFormat::default() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "each call creates its value in place")]
    fn encode(feature: &Feature, value: Option<ValueRef<'_>>) -> (Vec<usize>, ValueStatus) {
        let mut slots = Vec::new();
        let reading = feature.encode(value.as_ref(), |slot| slots.push(slot));
        (slots, reading)
    }

    #[test]
    fn a_text_is_read_as_the_kind_that_the_model_knows() {
        let number = feature(FeatureEncoder::Number(Bins::new(vec![100.0, 200.0], 0.0, 900.0, true)));
        assert_eq!(encode(&number, Some(ValueRef::Text("$ 1,5x"))), (vec![3], ValueStatus::Mismatch));
        assert_eq!(encode(&number, Some(ValueRef::Text(" "))), (vec![3], ValueStatus::Missing));
        assert_eq!(encode(&number, Some(ValueRef::Text("1,50"))), (vec![0], ValueStatus::Used));
        assert_eq!(encode(&number, Some(ValueRef::Text("$ 150"))), (vec![1], ValueStatus::Used));
        assert_eq!(encode(&number, Some(ValueRef::Number(1e9))), (vec![2], ValueStatus::OutOfRange));
        assert_eq!(encode(&number, Some(ValueRef::Number(f64::NAN))), (vec![3], ValueStatus::Mismatch));
        assert_eq!(encode(&number, None), (vec![3], ValueStatus::Missing));
        let date = feature(FeatureEncoder::Date(Bins::new(vec![10.0], 0.0, 20.0, true)));
        assert_eq!(encode(&date, Some(ValueRef::Text("1970-01-12"))), (vec![1], ValueStatus::Used));
        assert_eq!(encode(&date, Some(ValueRef::Date(Date { days: 3 }))), (vec![0], ValueStatus::Used));
        assert_eq!(encode(&date, Some(ValueRef::Number(3.0))), (vec![2], ValueStatus::Mismatch));
        let flag = feature(FeatureEncoder::Flag);
        assert_eq!(encode(&flag, Some(ValueRef::Text("YES"))), (vec![1], ValueStatus::Used));
        assert_eq!(encode(&flag, Some(ValueRef::Number(2.0))), (vec![2], ValueStatus::Mismatch));
    }

    #[test]
    fn a_text_is_read_as_those_of_the_customers_were_written() {
        let format = TextFormat::from_keys(",", "dmy");
        let bins = |edge| Bins::new(vec![edge], 0.0, 9000.0, true);
        let number = Feature { format, ..feature(FeatureEncoder::Number(bins(100.0))) };
        assert_eq!(encode(&number, Some(ValueRef::Text("1.200"))), (vec![1], ValueStatus::Used));
        assert_eq!(encode(&number, Some(ValueRef::Text("1.5"))), (vec![0], ValueStatus::Used));
        assert_eq!(encode(&feature(number.encoder), Some(ValueRef::Text("1.200"))), (vec![0], ValueStatus::Used));
        let date = Feature { format, ..feature(FeatureEncoder::Date(bins(20.0))) };
        assert_eq!(encode(&date, Some(ValueRef::Text("01/02/1970"))), (vec![1], ValueStatus::Used));
        assert_eq!(encode(&feature(date.encoder), Some(ValueRef::Text("01/02/1970"))), (vec![0], ValueStatus::Used));
    }

    #[test]
    fn categories_are_found_whatever_their_spelling() {
        let levels = Levels::new(vec![("fintech".into(), "Fintech".into()), ("90210".into(), "90210".into())]);
        let category = feature(FeatureEncoder::Category(levels));
        assert_eq!(encode(&category, Some(ValueRef::Text("  FINTECH "))), (vec![0], ValueStatus::Used));
        assert_eq!(encode(&category, Some(ValueRef::Number(90210.0))), (vec![1], ValueStatus::Used));
        assert_eq!(encode(&category, Some(ValueRef::Text("Mining"))), (vec![2], ValueStatus::Unseen));
        assert_eq!(encode(&category, Some(ValueRef::Text(""))), (vec![3], ValueStatus::Missing));
        assert_eq!([0, 2, 3].map(|slot| category.label(slot)), ["Fintech", "other", "missing"]);
        assert_eq!([0, 2, 3].map(|slot| category.is_pooled(slot)), [false, true, false]);
    }

    #[test]
    fn a_list_fills_one_slot_an_item() {
        let levels = Levels::new(vec![("sap".into(), "SAP".into()), ("slack".into(), "Slack".into())]);
        let list = feature(FeatureEncoder::List(levels));
        assert_eq!(encode(&list, Some(ValueRef::List(vec!["Slack", "SAP", "sap"]))), (vec![0, 1], ValueStatus::Used));
        assert_eq!(encode(&list, Some(ValueRef::Text("SAP; Jira"))), (vec![0], ValueStatus::Unseen));
        assert_eq!(encode(&list, Some(ValueRef::List(vec![]))), (vec![2], ValueStatus::Used));
        assert_eq!(encode(&list, Some(ValueRef::Text("Jira"))), (vec![], ValueStatus::Unseen));
        assert_eq!(encode(&list, None), (vec![3], ValueStatus::Missing));
        assert_eq!(encode(&list, Some(ValueRef::Text(""))), (vec![3], ValueStatus::Missing));
        assert_eq!(encode(&list, Some(ValueRef::List(vec!["", "SAP"]))), (vec![0], ValueStatus::Used));
        assert_eq!(list.label(2), "none");
    }
}

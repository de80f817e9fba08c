//! How an attribute's value becomes a slot of the model. Frozen at training; the only way from a value to a coefficient.

mod bins;
mod column;
mod example;
mod fit;
mod levels;
mod stored;

pub(crate) use bins::Bins;
pub(crate) use column::encode_column;
pub(crate) use fit::{Counted, Learned, Resolution, fit_feature};
pub(crate) use levels::Levels;
use sweetspot_core::reading::{category, date, flag, list, number};
use sweetspot_core::{Kind, TextFormat, ValueRef, are_years, is_blank};

/// One attribute of a model, and how its values are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feature {
    /// The attribute's name.
    pub attribute: String,
    /// How its values become slots.
    pub encoder: Encoder,
    /// How its texts are written, as those of the customers were.
    pub format: TextFormat,
}

/// How values become slots. The last slot always is the one for missing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Encoder {
    /// Bins of numbers.
    Number(Bins),
    /// Bins of days.
    Date(Bins),
    /// Levels, then the pooled slot of rare and unseen ones.
    Category(Levels),
    /// No, yes.
    Flag,
    /// Items, then the slot of a list without any. Several slots can be filled at once.
    List(Levels),
}

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Known and used.
    Used,
    /// Not there.
    Missing,
    /// A level or item that the model does not know.
    Unseen,
    /// Beyond what training saw: the outermost bin stands for it.
    OutOfRange,
    /// Cannot be read as this kind: treated as missing.
    Mismatch,
}

impl Feature {
    /// How many slots.
    pub(crate) fn slots(&self) -> usize {
        match &self.encoder {
            Encoder::Number(bins) | Encoder::Date(bins) => bins.len() + 1,
            Encoder::Category(levels) | Encoder::List(levels) => levels.len() + 2,
            Encoder::Flag => 3,
        }
    }

    /// The slot for missing.
    pub(crate) fn missing(&self) -> usize {
        self.slots() - 1
    }

    /// Visits the slots that a value fills: one, or for a list one an item, or none where a list holds unknown items only.
    pub(crate) fn place(&self, value: Option<&ValueRef<'_>>, mut visit: impl FnMut(usize)) -> Reading {
        let Some(value) = value else {
            visit(self.missing());
            return Reading::Missing;
        };
        if let (Encoder::List(levels), Some(items)) = (&self.encoder, list(value)) {
            return place_items(levels, items.iter().map(|item| levels.find(item)), visit);
        }
        let (slot, reading) = self.place_one(value);
        visit(slot);
        reading
    }

    /// The one slot that a value fills. Of a list, it is the slot of what is no list.
    #[inline]
    pub(crate) fn place_one(&self, value: &ValueRef<'_>) -> (usize, Reading) {
        let placed = match &self.encoder {
            Encoder::Number(bins) => number(value, self.format).map(|number| bins.place(number)),
            Encoder::Date(bins) => date(value, self.format).map(|days| bins.place(days)),
            Encoder::Category(levels) => category(value).map(|text| match levels.find(&text) {
                Some(slot) => (slot, Reading::Used),
                None => (levels.len(), Reading::Unseen),
            }),
            Encoder::Flag => flag(value).map(|flag| (usize::from(flag), Reading::Used)),
            Encoder::List(_) => None,
        };
        placed.unwrap_or_else(|| (self.missing(), unreadable(value)))
    }

    /// The kind as which its values are read.
    pub(crate) const fn kind(&self) -> Kind {
        match self.encoder {
            Encoder::Number(_) => Kind::Number,
            Encoder::Date(_) => Kind::Date,
            Encoder::Category(_) => Kind::Category,
            Encoder::Flag => Kind::Flag,
            Encoder::List(_) => Kind::List,
        }
    }

    /// The levels of a category or the items of a list.
    pub(crate) const fn levels(&self) -> Option<&Levels> {
        match &self.encoder {
            Encoder::Category(levels) | Encoder::List(levels) => Some(levels),
            Encoder::Number(_) | Encoder::Date(_) | Encoder::Flag => None,
        }
    }

    /// Whether a text is read as a number or a day, and could mean two.
    pub(crate) const fn parses_texts(&self) -> bool {
        matches!(self.encoder, Encoder::Number(_) | Encoder::Date(_))
    }

    /// The bins, where the attribute is one of numbers.
    pub(crate) const fn bins_of_numbers(&self) -> Option<&Bins> {
        match &self.encoder {
            Encoder::Number(bins) => Some(bins),
            Encoder::Date(_) | Encoder::Category(_) | Encoder::Flag | Encoder::List(_) => None,
        }
    }

    /// Whether its values are numbers that are read with thousands apart: not so years.
    pub(crate) fn is_amount(&self) -> bool {
        let Encoder::Number(Bins { least, greatest, whole, .. }) = &self.encoder else { return false };
        !are_years(&self.attribute, *least, *greatest, *whole)
    }

    /// Whether the attribute is one of lists.
    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.encoder, Encoder::List(_))
    }

    /// The slot of one item of a list, if the model knows it.
    pub(crate) fn find_item(&self, item: &str) -> Option<usize> {
        match &self.encoder {
            Encoder::List(levels) => levels.find(item),
            Encoder::Number(_) | Encoder::Date(_) | Encoder::Category(_) | Encoder::Flag => None,
        }
    }

    /// Visits the slots of items that were found before, as [`Self::place`] does those of a list.
    pub(crate) fn place_found(
        &self,
        items: impl Iterator<Item = Option<usize>>,
        mut visit: impl FnMut(usize),
    ) -> Reading {
        match &self.encoder {
            Encoder::List(levels) => place_items(levels, items, visit),
            Encoder::Number(_) | Encoder::Date(_) | Encoder::Category(_) | Encoder::Flag => {
                visit(self.missing());
                Reading::Mismatch
            }
        }
    }

    /// Whether a slot stands for every rare and unseen level.
    pub(crate) fn is_pooled(&self, slot: usize) -> bool {
        matches!(&self.encoder, Encoder::Category(levels) if slot == levels.len())
    }

    /// The slot's value as a person reads it.
    pub(crate) fn label(&self, slot: usize) -> String {
        if slot == self.missing() {
            return "missing".to_owned();
        }
        match &self.encoder {
            Encoder::Number(bins) => bins.number_label(slot),
            Encoder::Date(bins) => bins.date_label(slot),
            Encoder::Flag => if slot == 1 { "yes" } else { "no" }.to_owned(),
            Encoder::Category(levels) => levels.label(slot).unwrap_or("other").to_owned(),
            Encoder::List(levels) => levels.label(slot).unwrap_or("none").to_owned(),
        }
    }

    /// What several slots have in common, as a person reads it: a range of bins, one level, or `other`.
    pub(crate) fn group_label(&self, slots: &[usize]) -> String {
        match (&self.encoder, slots) {
            (_, [slot]) => self.label(*slot),
            (Encoder::Number(bins), [first, .., last]) if *last < bins.len() => bins.number_range(*first, *last),
            (Encoder::Date(bins), [first, .., last]) if *last < bins.len() => bins.date_range(*first, *last),
            (Encoder::Number(_) | Encoder::Date(_) | Encoder::Category(_) | Encoder::Flag | Encoder::List(_), _) => {
                "other".to_owned()
            }
        }
    }
}

/// What became of a value that is none of the attribute's kind: a blank text is missing.
fn unreadable(value: &ValueRef<'_>) -> Reading {
    match value {
        ValueRef::Text(text) if is_blank(text) => Reading::Missing,
        ValueRef::Text(_) | ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => {
            Reading::Mismatch
        }
    }
}

fn place_items(levels: &Levels, items: impl Iterator<Item = Option<usize>>, mut visit: impl FnMut(usize)) -> Reading {
    let (mut slots, mut unseen) = (Vec::new(), false);
    for slot in items {
        match slot {
            Some(slot) => slots.push(slot),
            None => unseen = true,
        }
    }
    if slots.is_empty() && !unseen {
        visit(levels.len());
        return Reading::Used;
    }
    slots.sort_unstable();
    slots.dedup();
    slots.into_iter().for_each(&mut visit);
    if unseen { Reading::Unseen } else { Reading::Used }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Date;

    use super::*;

    fn feature(encoder: Encoder) -> Feature {
        Feature { attribute: "a".into(), encoder, format: TextFormat::default() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "every call makes its value on the spot")]
    fn placed(feature: &Feature, value: Option<ValueRef<'_>>) -> (Vec<usize>, Reading) {
        let mut slots = Vec::new();
        let reading = feature.place(value.as_ref(), |slot| slots.push(slot));
        (slots, reading)
    }

    #[test]
    fn a_text_is_read_as_the_kind_that_the_model_knows() {
        let number = feature(Encoder::Number(Bins::new(vec![100.0, 200.0], 0.0, 900.0, true)));
        assert_eq!(placed(&number, Some(ValueRef::Text("$ 1,5x"))), (vec![3], Reading::Mismatch));
        assert_eq!(placed(&number, Some(ValueRef::Text(" "))), (vec![3], Reading::Missing));
        assert_eq!(placed(&number, Some(ValueRef::Text("1,50"))), (vec![0], Reading::Used));
        assert_eq!(placed(&number, Some(ValueRef::Text("$ 150"))), (vec![1], Reading::Used));
        assert_eq!(placed(&number, Some(ValueRef::Number(1e9))), (vec![2], Reading::OutOfRange));
        assert_eq!(placed(&number, Some(ValueRef::Number(f64::NAN))), (vec![3], Reading::Mismatch));
        assert_eq!(placed(&number, None), (vec![3], Reading::Missing));
        let date = feature(Encoder::Date(Bins::new(vec![10.0], 0.0, 20.0, true)));
        assert_eq!(placed(&date, Some(ValueRef::Text("1970-01-12"))), (vec![1], Reading::Used));
        assert_eq!(placed(&date, Some(ValueRef::Date(Date { days: 3 }))), (vec![0], Reading::Used));
        assert_eq!(placed(&date, Some(ValueRef::Number(3.0))), (vec![2], Reading::Mismatch));
        let flag = feature(Encoder::Flag);
        assert_eq!(placed(&flag, Some(ValueRef::Text("YES"))), (vec![1], Reading::Used));
        assert_eq!(placed(&flag, Some(ValueRef::Number(2.0))), (vec![2], Reading::Mismatch));
    }

    #[test]
    fn a_text_is_read_as_those_of_the_customers_were_written() {
        let format = TextFormat::from_keys(",", "dmy");
        let bins = |edge| Bins::new(vec![edge], 0.0, 9000.0, true);
        let number = Feature { format, ..feature(Encoder::Number(bins(100.0))) };
        assert_eq!(placed(&number, Some(ValueRef::Text("1.200"))), (vec![1], Reading::Used));
        assert_eq!(placed(&number, Some(ValueRef::Text("1.5"))), (vec![0], Reading::Used));
        assert_eq!(placed(&feature(number.encoder), Some(ValueRef::Text("1.200"))), (vec![0], Reading::Used));
        let date = Feature { format, ..feature(Encoder::Date(bins(20.0))) };
        assert_eq!(placed(&date, Some(ValueRef::Text("01/02/1970"))), (vec![1], Reading::Used));
        assert_eq!(placed(&feature(date.encoder), Some(ValueRef::Text("01/02/1970"))), (vec![0], Reading::Used));
    }

    #[test]
    fn categories_are_found_whatever_their_spelling() {
        let levels = Levels::new(vec![("fintech".into(), "Fintech".into()), ("90210".into(), "90210".into())]);
        let category = feature(Encoder::Category(levels));
        assert_eq!(placed(&category, Some(ValueRef::Text("  FINTECH "))), (vec![0], Reading::Used));
        assert_eq!(placed(&category, Some(ValueRef::Number(90210.0))), (vec![1], Reading::Used));
        assert_eq!(placed(&category, Some(ValueRef::Text("Mining"))), (vec![2], Reading::Unseen));
        assert_eq!(placed(&category, Some(ValueRef::Text(""))), (vec![3], Reading::Missing));
        assert_eq!([0, 2, 3].map(|slot| category.label(slot)), ["Fintech", "other", "missing"]);
        assert_eq!([0, 2, 3].map(|slot| category.is_pooled(slot)), [false, true, false]);
    }

    #[test]
    fn a_list_fills_one_slot_an_item() {
        let levels = Levels::new(vec![("sap".into(), "SAP".into()), ("slack".into(), "Slack".into())]);
        let list = feature(Encoder::List(levels));
        assert_eq!(placed(&list, Some(ValueRef::List(vec!["Slack", "SAP", "sap"]))), (vec![0, 1], Reading::Used));
        assert_eq!(placed(&list, Some(ValueRef::Text("SAP; Jira"))), (vec![0], Reading::Unseen));
        assert_eq!(placed(&list, Some(ValueRef::List(vec![]))), (vec![2], Reading::Used));
        assert_eq!(placed(&list, Some(ValueRef::Text("Jira"))), (vec![], Reading::Unseen));
        assert_eq!(placed(&list, None), (vec![3], Reading::Missing));
        assert_eq!(placed(&list, Some(ValueRef::Text(""))), (vec![3], Reading::Missing));
        assert_eq!(placed(&list, Some(ValueRef::List(vec!["", "SAP"]))), (vec![0], Reading::Used));
        assert_eq!(list.label(2), "none");
    }
}

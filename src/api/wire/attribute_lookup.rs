//! Looks up attributes by name. Clients usually write the attributes of every account in the same order.

use sweetspot_model::Scorer;

/// Tries first the attribute that followed the previous one in an earlier account.
#[derive(Debug)]
pub(in crate::api) struct AttributeLookup<'s> {
    pub(super) scorer: &'s Scorer,
    /// The attribute that last followed each attribute; item 0 is the first one of an account. Empty for a single
    /// account.
    next_attribute: Vec<usize>,
    previous: usize,
    /// A bitmap of the attributes that the account has so far.
    seen: Vec<u64>,
}

impl<'s> AttributeLookup<'s> {
    /// Creates a lookup for accounts of one model; `is_single` is true for a single account.
    pub(in crate::api) fn new(scorer: &'s Scorer, is_single: bool) -> Self {
        let next_attribute = vec![usize::MAX; if is_single { 0 } else { scorer.name_count() + 1 }];
        Self { scorer, next_attribute, previous: 0, seen: vec![0; scorer.name_count().div_ceil(64)] }
    }

    /// Starts a new account.
    pub(in crate::api) fn begin_account(&mut self) {
        self.previous = 0;
        self.seen.fill(0);
    }

    /// Whether the account has the attribute with this index for the first time.
    #[inline]
    pub(in crate::api) fn is_first(&mut self, attribute: usize) -> bool {
        let (bit, word) = (1 << (attribute % 64), self.seen.get_mut(attribute / 64));
        word.is_some_and(|word| {
            let first = *word & bit == 0;
            *word |= bit;
            first
        })
    }

    /// The index of an attribute in the model, if the model has it.
    #[inline]
    pub(in crate::api) fn find(&mut self, name: &[u8]) -> Option<usize> {
        let expected = self.next_attribute.get(self.previous).copied();
        let found = match expected.filter(|attribute| self.scorer.is_attribute_name(*attribute, name)) {
            Some(attribute) => attribute,
            None => self.scorer.attribute_index_by_bytes(name).inspect(|found| self.record_order(*found))?,
        };
        self.previous = found + 1;
        Some(found)
    }

    fn record_order(&mut self, found: usize) {
        if let Some(next) = self.next_attribute.get_mut(self.previous) {
            *next = found;
        }
    }
}

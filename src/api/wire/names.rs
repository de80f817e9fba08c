//! Attributes found by their names. Who writes one account after the other mostly writes their names in the same order.

use sweetspot_model::Scorer;

/// Looks first for the attribute that came behind the last one in the account before.
#[derive(Debug)]
pub(in crate::api) struct Names<'s> {
    pub(super) scorer: &'s Scorer,
    /// What came behind each attribute the last time; first of all, what an account began with. Empty for a single account.
    behind: Vec<usize>,
    last: usize,
    /// One bit for each attribute that the account has so far.
    seen: Vec<u64>,
}

impl<'s> Names<'s> {
    /// Of accounts for one model: `alone` where it is just one.
    pub(in crate::api) fn new(scorer: &'s Scorer, alone: bool) -> Self {
        let behind = vec![usize::MAX; if alone { 0 } else { scorer.names() + 1 }];
        Self { scorer, behind, last: 0, seen: vec![0; scorer.names().div_ceil(64)] }
    }

    /// Begins with an account.
    pub(in crate::api) fn begin(&mut self) {
        self.last = 0;
        self.seen.fill(0);
    }

    /// Whether the account has an attribute, found by its number, for the first time.
    #[inline]
    pub(in crate::api) fn is_first(&mut self, attribute: usize) -> bool {
        let (bit, word) = (1 << (attribute % 64), self.seen.get_mut(attribute / 64));
        word.is_some_and(|word| {
            let first = *word & bit == 0;
            *word |= bit;
            first
        })
    }

    /// The number of an attribute by which it is placed, if the model has it.
    #[inline]
    pub(in crate::api) fn find(&mut self, name: &[u8]) -> Option<usize> {
        let expected = self.behind.get(self.last).copied();
        let found = match expected.filter(|attribute| self.scorer.is_named(*attribute, name)) {
            Some(attribute) => attribute,
            None => self.scorer.attribute_of(name).inspect(|found| self.learn(*found))?,
        };
        self.last = found + 1;
        Some(found)
    }

    fn learn(&mut self, found: usize) {
        if let Some(behind) = self.behind.get_mut(self.last) {
            *behind = found;
        }
    }
}

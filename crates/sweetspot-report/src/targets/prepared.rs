//! What every list of targets of one version needs: made once.

use sweetspot_model::{LookAlikes, Scorer, Steps};

use super::shift::{self, Compared};
use crate::Evidence;

/// The customers to compare with, one by one and all together, and the values to try.
#[derive(Debug)]
pub struct Prepared {
    pub(super) alike: LookAlikes,
    pub(super) steps: Steps,
    pub(super) compared: Vec<Compared>,
    /// Whether the customers compared with are the ideal ones; all of them where none is ideal.
    pub(super) ideal: bool,
}

impl Prepared {
    /// Of a version.
    #[must_use]
    pub fn new(evidence: &Evidence, scorer: &Scorer) -> Self {
        let rows = 0..evidence.rows();
        let mut compared: Vec<usize> = rows.clone().filter(|row| evidence.ideal(*row) == Some(true)).collect();
        let ideal = !compared.is_empty();
        if !ideal {
            compared.extend(rows);
        }
        let alike = LookAlikes::new(scorer, evidence.accounts(), &compared);
        Self { alike, steps: Steps::of(scorer), compared: shift::compared(evidence), ideal }
    }
}

//! The data that every target list of one version shares.

use sweetspot_model::{Alternatives, LookAlikePoints, Scorer};

use super::distribution_shift::{self, ComparedAttribute};
use crate::ReportInput;

/// What every list of a version needs to explain its accounts: customers to compare with, values to try, and the
/// distribution of each attribute.
#[derive(Debug)]
pub struct ExplanationContext {
    pub(super) look_alikes: LookAlikePoints,
    pub(super) steps: Alternatives,
    pub(super) attributes: Vec<ComparedAttribute>,
    /// The attributes that are marked as changeable.
    pub(super) changeable: Vec<String>,
    /// Whether the customers to compare with are the ideal ones; if there are none, they are all customers.
    pub(super) is_ideal_only: bool,
}

impl ExplanationContext {
    /// Prepares the data of a version.
    #[must_use]
    pub fn new(input: &ReportInput, scorer: &Scorer) -> Self {
        let rows = 0..input.rows();
        let mut compared: Vec<usize> = rows.clone().filter(|row| input.ideal(*row) == Some(true)).collect();
        let ideal = !compared.is_empty();
        if !ideal {
            compared.extend(rows);
        }
        let attributes = input.model.attributes().into_iter().map(|summary| summary.attribute);
        let is_changeable =
            |name: &String| input.accounts().metadata(name).is_some_and(|metadata| metadata.is_changeable);
        let search = LookAlikePoints::new(scorer, input.accounts(), &compared);
        Self {
            look_alikes: search,
            steps: Alternatives::new(scorer),
            changeable: attributes.filter(is_changeable).collect(),
            attributes: distribution_shift::compared(input),
            is_ideal_only: ideal,
        }
    }
}

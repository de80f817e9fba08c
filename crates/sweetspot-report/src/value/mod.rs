//! What customers are worth: the value curve, cohorts, what the best have in common, and the ones that cost more than they pay.
//!
//! Two views: [`ValueReport`] is the document, [`BadFits`] the list of accounts that lose money. Both ask a person for what no
//! data say ([`Stated`]), and count what is not known instead of making it up.

mod axes;
mod bad_fit;
mod blocks;
mod cohort;
mod common;
mod curve;
mod growth;
#[cfg(test)]
mod made_up;
mod question;
mod resample;
mod split;
mod trait_level;
mod view;
mod worth;

pub use axes::{Axes, Percentiles, Standing};
pub use bad_fit::{Advice, BadFit, BadFits, Liability, Taken};
pub use blocks::blocks;
pub use cohort::{Cohort, Cohorts, Quarter};
pub use common::{Common, Part, Trait};
pub use curve::{Peak, TopHeld, ValueCurve};
pub use growth::GrowthPotential;
pub use question::{Basis, DEFAULT_SHARE, Stated, ValueQuestion};
pub use resample::Estimate;
pub use view::ValueReport;
pub use worth::{Known, Money};

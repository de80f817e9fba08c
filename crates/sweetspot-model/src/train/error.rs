//! Why there is no model.

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{Direction, Kind, LabelError};
use sweetspot_solver::FitError;
use thiserror::Error;

/// Why there is no model.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TrainError {
    /// The labels cannot be made.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Fewer customers of one label than a model can be learned from.
    #[error(
        "{ideal} ideal and {not_ideal} other customers ({excluded} without a label): at least {needed} of each are \
         required; check the label policy {policy} and which outcomes the mapping names, or add customers"
    )]
    TooFewCustomers {
        /// Ideal customers.
        ideal: u64,
        /// Other customers.
        not_ideal: u64,
        /// Customers without a label.
        excluded: u64,
        /// How many of each are needed.
        needed: u64,
        /// The label policy.
        policy: String,
    },
    /// A base rate, but rows of one label only.
    #[error(
        "{ideal} ideal and {not_ideal} other customers: a base_rate of {base_rate} requires some of each, since it \
         corrects the rate at which they were sampled; with hypotheses alone, omit it and set assumed_ideal_rate \
         (train --assumed-ideal-rate)"
    )]
    NoSampleRate {
        /// The base rate.
        base_rate: f64,
        /// Ideal customers.
        ideal: u64,
        /// Other customers.
        not_ideal: u64,
    },
    /// Nothing to learn from.
    #[error("no attribute is left to learn from: {why}")]
    NoAttributes {
        /// What became of them.
        why: String,
    },
    /// An attribute that is named is not in the data.
    #[error("attribute {attribute:?} is to be {purpose}, but the dataset does not have it{hint}")]
    UnknownAttribute {
        /// Its name.
        attribute: String,
        /// What for: `left out`, `allowed` or `held to a direction`.
        purpose: &'static str,
        /// A name that is close, as ` (did you mean "x"?)`, or nothing.
        hint: String,
    },
    /// A direction was asked of an attribute whose values have no order.
    #[error(
        "attribute {attribute:?} is to be {}, but it is a {}: only numbers and dates can have a direction", direction.word(), kind.word()
    )]
    NoDirection {
        /// Its name.
        attribute: String,
        /// What was asked of it.
        direction: Direction,
        /// What it is.
        kind: Kind,
    },
    /// The model would be larger than this program fits.
    #[error(
        "the attributes have {parameters} bins and levels in total, which exceeds the limit of {most}: leave out \
         attributes with very many levels"
    )]
    TooLarge {
        /// Bins, levels and items of all attributes.
        parameters: usize,
        /// The limit.
        most: usize,
    },
    /// The optimiser did not settle.
    #[error(
        "training did not converge in {iterations} steps (gradient {gradient:.1e}): leave out redundant attributes"
    )]
    NotConverged {
        /// Steps taken.
        iterations: u32,
        /// Largest gradient component left.
        gradient: f64,
    },
    /// The finished model failed its own check.
    #[error("the trained model failed its own check")]
    Inconsistent,
    /// Asked to stop.
    #[error("training was cancelled")]
    Cancelled,
}

impl From<FitError> for TrainError {
    fn from(error: FitError) -> Self {
        match error {
            FitError::NotConverged { iterations, gradient } => Self::NotConverged { iterations, gradient },
            FitError::Stopped => Self::Cancelled,
            FitError::Parameter(_) | FitError::Linfa(_) => Self::Inconsistent,
        }
    }
}

impl Fault for TrainError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Label(LabelError::TopShare { .. } | LabelError::BaseRate { .. } | LabelError::NotFinite { .. })
            | Self::UnknownAttribute { .. }
            | Self::NoDirection { .. } => FaultKind::InvalidArgument,
            Self::Label(LabelError::NoValues)
            | Self::TooFewCustomers { .. }
            | Self::NoSampleRate { .. }
            | Self::NoAttributes { .. } => FaultKind::FailedPrecondition,
            Self::TooLarge { .. } => FaultKind::ResourceExhausted,
            Self::NotConverged { .. } | Self::Inconsistent => FaultKind::Internal,
            Self::Cancelled => FaultKind::Cancelled,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Label(LabelError::NoValues) => "NO_VALUES",
            Self::Label(LabelError::TopShare { .. } | LabelError::BaseRate { .. } | LabelError::NotFinite { .. }) => {
                "INVALID_LABEL_POLICY"
            }
            Self::TooFewCustomers { ideal: 0, .. }
            | Self::TooFewCustomers { not_ideal: 0, .. }
            | Self::NoSampleRate { .. } => "ONE_CLASS",
            Self::TooFewCustomers { .. } => "TOO_FEW_CUSTOMERS",
            Self::NoAttributes { .. } => "NO_ATTRIBUTES",
            Self::UnknownAttribute { .. } => "UNKNOWN_ATTRIBUTE",
            Self::NoDirection { .. } => "NO_DIRECTION",
            Self::TooLarge { .. } => "MODEL_TOO_LARGE",
            Self::NotConverged { .. } => "NOT_CONVERGED",
            Self::Inconsistent => "TRAINING_INCONSISTENT",
            Self::Cancelled => "CANCELLED",
        }
    }
}

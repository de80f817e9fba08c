//! What people write down in files: beliefs about good and bad customers, and rules.

mod error;
mod fields;
mod file;
mod findings;
mod gates;
mod hypotheses;
mod when;

pub use error::BeliefsError;
pub use findings::{parse_findings, read_findings};
pub use gates::{parse_gates, read_gates};
pub use hypotheses::{parse_hypotheses, read_hypotheses};

#[cfg(test)]
mod tests;

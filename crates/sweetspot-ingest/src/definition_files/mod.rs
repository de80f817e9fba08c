//! Definition files, which people write: hypotheses, exclusion rules and findings.

mod condition;
mod entry_list;
mod error;
mod exclusion_rules;
mod findings;
mod hypotheses;
mod table_reader;

pub use error::DefinitionFileError;
pub use exclusion_rules::{parse_exclusion_rules, read_exclusion_rules};
pub use findings::{parse_findings, read_findings};
pub use hypotheses::{parse_hypotheses, read_hypotheses};

#[cfg(test)]
mod tests;

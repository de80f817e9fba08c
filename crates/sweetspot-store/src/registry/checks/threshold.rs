//! The thresholds of promotion checks, which can be set per model.

use std::collections::BTreeMap;

use thiserror::Error;

use super::PROMOTION_CHECKS;

/// A number that determines how strict a check is.
#[derive(Debug)]
pub struct ThresholdSpec {
    /// The name of the threshold.
    pub name: &'static str,
    /// The value for models that do not set it.
    pub default: f64,
    /// The minimum value.
    pub min: f64,
    /// The maximum value.
    pub max: f64,
}

/// Why a threshold cannot be set.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ThresholdError {
    /// No check has a threshold with this name.
    #[error("unknown threshold {name:?}: use one of {}", names().join(", "))]
    Unknown {
        /// The given name.
        name: String,
    },
    /// The value is out of range or not a number.
    #[error("{name} is {value}: it must be between {min} and {max}")]
    OutOfRange {
        /// The name of the threshold.
        name: &'static str,
        /// The given value.
        value: f64,
        /// The minimum value.
        min: f64,
        /// The maximum value.
        max: f64,
    },
}

impl ThresholdSpec {
    /// Returns the value for a model with these settings.
    #[must_use]
    pub fn value(&self, set: &BTreeMap<String, f64>) -> f64 {
        set.get(self.name).copied().unwrap_or(self.default)
    }
}

/// Sets thresholds and resets others to their defaults.
pub(in crate::registry) fn change_thresholds(
    before: &BTreeMap<String, f64>,
    set: &BTreeMap<String, f64>,
    reset: &[String],
) -> Result<BTreeMap<String, f64>, ThresholdError> {
    let mut after = before.clone();
    for name in reset {
        after.remove(find_threshold(name)?.name);
    }
    for (name, value) in set {
        let ThresholdSpec { name, min, max, .. } = *find_threshold(name)?;
        if !(min..=max).contains(value) {
            return Err(ThresholdError::OutOfRange { name, value: *value, min, max });
        }
        after.insert(name.to_owned(), *value);
    }
    Ok(after)
}

fn find_threshold(name: &str) -> Result<&'static ThresholdSpec, ThresholdError> {
    let mut all = PROMOTION_CHECKS.iter().filter_map(|check| check.threshold.as_ref());
    all.find(|threshold| threshold.name == name)
        .ok_or_else(|| ThresholdError::Unknown { name: name.chars().take(64).collect() })
}

fn names() -> Vec<&'static str> {
    PROMOTION_CHECKS.iter().filter_map(|check| check.threshold.as_ref()).map(|threshold| threshold.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(entries: &[(&str, f64)]) -> BTreeMap<String, f64> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn a_threshold_stays_set_until_it_is_reset() {
        let first =
            change_thresholds(&BTreeMap::new(), &settings(&[("min_auc", 0.7), ("max_auc_drop", 0.01)]), &[]).unwrap();
        let second = change_thresholds(&first, &settings(&[("max_auc_drop", 0.02)]), &["min_auc".to_owned()]).unwrap();
        assert_eq!(second, settings(&[("max_auc_drop", 0.02)]));
    }

    #[test]
    fn unknown_names_and_values_out_of_range_are_refused() {
        for (entry, told) in [
            (("min_auk", 0.7), "unknown threshold \"min_auk\": use one of min_auc_low, min_auc, "),
            (("min_auc", 1.5), "min_auc is 1.5: it must be between 0 and 1"),
            (("min_auc", f64::NAN), "min_auc is NaN"),
        ] {
            let error = change_thresholds(&BTreeMap::new(), &settings(&[entry]), &[]).unwrap_err();
            assert!(error.to_string().starts_with(told), "{error}");
        }
        assert!(change_thresholds(&BTreeMap::new(), &BTreeMap::new(), &["x".to_owned()]).is_err());
    }

    #[test]
    fn names_are_unique_and_defaults_within_their_range() {
        let all = || PROMOTION_CHECKS.iter().filter_map(|check| check.threshold.as_ref());
        assert!(all().all(|threshold| (threshold.min..=threshold.max).contains(&threshold.default)));
        let mut names = names();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
        let stored =
            serde_json::to_vec(&all().map(|threshold| (threshold.name, 0.123_456_789)).collect::<BTreeMap<_, _>>());
        assert!(stored.unwrap().len() < 500, "they share a row with the aliases");
    }
}

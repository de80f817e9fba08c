//! Flags for conditions and statements.

use jiff::{Timestamp, civil};
use sweetspot_core::{Condition, Date, Test, possible_dates};

use crate::cli::exit::CliError;

/// A condition: an attribute and one test.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Condition")]
pub(crate) struct WhenArgs {
    /// Attribute
    #[arg(long, value_name = "A")]
    attribute: Option<String>,
    /// The value is this text, or has it among its items; may be given several times
    #[arg(long, value_name = "TEXT")]
    is: Vec<String>,
    /// The value is at least this number, or date such as 2015-01-01
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    at_least: Option<String>,
    /// The value is below this number, or before this date
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    below: Option<String>,
    /// The value is known (true) or missing (false)
    #[arg(long, value_name = "BOOL")]
    present: Option<bool>,
    /// The value is yes (true) or no (false)
    #[arg(long, value_name = "BOOL")]
    flag: Option<bool>,
}

impl WhenArgs {
    /// Returns the condition.
    ///
    /// # Errors
    /// Returns an error without an attribute, or without exactly one test.
    pub(crate) fn condition(self) -> Result<Condition, CliError> {
        let Self { attribute, is, at_least, below, present, flag } = self;
        let usage = |text: &str| CliError::Usage(text.to_owned());
        let attribute = attribute.ok_or_else(|| usage("set the condition: --attribute A and one test"))?;
        let (gte, lt) = (at_least.as_deref().map(bound).transpose()?, below.as_deref().map(bound).transpose()?);
        let range = (gte.is_some() || lt.is_some()).then_some(Test::Range { gte, lt });
        let list = (!is.is_empty()).then_some(Test::AnyOf(is));
        let tests = [range, list, present.map(Test::Present), flag.map(Test::Flag)];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(Condition { attribute, test }),
            (_, _) => Err(usage("exactly one test is required: --is, --at-least and --below, --present, or --flag")),
        }
    }
}

/// The author of a statement, its reason, and its expiry, and whether to store it.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Author and reason")]
pub(crate) struct AttributionArgs {
    /// Reason
    #[arg(long, value_name = "R", default_value = "", hide_default_value = true)]
    pub(crate) because: String,
    /// Author [default: the holder of the credential]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) by: String,
    /// Date of expiry, such as 2027-06-30, the first day on which it no longer holds
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Date>,
    /// Report what adding it would report, and store nothing
    #[arg(long, help_heading = "Options")]
    pub(crate) validate_only: bool,
}

impl AttributionArgs {
    /// Returns the time of expiry.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.until.and_then(|day| Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok())
    }
}

/// The entry to remove, and who removes it and why.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RemovalArgs {
    /// Id of the entry
    pub(crate) id: String,
    /// Author of the removal [default: the holder of the credential]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) by: String,
    /// Reason, which the documents show
    #[arg(long, value_name = "R")]
    pub(crate) because: String,
}

/// Parses a date such as 2027-06-30.
///
/// # Errors
/// Returns an error if the text is not a date.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let day: Result<civil::Date, _> = text.parse();
    day.map(Date::from_civil).map_err(|_| format!("{text:?} is not a date: use the form 2027-06-30"))
}

/// Parses a number, or a date as days since 1970-01-01.
fn bound(text: &str) -> Result<f64, CliError> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    let found = number.or_else(|| day(text).ok().map(|day| f64::from(day.days)));
    found.ok_or_else(|| {
        let hint = possible_dates(text).map_or_else(String::new, |days| format!(": write {days}"));
        CliError::Usage(format!("{text:?} is neither a number nor a date such as 2015-01-01{hint}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(args: WhenArgs) -> Result<Test, String> {
        let args = WhenArgs { attribute: Some("a".to_owned()), ..args };
        args.condition().map(|condition| condition.test).map_err(|error| error.to_string())
    }

    #[test]
    fn exactly_one_test_is_accepted() {
        let range = |below: &str| WhenArgs { below: Some(below.to_owned()), ..WhenArgs::default() };
        assert_eq!(when(range("20")), Ok(Test::Range { gte: None, lt: Some(20.0) }));
        assert_eq!(when(range("1970-01-11")), Ok(Test::Range { gte: None, lt: Some(10.0) }));
        assert!(when(range("soon")).unwrap_err().contains("neither a number nor a date"));
        // Ambiguous dates are rejected.
        for (text, days) in
            [("01/03/2024", "2024-01-03 or 2024-03-01"), ("31.12.2024", "2024-12-31"), ("5 May 2024", "2024-05-05")]
        {
            let error = when(range(text)).unwrap_err();
            assert!(error.ends_with(&format!("a date such as 2015-01-01: write {days}")), "{error}");
        }
        assert_eq!(when(WhenArgs { flag: Some(false), ..WhenArgs::default() }), Ok(Test::Flag(false)));
        assert_eq!(when(WhenArgs { is: vec!["x".into()], ..WhenArgs::default() }), Ok(Test::AnyOf(vec!["x".into()])));
        assert!(when(WhenArgs::default()).is_err());
        assert!(when(WhenArgs { present: Some(true), ..range("20") }).is_err());
        assert!(WhenArgs { present: Some(true), ..WhenArgs::default() }.condition().is_err());
    }
}

//! Whom something is about, and who says it, as flags.

use jiff::Timestamp;
use jiff::civil;

use crate::cli::exit::CliError;
use crate::domain::{Condition, Date, Test};

/// Whom it is about: an attribute and one test.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Whom it is about")]
pub(crate) struct WhenArgs {
    /// Attribute
    #[arg(long, value_name = "A")]
    attribute: Option<String>,
    /// It is this text, or has it among its items; may be given several times
    #[arg(long, value_name = "TEXT")]
    is: Vec<String>,
    /// It is at least this number, or day such as 2015-01-01
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    at_least: Option<String>,
    /// It is below this number, or before this day
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    below: Option<String>,
    /// It is known
    #[arg(long)]
    known: bool,
    /// It is missing
    #[arg(long)]
    missing: bool,
    /// It is yes
    #[arg(long)]
    yes: bool,
    /// It is no
    #[arg(long)]
    no: bool,
}

impl WhenArgs {
    /// The condition.
    ///
    /// # Errors
    /// Where there is no attribute, or not exactly one test.
    pub(crate) fn condition(self) -> Result<Condition, CliError> {
        let Self { attribute, is, at_least, below, known, missing, yes, no } = self;
        let usage = |text: &str| CliError::Usage(text.to_owned());
        let attribute = attribute.ok_or_else(|| usage("say whom it is about: --attribute A and one test"))?;
        let (gte, lt) = (at_least.map(bound).transpose()?, below.map(bound).transpose()?);
        let range = (gte.is_some() || lt.is_some()).then_some(Test::Range { gte, lt });
        let list = (!is.is_empty()).then_some(Test::AnyOf(is));
        let flags = [
            (known, Test::Present(true)),
            (missing, Test::Present(false)),
            (yes, Test::Flag(true)),
            (no, Test::Flag(false)),
        ];
        let mut tests: Vec<Test> = flags.into_iter().filter(|(given, _)| *given).map(|(_, test)| test).collect();
        tests.extend([range, list].into_iter().flatten());
        match (tests.pop(), tests.pop()) {
            (Some(test), None) => Ok(Condition { attribute, test }),
            (_, _) => {
                Err(usage("one test is needed: --is, --at-least and --below, --known, --missing, --yes, or --no"))
            }
        }
    }
}

/// Who says it, why, and until when.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Who says it")]
pub(crate) struct SaidArgs {
    /// Why
    #[arg(long, value_name = "R", default_value = "", hide_default_value = true)]
    pub(crate) because: String,
    /// Who
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) by: String,
    /// First day on which it does not hold any more, such as 2027-06-30
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Date>,
}

impl SaidArgs {
    /// When it ends.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.until.and_then(|day| Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok())
    }
}

/// A day as a person writes it.
///
/// # Errors
/// Where it is none.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let day: Result<civil::Date, _> = text.parse();
    day.map(Date::from_civil).map_err(|_| format!("{text:?} is no day: write it as 2027-06-30"))
}

/// A number, or a day as the days since 1970-01-01.
fn bound(text: String) -> Result<f64, CliError> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    let found = number.or_else(|| day(&text).ok().map(|day| f64::from(day.days)));
    found.ok_or_else(|| CliError::Usage(format!("{text:?} is neither a number nor a day such as 2015-01-01")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(args: WhenArgs) -> Result<Test, String> {
        let args = WhenArgs { attribute: Some("a".to_owned()), ..args };
        args.condition().map(|condition| condition.test).map_err(|error| error.to_string())
    }

    #[test]
    fn one_test_is_taken_and_two_are_not() {
        let range = |below: &str| WhenArgs { below: Some(below.to_owned()), ..WhenArgs::default() };
        assert_eq!(when(range("20")), Ok(Test::Range { gte: None, lt: Some(20.0) }));
        assert_eq!(when(range("1970-01-11")), Ok(Test::Range { gte: None, lt: Some(10.0) }));
        assert!(when(range("soon")).unwrap_err().contains("neither a number nor a day"));
        assert_eq!(when(WhenArgs { no: true, ..WhenArgs::default() }), Ok(Test::Flag(false)));
        assert_eq!(when(WhenArgs { is: vec!["x".into()], ..WhenArgs::default() }), Ok(Test::AnyOf(vec!["x".into()])));
        assert!(when(WhenArgs::default()).is_err());
        assert!(when(WhenArgs { known: true, ..range("20") }).is_err());
        assert!(WhenArgs { known: true, ..WhenArgs::default() }.condition().is_err());
    }
}

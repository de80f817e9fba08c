//! `definition set`: the categories and sections of attributes, the review date, the approvers, and self-approval.

use sweetspot_core::{Date, MAX_REQUIRED_APPROVALS};
use sweetspot_proto::v1::{self, AttributePlace};
use uuid::Uuid;

use super::definition::{get, print_definition};
use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::definition::entry_args::day;
use crate::cli::definition::enum_words::{category, section};
use crate::cli::definition::missing_field;
use crate::cli::exit::CliError;
use crate::messages::enums::WireEnum;

/// The values to set; the others stay the same.
#[derive(Debug, clap::Args)]
pub(crate) struct SetArgs {
    /// ATTRIBUTE=CATEGORY: `firmographics`, `business_problem` or `impact_potential`; empty: by its name
    #[arg(long = "category", value_name = "A=C")]
    categories: Vec<String>,
    /// ATTRIBUTE=SECTION: `account_profile`, `needs`, `urgency_drivers`, `beliefs` or `tipping_point`; empty: by its name
    #[arg(long = "section", value_name = "A=S")]
    sections: Vec<String>,
    /// Date of the next review
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with = "no_review")]
    review_on: Option<Date>,
    /// Remove the review date
    #[arg(long)]
    no_review: bool,
    /// Whether the person who submits the definition may approve it
    #[arg(long, value_name = "true|false", value_parser = clap::value_parser!(bool))]
    allow_self_approval: Option<bool>,
    /// The people who may approve the definition, separated by commas; empty: any person
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    approvers: Option<Vec<String>>,
    /// Number of people who must approve the definition
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_REQUIRED_APPROVALS))]
    required_approvals: Option<u64>,
}

/// Reads the definition, changes it, and sends it back with its etag.
pub(super) async fn run(client: &mut Client, context: &Context, args: SetArgs) -> Result<(), CliError> {
    let mut definition = get(client, context).await?;
    for text in &args.categories {
        let (name, category) = parse_assignment(text, category)?;
        attribute_place(&mut definition, name).category = category.map(WireEnum::wire).unwrap_or_default().into();
    }
    for text in &args.sections {
        let (name, section) = parse_assignment(text, section)?;
        attribute_place(&mut definition, name).section = section.map(WireEnum::wire).unwrap_or_default().into();
    }
    if let Some(day) = args.review_on {
        definition.review_date = day.to_string();
    } else if args.no_review {
        definition.review_date.clear();
    }
    definition.allow_self_approval = args.allow_self_approval.unwrap_or(definition.allow_self_approval);
    if let Some(names) = args.approvers {
        let names = names.iter().map(|name| name.trim().to_owned());
        definition.approvers = names.filter(|name| !name.is_empty()).collect();
    }
    definition.required_approvals = args.required_approvals.unwrap_or(definition.required_approvals);
    let message = v1::UpdateDefinitionRequest { definition: Some(definition), request_id: Uuid::new_v4().to_string() };
    let answer = client.definitions.update_definition(request(message)).await;
    let answer = client.response(answer)?;
    answer.warnings.iter().for_each(|warning| context.out.warn(&format!("warning: {warning}")));
    print_definition(context, &answer.definition.ok_or_else(|| missing_field("definition"))?)
}

/// Parses `ATTRIBUTE=WORD`; the attribute may contain equals signs.
fn parse_assignment<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<(&str, Option<T>), CliError> {
    let wrong = || CliError::Usage(format!("{text:?} is not of the form ATTRIBUTE=WORD"));
    let (name, word) = text.rsplit_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(wrong)?;
    let word = if word.is_empty() { Ok(None) } else { read(word).map(Some) };
    word.map(|word| (name, word)).map_err(CliError::Usage)
}

fn attribute_place<'a>(definition: &'a mut v1::Definition, name: &str) -> &'a mut AttributePlace {
    let places = &mut definition.attributes;
    let index = places.iter().position(|place| place.attribute == name).unwrap_or(places.len());
    if index == places.len() {
        places.push(AttributePlace { attribute: name.to_owned(), ..AttributePlace::default() });
    }
    // The index is that of an existing or of the pushed entry.
    #[expect(clippy::indexing_slicing, reason = "the index is that of an entry")]
    &mut places[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_may_have_equals_signs() {
        let (name, found) = parse_assignment("a=b=needs", section).unwrap();
        assert_eq!((name, found.is_some()), ("a=b", true));
        assert!(parse_assignment("a=", section).unwrap().1.is_none());
        for wrong in ["a", "=needs", "a=nothing"] {
            assert!(parse_assignment(wrong, section).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_attribute_has_one_place() {
        let mut definition = v1::Definition::default();
        attribute_place(&mut definition, "a").section = 2;
        attribute_place(&mut definition, "a").category = 1;
        assert_eq!(definition.attributes, [AttributePlace { attribute: "a".into(), category: 1, section: 2 }]);
    }
}

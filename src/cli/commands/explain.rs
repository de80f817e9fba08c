//! `explain`: every reason for one account's score.

use std::fmt::Write as _;
use std::path::PathBuf;

use sweetspot_core::percent;
use sweetspot_ingest::Prospect;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{
    Account, AttributeIssue, AttributeStatus, DataSupport, ExplainAccountsRequest, FitScore, PondSide, Reason,
    ReasonKind, Target,
};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::import_messages::wire_account;
use crate::cli::output::{amount_text, table, wrap};
use crate::cli::prospect_list::ProspectList;
use crate::cli::scoring::{ScoredRow, probability_text, row_json};
use crate::cli::{targets, version_lookup};
use crate::messages::words::tier_letter;

/// The account whose score to explain.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// Prospects: CSV, JSON Lines, Parquet or a workbook; - is stdin
    file: PathBuf,
    /// Id of the account
    #[arg(long)]
    id: String,
    /// Mapping of the columns [default: as in score]
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
}

/// Finds the account and explains its score.
pub(crate) async fn run(args: ExplainArgs, context: &Context) -> Result<(), CliError> {
    let mut list = ProspectList::open(context, &args.file, args.mapping.as_deref())?;
    let work = async |client: &mut Client| {
        let version = version_lookup::resolve(client, context, args.version.as_deref()).await?;
        list.match_attributes(&version)?;
        let prospect = find_prospect(&mut list, &args.id)?;
        let accounts = vec![wire_account(prospect.account, "0".to_owned())];
        let message = ExplainAccountsRequest {
            version: version.name,
            accounts: accounts.clone(),
            ..ExplainAccountsRequest::default()
        };
        let answer = client.scoring.explain_accounts(request(message)).await;
        let answer = client.response(answer)?;
        if let Some(error) = answer.errors.first() {
            let what = format!("{} {} [{}]", error.field, error.description, error.reason);
            return Err(CliError::Data(format!("row {} ({}): {}", prospect.row, prospect.id, what.trim_start())));
        }
        let score = answer.scores.into_iter().next();
        let score = score.ok_or_else(|| CliError::Failed("the server's response has no score".to_owned()))?;
        let outlook = rank_target(client, &answer.resolved_version, accounts, &prospect.id).await;
        let row = ScoredRow { row: prospect.row, id: prospect.id, score, kept_cells: Vec::new() };
        print(context, &row, &answer.resolved_version, outlook.as_ref())
    };
    context.with_client(MissingStore::Refuse, work).await
}

/// Returns the look-alikes of an account, its next step, and the attributes worth learning. `None` if the customers are
/// no longer available: the reasons do not need them.
async fn rank_target(client: &mut Client, version: &str, mut accounts: Vec<Account>, id: &str) -> Option<Target> {
    // Under its own id, so that it is not its own look-alike.
    for account in &mut accounts {
        id.clone_into(&mut account.account_id);
    }
    targets::rank(client, version, targets::rank_request(&accounts), 1, 1).await.ok()?.targets.into_iter().next()
}

fn find_prospect(list: &mut ProspectList, id: &str) -> Result<Prospect, CliError> {
    while let Some(prospect) = list.next()? {
        match prospect {
            Ok(prospect) if prospect.id == id => return Ok(prospect),
            Err(reject) if reject.id == id => {
                return Err(CliError::Data(format!(
                    "row {} ({id}) cannot be used: {}",
                    reject.row, reject.description
                )));
            }
            Ok(_) | Err(_) => (),
        }
    }
    let ids = match list.id_header() {
        "row" => "it has no id column, so ids are row-1, row-2 and so on".to_owned(),
        header => format!("its ids are in column {header:?}"),
    };
    Err(CliError::Data(format!("{} has no account {id:?}: {ids}", list.name())))
}

fn print(context: &Context, row: &ScoredRow, version: &str, outlook: Option<&Target>) -> Result<(), CliError> {
    if context.out.json {
        let mut value = row_json(row, version, &[]);
        let target = outlook.and_then(|target| serde_json::to_value(target.to_json()).ok()).unwrap_or_default();
        for member in ["lookAlikes", "nextStep", "worthLearning"] {
            if let Some(found) = target.get(member) {
                value.insert(member.to_owned(), found.clone());
            }
        }
        return context.out.print_json(&value);
    }
    let next_step = outlook.map(target_text).unwrap_or_default();
    context.out.print_text(&format!("{}{next_step}", explanation_text(row, version)))
}

fn target_text(target: &Target) -> String {
    let mut text = String::new();
    for look_alike in &target.look_alikes {
        let shares =
            if look_alike.shares.is_empty() { String::new() } else { format!(": {}", look_alike.shares.join(", ")) };
        // Writing to a `String` cannot fail.
        let _infallible = write!(text, "\n{}", wrap(&format!("Like {}{shares}", look_alike.name), 0, 2));
    }
    if let Some(step) = &target.next_step {
        let _infallible = write!(text, "\n{}", wrap(&format!("If it were {}", targets::next_step_text(step)), 0, 2));
    }
    if let Some(learning) = &target.worth_learning {
        let _infallible =
            write!(text, "\n{}", wrap(&format!("Worth learning: {}", targets::worth_learning_text(learning)), 0, 2));
    }
    text
}

fn explanation_text(row: &ScoredRow, version: &str) -> String {
    let FitScore { probability, low, high, log_odds, base_log_odds, coverage, score, reasons, issues, .. } = &row.score;
    let letter = tier_letter(row.score.tier());
    let probability = probability_text(*probability);
    let mut text = format!("{}: score {score}, tier {letter}, probability {probability}\n", row.id);
    // Writing to a `String` cannot fail.
    let _infallible = write!(
        text,
        "90% interval {low:.3} to {high:.3}: {}\n{version}\n",
        data_support_text(row.score.data_support())
    );
    text.push_str(&pond_side_text(&row.score));
    text.push_str(&segment_and_value_text(&row.score));
    let mut sorted: Vec<_> = reasons.iter().collect();
    sorted.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    let mut rows = vec![vec![
        "average customer".to_owned(),
        String::new(),
        format!("{base_log_odds:+.4}"),
        String::new(),
        String::new(),
        String::new(),
    ]];
    rows.extend(sorted.into_iter().map(reason_row));
    let sum = format!("{log_odds:+.4}");
    rows.push(vec!["sum: log-odds".to_owned(), String::new(), sum, String::new(), String::new(), String::new()]);
    text.push_str(&table(&["attribute", "value", "log-odds", "±", "customers", "ideal"], &[2, 3, 4, 5], rows));
    if reasons.iter().any(|reason| reason.raw_rate_differs) {
        let _infallible = write!(text, "\n\n{}", wrap(RAW_RATE_NOTE, 0, 2).trim_end());
    }
    let _infallible =
        write!(text, "\n\n{} of the model's attributes are known for this account.\n", percent(*coverage));
    for issue in issues {
        let _infallible = writeln!(text, "- {}: {}", issue.attribute, issue_text(issue));
    }
    text
}

/// Returns the pond side of the account, and the exclusion rules that decide it.
fn pond_side_text(score: &FitScore) -> String {
    let exclusion_rules = score.exclusion_rules.join(", ");
    let why = match score.exclusion_rules.as_slice() {
        [] => String::new(),
        [_] => format!(": exclusion rule {exclusion_rules} holds"),
        [..] => format!(": exclusion rules {exclusion_rules} hold"),
    };
    match score.pond_side() {
        PondSide::In => format!("in the pond{why}\n"),
        PondSide::Out if exclusion_rules.is_empty() => "out of the pond: tier D\n".to_owned(),
        PondSide::Out => format!("out of the pond{why}\n"),
        PondSide::Unspecified => String::new(),
    }
}

/// Returns its segment and its expected value, if they are known.
fn segment_and_value_text(score: &FitScore) -> String {
    let segment = Some(&score.segment_id).filter(|id| !id.is_empty()).cloned();
    let value =
        score.expected_value.map(|value| format!("expected value {}", amount_text(value, &score.currency_code)));
    let lines: Vec<String> = segment.into_iter().chain(value).collect();
    if lines.is_empty() { "\n".to_owned() } else { format!("{}\n\n", lines.join(", ")) }
}

/// The footnote for reasons whose sign differs from that of the rate beside them.
const RAW_RATE_NOTE: &str = "* The rate of all customers with this value, who also differ from others in other \
                        attributes. The log-odds are the effect of the value alone, all else equal.";

fn reason_row(reason: &Reason) -> Vec<String> {
    let mark = if reason.raw_rate_differs { " *" } else { "" };
    let rate = if reason.customers == 0 { String::new() } else { percent(reason.ideal_rate) + mark };
    let Reason { attribute, value_label, log_odds, standard_error, customers, .. } = reason;
    let (log_odds, error) = (format!("{log_odds:+.4}"), format!("{standard_error:.2}"));
    let is_hypothesis = reason.kind() == ReasonKind::Hypothesis;
    let attribute = if is_hypothesis { format!("believed of {attribute}") } else { attribute.clone() };
    vec![attribute, value_label.clone(), log_odds, error, customers.to_string(), rate]
}

const fn data_support_text(support: DataSupport) -> &'static str {
    match support {
        DataSupport::Sufficient => "the data suffice for one tier",
        DataSupport::Thin => "another tier is possible",
        DataSupport::None => "nothing is known about this account",
        DataSupport::Unspecified => "data support unknown",
    }
}

/// Describes an issue with a value: how it was read, or why it was not.
fn issue_text(issue: &AttributeIssue) -> String {
    let status = status_text(issue.status());
    match issue.status() {
        AttributeStatus::Ambiguous => format!("{status}: taken as {}", issue.reading),
        AttributeStatus::Ignored => format!("{status}: {}", issue.reason),
        AttributeStatus::UnknownAttribute if !issue.did_you_mean.is_empty() => {
            format!("{status} (did you mean {:?}?)", issue.did_you_mean)
        }
        AttributeStatus::Unspecified
        | AttributeStatus::Used
        | AttributeStatus::Missing
        | AttributeStatus::UnseenCategory
        | AttributeStatus::OutOfRange
        | AttributeStatus::UnknownAttribute
        | AttributeStatus::TypeMismatch => status.to_owned(),
    }
}

const fn status_text(status: AttributeStatus) -> &'static str {
    match status {
        AttributeStatus::Unspecified => "unknown",
        AttributeStatus::Used => "used",
        AttributeStatus::Missing => "missing",
        AttributeStatus::UnseenCategory => "not seen often enough in training",
        AttributeStatus::OutOfRange => "outside the range seen in training",
        AttributeStatus::UnknownAttribute => "not an attribute of the model: ignored",
        AttributeStatus::TypeMismatch => "not readable as the attribute's kind: taken as missing",
        AttributeStatus::Ambiguous => "could mean two things",
        AttributeStatus::Ignored => "not read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_explanation_starts_with_the_largest_reason_and_ends_with_the_sum() {
        let reason = |attribute: &str, log_odds| Reason {
            attribute: attribute.into(),
            value_label: "Fintech".into(),
            log_odds,
            standard_error: 0.123,
            customers: 40,
            ideal_rate: 0.375,
            ..Reason::default()
        };
        let score = FitScore {
            probability: 0.25,
            low: 0.2,
            high: 0.31,
            data_support: DataSupport::Thin.into(),
            log_odds: -0.8,
            base_log_odds: -0.7,
            coverage: 0.5,
            score: 25,
            tier: 3,
            pond_side: PondSide::Out.into(),
            exclusion_rules: vec!["no-licence".into()],
            segment_id: "segment-2".into(),
            expected_value: Some(1234.5),
            currency_code: "CHF".into(),
            reasons: vec![
                reason("region", 0.1),
                reason("industry", -0.5),
                Reason { kind: ReasonKind::Hypothesis.into(), ..reason("industry", 0.3) },
                Reason { ideal_rate: 0.73, raw_rate_differs: true, ..reason("city", -0.2) },
            ],
            issues: vec![AttributeIssue {
                attribute: "employees".into(),
                status: AttributeStatus::Missing.into(),
                ..AttributeIssue::default()
            }],
            ..FitScore::default()
        };
        let row = ScoredRow { row: 1, id: "p-1".into(), score, kept_cells: Vec::new() };
        insta::assert_snapshot!(explanation_text(&row, "workspaces/default/models/default/versions/1"));
    }
}

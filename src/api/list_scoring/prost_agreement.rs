//! What reading accounts from bytes has in common with decoding them by prost. For tests and fuzz targets.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message as _;

use super::*;
use crate::api::convert::account_table::{ParsedTable, parse_table};
use crate::api::convert::score_plan::parse_plan;
use crate::api::violations::Violations;
use crate::api::wire::column::WireColumn;
use crate::api::wire::field_numbers::{account_rows, score_accounts_response};
use crate::api::wire::score_request::ScoreRequest;
use crate::api::wire::table::WireTable;

/// Field 15, which none of our messages has: a message with it takes the slow path.
const UNKNOWN_FIELD: [u8; 2] = [0x78, 0x01];

/// The response of a list.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::api) struct ListResponse {
    /// Encoded scores and errors, then the best scores if only those are requested.
    pub(in crate::api) encoded: Vec<u8>,
    pub(in crate::api) summary: v1::ScoreSummary,
    /// The problems of the rows that cannot be scored, in one text.
    pub(in crate::api) faults: String,
}

/// Scores a list; `None` if the configuration is invalid.
///
/// # Errors
/// The message of the status, if the whole list is refused.
pub(in crate::api) fn score(
    scorer: &Scorer,
    accounts: &AccountPayload,
    config: v1::ScoreConfig,
) -> Option<Result<ListResponse, String>> {
    let mut violations = Violations::default();
    let plan = parse_plan(config, &mut violations);
    let plan = violations.finish(plan).ok()?;
    let mut top_k = plan.top_k.map(TopK::new);
    let layout = FieldLayout {
        scores_field: score_accounts_response::SCORES,
        errors_field: score_accounts_response::ERRORS,
        rows_path: "rows",
        table_path: "table.",
        max_bytes: usize::MAX,
    };
    let request = ListScoringRequest { scorer, plan: &plan, excluded: None, first_account: 0, layout };
    let list = score_list(request, accounts, top_k.as_mut(), &CancellationToken::new());
    Some(list.map_err(|status| status.message().to_owned()).map(|list| {
        let ListScores { mut encoded, summary, faults, tally: _, next_account: _ } = list;
        let mut violations = Violations::default();
        faults.add_violations(&mut violations);
        let faults = violations.finish(Some(())).map_or_else(|fault| fault.to_string(), |()| String::new());
        encoded.extend(top_k.into_iter().flat_map(TopK::into_encoded).flatten());
        ListResponse { encoded, summary, faults }
    }))
}

/// Accounts in row form as clients send them, and in a form that only prost reads.
pub(in crate::api) fn fast_and_slow_rows(rows: &[impl AsRef<[u8]>]) -> [AccountPayload; 2] {
    let list = |prefix: &[u8]| {
        let mut list = Vec::new();
        for row in rows {
            prost::encoding::bytes::encode(account_rows::ROWS, &[prefix, row.as_ref()].concat(), &mut list);
        }
        AccountPayload::Rows { bytes: list.into(), number: account_rows::ROWS }
    };
    [list(&[]), list(&UNKNOWN_FIELD)]
}

/// A table as clients send it, and in a form that only prost reads.
pub(in crate::api) fn fast_and_slow_table(table: &[u8]) -> [AccountPayload; 2] {
    [Bytes::copy_from_slice(table), [&UNKNOWN_FIELD, table].concat().into()].map(AccountPayload::Table)
}

/// Checks that accounts score equally with and without prost, and that prost would write the same response.
pub(in crate::api) fn check_scores(scorer: &Scorer, forms: &[AccountPayload; 2], config: &v1::ScoreConfig) {
    let [fast, slow] = forms.each_ref().map(|form| score(scorer, form, config.clone()));
    assert_eq!(fast, slow, "prost reads the accounts otherwise");
    if let Some(Ok(ListResponse { encoded, summary, .. })) = fast {
        let decoded = v1::ScoreAccountsResponse::decode(encoded.as_slice()).unwrap_or_default();
        if config.top_k == 0 {
            assert_eq!(decoded.encode_to_vec(), encoded, "prost writes the response otherwise");
            assert_eq!((decoded.scores.len() as u64, decoded.errors.len() as u64), (summary.scored, summary.failed));
        }
    }
}

/// Checks a `ScoreAccountsRequest`: it is read as prost reads it, and its accounts score as if prost had decoded them.
pub(crate) fn check_request(scorer: &Scorer, bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let read = ScoreRequest::read(&bytes);
    if let Ok(expected) = v1::ScoreAccountsRequest::decode(bytes.clone()) {
        assert!(read.is_ok(), "prost accepts the request: {read:?}");
        let read = read.as_ref().ok();
        let config = read.map(|read| read.config.encode_to_vec()).unwrap_or_default();
        assert_eq!(config, expected.config.unwrap_or_default().encode_to_vec());
        check_same_accounts(read.and_then(|read| read.accounts.as_ref()), expected.accounts);
    }
    let Ok(ScoreRequest { config, accounts: Some(accounts) }) = read else { return };
    // The service refuses other requests.
    let Ok(1..=MAX_SCORED_ACCOUNTS) = accounts.count() else { return };
    let forms = match &accounts {
        AccountPayload::Rows { .. } => fast_and_slow_rows(&accounts.rows().collect::<Vec<_>>()),
        AccountPayload::Table(table) => fast_and_slow_table(table),
    };
    check_scores(scorer, &forms, &config);
}

/// Checks that accounts that stayed bytes are those that prost decoded from the same request.
fn check_same_accounts(read: Option<&AccountPayload>, expected: Option<v1::score_accounts_request::Accounts>) {
    use v1::score_accounts_request::Accounts;
    match (read, expected) {
        (Some(read @ AccountPayload::Rows { .. }), Some(Accounts::Rows(expected))) => {
            assert_eq!(read.count().ok(), Some(expected.rows.len()));
            for (row, expected) in read.rows().zip(expected.rows) {
                assert_eq!(row::account_id(row), expected.account_id);
                assert_eq!(v1::Account::decode(row).map(comparable), Ok(comparable(expected)));
            }
        }
        (Some(AccountPayload::Table(read)), Some(Accounts::Table(expected))) => {
            let read = v1::AccountTable::decode(read.clone()).map(|table| table.encode_to_vec());
            assert_eq!(read, Ok(expected.encode_to_vec()));
        }
        (read, expected) => {
            assert!(read.is_none() && expected.is_none(), "read {read:?}, and prost decodes {expected:?}");
        }
    }
}

/// An account with its attributes in order. Numbers are compared as texts, so that NaN equals itself.
fn comparable(account: v1::Account) -> (String, BTreeMap<String, String>) {
    let v1::Account { account_id, attributes } = account;
    (account_id, attributes.into_iter().map(|(name, value)| (name, format!("{value:?}"))).collect())
}

/// Checks an `AccountTable`: it scores as if prost had decoded it, and a table that is read without prost is valid and
/// has the same values.
pub(crate) fn check_table(scorer: &Scorer, bytes: &[u8]) {
    let config = v1::ScoreConfig { view: v1::ScoreView::TopReasons.into(), ..v1::ScoreConfig::default() };
    check_scores(scorer, &fast_and_slow_table(bytes), &config);
    let Ok(WireTable { ids, columns }) = WireTable::read(bytes) else { return };
    let decoded = v1::AccountTable::decode(bytes);
    assert!(decoded.is_ok(), "prost refuses the table: {decoded:?}");
    let mut violations = Violations::default();
    let parsed = parse_table(decoded.unwrap_or_default(), "", usize::MAX, &|_| true, &mut violations);
    let parsed = violations.finish(parsed).map_err(|fault| fault.to_string());
    assert!(parsed.is_ok(), "the table is invalid: {parsed:?}");
    let Ok((expected, faults)) = parsed else { return };
    let is_valid = |row: usize| faults.first_fault(row).is_none() && faults.ignored(row).is_empty();
    assert_eq!((0..ids.len()).find(|row| !is_valid(*row)), None, "a row is invalid");
    check_same_values(&ids, &columns, &expected);
}

/// Checks that every account has the same values as in the decoded table.
fn check_same_values(ids: &[&str], columns: &[WireColumn<'_>], expected: &ParsedTable) {
    assert_eq!(ids, expected.ids);
    assert_eq!(columns.len(), expected.columns.len());
    for (column, expected) in columns.iter().zip(&expected.columns) {
        assert_eq!(column.name, expected.name);
        for row in 0..ids.len() {
            let value = if column.is_present(row) { column.value(row) } else { None };
            assert_eq!(value, expected.data.get(row), "row {row} of {:?}", column.name);
        }
    }
}

//! Requests the targets of a list, in pages that fit a response.

use std::collections::BTreeMap;

use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::rank_targets_request::Accounts;
use sweetspot_proto::v1::{
    self, Account, AccountTable, Column, DictionaryColumn, DictionaryListColumn, RankTargetsRequest, Target,
    TargetSummary,
};

use crate::cli::client::{Client, request as call};
use crate::cli::exit::CliError;

/// The number of targets per response; each response ranks the whole list again. Halved if a response would be too
/// large.
const PAGE_SIZE: u32 = 2_000;

/// The result of ranking a list.
#[derive(Debug, Default)]
pub(crate) struct RankedTargets {
    /// The best targets, best first.
    pub(crate) targets: Vec<Target>,
    /// The summary of the whole list.
    pub(crate) summary: TargetSummary,
}

/// Creates the request for a list, without a version: accounts in columns take a fraction of the bytes.
pub(crate) fn rank_request(accounts: &[Account]) -> RankTargetsRequest {
    RankTargetsRequest { accounts: Some(Accounts::Table(table(accounts))), ..RankTargetsRequest::default() }
}

/// Requests the best targets of a list.
///
/// # Errors
/// Returns an error if the server refuses.
pub(crate) async fn rank(
    client: &mut Client,
    version: &str,
    list: RankTargetsRequest,
    top: u32,
    reason_count: u32,
) -> Result<RankedTargets, CliError> {
    let list = RankTargetsRequest { version: version.to_owned(), reason_count, ..list };
    let (mut ranked, mut part, mut skip) = (RankedTargets::default(), PAGE_SIZE, 0);
    while skip < top {
        let top_k = part.min(top - skip);
        let answer = client.reports.rank_targets(call(RankTargetsRequest { top_k, skip, ..list.clone() })).await;
        let answer = match client.response(answer) {
            Err(CliError::Refused(refusal)) if top_k > 1 && refusal.reason() == Some("RESPONSE_TOO_LARGE") => {
                part = top_k / 2;
                continue;
            }
            answer => answer?,
        };
        let v1::RankTargetsResponse { targets, errors: _, summary } = answer;
        let ended = targets.len() < top_k as usize;
        ranked.targets.extend(targets);
        ranked.summary = summary.unwrap_or_default();
        if ended {
            break;
        }
        skip += top_k;
    }
    Ok(ranked)
}

/// Converts accounts to columns. Their values are texts and lists, as in files.
fn table(accounts: &[Account]) -> AccountTable {
    let mut columns = BTreeMap::<&str, ColumnBuilder>::new();
    for (row, account) in accounts.iter().enumerate() {
        for (name, value) in &account.attributes {
            let built = columns.entry(name).or_default();
            match &value.kind {
                Some(Kind::Texts(list)) => built.add_list(row, &list.values),
                Some(Kind::Text(text)) => built.add_text(row, text),
                Some(Kind::Number(number)) => built.add_text(row, &number.to_string()),
                Some(Kind::Flag(flag)) => built.add_text(row, &flag.to_string()),
                None => {}
            }
        }
    }
    let account_ids: Vec<String> = accounts.iter().map(|account| account.account_id.clone()).collect();
    let columns = columns.into_iter().map(|(name, built)| built.into_column(name, account_ids.len())).collect();
    AccountTable { account_ids, columns }
}

/// A column that is being built.
#[derive(Default)]
struct ColumnBuilder {
    dictionary: Vec<String>,
    code_by_text: BTreeMap<String, u32>,
    rows: BTreeMap<usize, Vec<u32>>,
    is_list: bool,
}

impl ColumnBuilder {
    fn add_text(&mut self, row: usize, text: &str) {
        let code = self.code(text);
        self.rows.insert(row, vec![code]);
    }

    fn add_list(&mut self, row: usize, items: &[String]) {
        self.is_list = true;
        let codes = items.iter().map(|item| self.code(item)).collect();
        self.rows.insert(row, codes);
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.code_by_text.get(text) {
            return *code;
        }
        let code = self.dictionary.len() as u32;
        self.dictionary.push(text.to_owned());
        self.code_by_text.insert(text.to_owned(), code);
        code
    }

    fn into_column(self, name: &str, rows: usize) -> Column {
        let Self { dictionary, code_by_text: _, rows: known, is_list: lists } = self;
        let mut validity = vec![0_u8; rows.div_ceil(8)];
        for row in known.keys() {
            if let Some(byte) = validity.get_mut(row / 8) {
                *byte |= 1 << (row % 8);
            }
        }
        let data = if lists {
            let (mut codes, mut offsets) = (Vec::new(), vec![0]);
            for row in 0..rows {
                codes.extend(known.get(&row).into_iter().flatten());
                offsets.push(codes.len() as u32);
            }
            Data::TextLists(DictionaryListColumn { dictionary, codes, offsets })
        } else {
            let code = |row| known.get(&row).and_then(|codes| codes.first()).copied().unwrap_or_default();
            Data::Texts(DictionaryColumn { dictionary, codes: (0..rows).map(code).collect() })
        };
        Column { name: name.to_owned(), validity, data: Some(data), ..Column::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_contains_the_values_of_its_accounts() {
        let value = |kind| v1::AttributeValue { kind: Some(kind) };
        let items = |items: &[&str]| {
            value(Kind::Texts(v1::TextList { values: items.iter().map(|item| (*item).to_owned()).collect() }))
        };
        let account = |id: &str, attributes: Vec<(&str, v1::AttributeValue)>| Account {
            account_id: id.to_owned(),
            attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        let city = |city: &str| ("city", value(Kind::Text(city.to_owned())));
        let accounts = [
            account("a", vec![city("Bern"), ("tools", items(&["SAP", "Jira"]))]),
            account("b", vec![("tools", items(&[]))]),
            account("c", vec![city("Bern")]),
        ];
        let table = table(&accounts);
        assert_eq!(table.account_ids, ["a", "b", "c"]);
        let [city, tools] = table.columns.as_slice() else { panic!("{table:?}") };
        let Some(Data::Texts(texts)) = &city.data else { panic!("{city:?}") };
        assert_eq!(
            (city.validity.as_slice(), texts.dictionary.len(), texts.codes.as_slice()),
            (&[0b101][..], 1, &[0, 0, 0][..])
        );
        let Some(Data::TextLists(lists)) = &tools.data else { panic!("{tools:?}") };
        assert_eq!((tools.validity.as_slice(), lists.offsets.as_slice()), (&[0b011][..], &[0, 2, 2, 2][..]));
    }
}

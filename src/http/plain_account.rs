//! An account as plain JSON, such as `{"account_id": "acme", "Lead Source": "Web"}`: the fields of a record as other systems
//! have them.

use std::collections::HashMap;
use std::fmt;

use prost::Message as _;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use sweetspot_proto::json;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{
    Account, AccountRows, AttributeValue, ScoreAccountsRequest, ScoreConfig, ScoreView, TextList,
};

use super::decode::{RequestContent, encode};
use super::query;
use super::request_error::HttpRequestError;

/// The key of the id. All other keys are attributes.
const ID_KEY: &str = "account_id";

/// Decodes an account into a request to score it. `parameters` is the query, with the fields of the configuration; by
/// default, the score has reasons.
///
/// # Errors
/// Returns an error if the body is not an object of numbers, texts, flags, nulls and lists of texts, or if the query has
/// another parameter.
pub(super) fn score_request(content: RequestContent<'_>, parameters: &[String]) -> Result<Vec<u8>, HttpRequestError> {
    let config: json::ScoreConfig = query::parse(parameters.first().map_or("", String::as_str))?;
    // Both types have the same bytes.
    let mut config = ScoreConfig::decode(&*encode(&config)).unwrap_or_default();
    if config.view() == ScoreView::Unspecified {
        config.set_view(ScoreView::TopReasons);
    }
    let PlainAccount(account) = content.decode()?;
    let accounts = Some(Accounts::Rows(AccountRows { rows: vec![account] }));
    Ok(encode(&ScoreAccountsRequest { config: Some(config), accounts }))
}

struct PlainAccount(Account);

impl<'de> Deserialize<'de> for PlainAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PlainAccountVisitor)
    }
}

struct PlainAccountVisitor;

impl<'de> Visitor<'de> for PlainAccountVisitor {
    type Value = PlainAccount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the attributes of one account")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<PlainAccount, A::Error> {
        let (mut account_id, mut attributes) = (None, HashMap::new());
        while let Some(name) = fields.next_key::<String>()? {
            let is_repeated = if name == ID_KEY {
                account_id.replace(fields.next_value::<PlainId>()?.0).is_some()
            } else {
                // A null is kept until the end, so that a name is not given twice.
                attributes.insert(name.clone(), fields.next_value::<PlainValue>()?.0).is_some()
            };
            if is_repeated {
                return Err(A::Error::custom(format!("{name:?} is given twice")));
            }
        }
        let known =
            attributes.into_iter().filter_map(|(name, kind)| Some((name, AttributeValue { kind: Some(kind?) })));
        Ok(PlainAccount(Account { account_id: account_id.unwrap_or_default(), attributes: known.collect() }))
    }
}

/// An id: a text, or a whole number.
struct PlainId(String);

impl<'de> Deserialize<'de> for PlainId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainIdVisitor)
    }
}

struct PlainIdVisitor;

impl Visitor<'_> for PlainIdVisitor {
    type Value = PlainId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a whole number as the id of the account")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<PlainId, E> {
        Ok(PlainId(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<PlainId, E> {
        Ok(PlainId(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<PlainId, E> {
        Ok(PlainId(number.to_string()))
    }
}

/// The value of an attribute; `None` if it is missing.
struct PlainValue(Option<Kind>);

impl<'de> Deserialize<'de> for PlainValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainValueVisitor)
    }
}

struct PlainValueVisitor;

impl<'de> Visitor<'de> for PlainValueVisitor {
    type Value = PlainValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, true, false, null or a list of texts")
    }

    fn visit_unit<E: Error>(self) -> Result<PlainValue, E> {
        Ok(PlainValue(None))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<PlainValue, E> {
        Ok(PlainValue(Some(Kind::Flag(flag))))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<PlainValue, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<PlainValue, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<PlainValue, E> {
        Ok(PlainValue(Some(Kind::Number(number))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<PlainValue, E> {
        Ok(PlainValue(Some(Kind::Text(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PlainValue, A::Error> {
        let mut values = Vec::new();
        while let Some(text) = items.next_element::<String>()? {
            values.push(text);
        }
        Ok(PlainValue(Some(Kind::Texts(TextList { values }))))
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::UnknownAttributes;

    use super::*;

    fn request(body: &str, query: &str) -> Result<ScoreAccountsRequest, String> {
        let message = score_request(RequestContent::Body(body.as_bytes()), &[query.to_owned()]);
        message.map(|bytes| ScoreAccountsRequest::decode(&*bytes).unwrap()).map_err(|error| error.to_string())
    }

    fn account(body: &str) -> Result<Account, String> {
        match request(body, "")?.accounts {
            Some(Accounts::Rows(AccountRows { rows })) => Ok(rows.into_iter().next().unwrap()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_keep_their_kinds_and_nulls_are_missing() {
        let body = r#"{"Tools": ["SAP", "Slack"], "Employees": 320, "account_id": "a", "Lead Source": "Web", "b": true, "n": null}"#;
        let found = account(body).unwrap();
        assert_eq!(found.account_id, "a");
        let kind = |name: &str| found.attributes.get(name).map(|value| value.kind.clone().unwrap());
        assert_eq!(kind("Employees"), Some(Kind::Number(320.0)));
        assert_eq!(kind("Lead Source"), Some(Kind::Text("Web".to_owned())));
        assert_eq!(kind("b"), Some(Kind::Flag(true)));
        assert_eq!(kind("Tools"), Some(Kind::Texts(TextList { values: vec!["SAP".to_owned(), "Slack".to_owned()] })));
        assert_eq!((kind("n"), found.attributes.len()), (None, 4));
        assert_eq!(account(r#"{"account_id": 7, "x": -0.5}"#).unwrap().account_id, "7");
        assert_eq!(account("{}").unwrap(), Account::default());
    }

    #[test]
    fn what_is_no_account_is_refused_with_its_place() {
        for (body, expected) in [
            ("[]", "an object with the attributes of one account"),
            (
                r#"{"a": {"b": 1}}"#,
                "at a: invalid type: map, expected a number, a text, true, false, null or a list of texts",
            ),
            (r#"{"a": ["x", 1]}"#, "at a[1]: invalid type: integer `1`, expected a string"),
            (r#"{"account_id": null}"#, "expected a text or a whole number as the id of the account"),
            (r#"{"a": 1, "a": null}"#, r#""a" is given twice"#),
            (r#"{"account_id": "a", "account_id": "b"}"#, r#""account_id" is given twice"#),
        ] {
            let error = account(body).unwrap_err();
            assert!(error.contains(expected), "{body}: {error}");
        }
    }

    #[test]
    fn the_query_has_the_fields_of_the_configuration() {
        let config = |query: &str| request("{}", query).map(|request| request.config.unwrap());
        let default = config("").unwrap();
        assert_eq!((default.view(), default.version.as_str()), (ScoreView::TopReasons, ""));
        let set = config(
            "version=workspaces/a/models/b/versions/3&view=SCORE_VIEW_SCORE&unknownAttributes=UNKNOWN_ATTRIBUTES_REJECT",
        );
        let set = set.unwrap();
        assert_eq!((set.view(), set.unknown_attributes()), (ScoreView::Score, UnknownAttributes::Reject));
        assert_eq!(set.version, "workspaces/a/models/b/versions/3");
        assert!(config("reasons=3").unwrap_err().contains("invalid query parameter \"reasons\""));
    }
}

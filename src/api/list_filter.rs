//! Filters and orders of lists: a subset of AIP-160 and AIP-132.
//!
//! A filter is a list of comparisons, joined by `AND`. A comparison is a field, an operator and a value; the value is a
//! word, or a text in double quotes.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::CharIndices;

use jiff::Timestamp;

use super::convert::annotations::is_label_key;
use super::violations::{Violations, truncate_for_message};

/// The maximum length of a filter, in bytes.
const MAX_FILTER_BYTES: usize = 2000;
/// The maximum number of comparisons in a filter.
const MAX_COMPARISONS: usize = 32;
const REASON: &str = "INVALID_LIST_FILTER";

/// The fields that a list can be filtered by, other than labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilterFields {
    /// Whether entries have labels.
    pub(super) has_labels: bool,
    /// The fields with texts, which are compared with `=`.
    pub(super) texts: &'static [&'static str],
    /// The field with a time.
    pub(super) time: &'static str,
}

/// The values of an entry that a filter compares.
#[derive(Clone, Debug)]
pub(super) struct FilteredEntry<'a> {
    /// The labels.
    pub(super) labels: Option<&'a BTreeMap<String, String>>,
    /// The texts by field; a field may have several.
    pub(super) texts: Vec<(&'static str, String)>,
    /// The time, if it is known.
    pub(super) time: Option<Timestamp>,
}

/// A filter. Without comparisons, it matches every entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ListFilter(Vec<FilterTerm>);

#[derive(Clone, Debug, PartialEq)]
enum FilterTerm {
    /// The label has this value.
    Label(String, String),
    /// The label exists.
    HasLabel(String),
    /// One of the texts of the field is this one.
    Text(String, String),
    /// The time is within the bounds of the operator.
    Time(TimeOperator, Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeOperator {
    Before,
    AtOrBefore,
    After,
    AtOrAfter,
}

impl ListFilter {
    /// Reads the field `filter` of a request.
    pub(super) fn parse(text: &str, fields: FilterFields, problems: &mut Violations) -> Option<Self> {
        match parse_filter(text, fields) {
            Ok(filter) => Some(filter),
            Err(problem) => {
                let mut names: Vec<&str> = if fields.has_labels { vec!["labels.KEY"] } else { Vec::new() };
                names.extend(fields.texts);
                names.push(fields.time);
                let text = format!(
                    "{problem}: join comparisons of {} by AND, such as {} > \"2026-01-31T00:00:00Z\"",
                    names.join(", "),
                    fields.time
                );
                problems.add(REASON, "filter", text);
                None
            }
        }
    }

    /// Whether all comparisons hold for an entry.
    pub(super) fn matches(&self, entry: &FilteredEntry<'_>) -> bool {
        self.0.iter().all(|comparison| match comparison {
            FilterTerm::Label(key, value) => entry.labels.and_then(|labels| labels.get(key)) == Some(value),
            FilterTerm::HasLabel(key) => entry.labels.is_some_and(|labels| labels.contains_key(key)),
            FilterTerm::Text(field, value) => entry.texts.iter().any(|(name, text)| name == field && text == value),
            FilterTerm::Time(operator, bound) => entry.time.is_some_and(|time| match operator {
                TimeOperator::Before => time < *bound,
                TimeOperator::AtOrBefore => time <= *bound,
                TimeOperator::After => time > *bound,
                TimeOperator::AtOrAfter => time >= *bound,
            }),
        })
    }
}

fn parse_filter(text: &str, fields: FilterFields) -> Result<ListFilter, String> {
    if text.len() > MAX_FILTER_BYTES {
        return Err(format!("a filter must have at most {MAX_FILTER_BYTES} bytes"));
    }
    let (mut tokens, mut comparisons) = (tokens(text)?.into_iter(), Vec::new());
    if text.trim().is_empty() {
        return Ok(ListFilter::default());
    }
    loop {
        let (Some(Token::Word(field)), Some(Token::Operator(operator)), Some(Token::Word(value) | Token::Text(value))) =
            (tokens.next(), tokens.next(), tokens.next())
        else {
            return Err("each comparison needs a field, an operator and a value".to_owned());
        };
        comparisons.push(comparison(&field, operator, value, fields)?);
        if comparisons.len() > MAX_COMPARISONS {
            return Err(format!("at most {MAX_COMPARISONS} comparisons are supported"));
        }
        match tokens.next() {
            None => return Ok(ListFilter(comparisons)),
            Some(Token::Word(word)) if word == "AND" => {}
            Some(Token::Word(_) | Token::Text(_) | Token::Operator(_)) => {
                return Err("OR, NOT and parentheses are not supported".to_owned());
            }
        }
    }
}

fn comparison(field: &str, operator: &'static str, value: String, fields: FilterFields) -> Result<FilterTerm, String> {
    let unsupported = || Err(format!("{} {operator} is not supported", truncate_for_message(field)));
    if let Some(key) = field.strip_prefix("labels.").filter(|key| fields.has_labels && is_label_key(key)) {
        return match (operator, value.as_str()) {
            ("=", _) => Ok(FilterTerm::Label(key.to_owned(), value)),
            (":", "*") => Ok(FilterTerm::HasLabel(key.to_owned())),
            _ => unsupported(),
        };
    }
    if fields.texts.contains(&field) {
        return if operator == "=" { Ok(FilterTerm::Text(field.to_owned(), value)) } else { unsupported() };
    }
    if field != fields.time {
        return unsupported();
    }
    let operator = match operator {
        "<" => TimeOperator::Before,
        "<=" => TimeOperator::AtOrBefore,
        ">" => TimeOperator::After,
        ">=" => TimeOperator::AtOrAfter,
        _ => return unsupported(),
    };
    match value.parse() {
        Ok(time) => Ok(FilterTerm::Time(operator, time)),
        Err(_) => Err(format!("{:?} is not a time in RFC 3339", truncate_for_message(&value))),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Operator(&'static str),
}

/// Splits a filter into tokens.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text.char_indices().peekable());
    while let Some((_, letter)) = rest.next() {
        let followed_by_equals = rest.peek().is_some_and(|(_, next)| *next == '=');
        let operator = match (letter, followed_by_equals) {
            (space, _) if space.is_whitespace() => continue,
            ('"', _) => {
                tokens.push(Token::Text(quoted(&mut rest)?));
                continue;
            }
            ('<', true) => "<=",
            ('>', true) => ">=",
            ('<', false) => "<",
            ('>', false) => ">",
            ('=', _) => "=",
            (':', _) => ":",
            (letter, _) => {
                let mut word = String::from(letter);
                while let Some((_, next)) = rest.next_if(|(_, next)| is_word(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
                continue;
            }
        };
        if operator.len() > 1 {
            rest.next();
        }
        tokens.push(Token::Operator(operator));
    }
    Ok(tokens)
}

fn is_word(letter: char) -> bool {
    !letter.is_whitespace() && !matches!(letter, '"' | '<' | '>' | '=' | ':' | '(' | ')')
}

/// Reads a text after its opening quote. A backslash takes the next character as it is.
fn quoted(rest: &mut Peekable<CharIndices<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some((_, letter)) = rest.next() {
        match letter {
            '"' => return Ok(text),
            '\\' => text.extend(rest.next().map(|(_, escaped)| escaped)),
            letter => text.push(letter),
        }
    }
    Err("a text has no closing quote".to_owned())
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListOrder {
    /// The order of a request without one.
    Default,
    /// By time, the oldest first.
    OldestFirst,
    /// By time, the newest first.
    NewestFirst,
}

impl ListOrder {
    /// Reads the field `order_by` of a request; `time` is the field with the time.
    pub(super) fn parse(text: &str, time: &str, problems: &mut Violations) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            [] => Some(Self::Default),
            [field] | [field, "asc"] if *field == time => Some(Self::OldestFirst),
            [field, "desc"] if *field == time => Some(Self::NewestFirst),
            _ => {
                let text = format!("an order must be empty, {time:?}, or \"{time} desc\"");
                problems.add("INVALID_ORDER_BY", "order_by", text);
                None
            }
        }
    }
}

/// Reads entries until `limit` of them match, or there are no more. `read` returns those that follow a key.
///
/// # Errors
/// Returns the first error of `read`.
pub(super) fn read_matching<T, K, E>(
    limit: usize,
    mut after: Option<K>,
    mut read: impl FnMut(Option<&K>) -> Result<Vec<T>, E>,
    key: impl Fn(&T) -> K,
    matches: impl Fn(&T) -> bool,
) -> Result<Vec<T>, E> {
    let mut found = Vec::new();
    while found.len() < limit {
        let entries = read(after.as_ref())?;
        let Some(last) = entries.last() else { break };
        after = Some(key(last));
        found.extend(entries.into_iter().filter(&matches).take(limit - found.len()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: FilterFields = FilterFields { has_labels: true, texts: &["alias", "owner"], time: "create_time" };

    fn matches(filter: &str) -> bool {
        let labels = [("team".to_owned(), "sales \"north\"".to_owned()), ("keep".to_owned(), String::new())].into();
        let entry = FilteredEntry {
            labels: Some(&labels),
            texts: vec![("alias", "live".to_owned()), ("alias", "candidate".to_owned()), ("owner", "ann".to_owned())],
            time: Some("2026-03-02T10:00:00Z".parse().unwrap()),
        };
        parse_filter(filter, FIELDS).unwrap().matches(&entry)
    }

    #[test]
    fn all_comparisons_of_a_filter_must_hold() {
        for filter in [
            "",
            "  ",
            "alias = live",
            "alias=candidate AND owner=\"ann\"",
            r#"labels.team = "sales \"north\"""#,
            "labels.keep:* AND labels.keep = \"\"",
            "create_time >= \"2026-03-02T10:00:00Z\" AND create_time<\"2026-03-03T00:00:00+01:00\"",
        ] {
            assert!(matches(filter), "{filter}");
        }
        for filter in [
            "alias = previous",
            "alias = live AND owner = ben",
            "labels.other:*",
            "labels.team = sales",
            "create_time > \"2026-03-02T10:00:00Z\"",
            "create_time <= \"2026-03-02T09:59:59Z\"",
        ] {
            assert!(!matches(filter), "{filter}");
        }
    }

    #[test]
    fn other_filters_are_refused_with_what_is_supported() {
        for filter in [
            "alias",
            "alias =",
            "= live",
            "alias != live",
            "alias > live",
            "alias = live OR alias = previous",
            "NOT alias = live",
            "(alias = live)",
            "alias = live AND",
            "labels.Team = x",
            "labels.team > x",
            "name = x",
            "create_time = \"2026-03-02T10:00:00Z\"",
            "create_time > yesterday",
            "owner = \"ann",
            &"x".repeat(MAX_FILTER_BYTES + 1),
            &vec!["owner = ann"; MAX_COMPARISONS + 1].join(" AND "),
        ] {
            let mut problems = Violations::default();
            assert_eq!(ListFilter::parse(filter, FIELDS, &mut problems), None, "{filter}");
            let error = problems.finish(Some(())).unwrap_err().to_string();
            assert!(error.contains("labels.KEY, alias, owner, create_time") && error.len() < 1000, "{error}");
        }
    }

    #[test]
    fn an_order_is_a_field_with_a_direction() {
        let parse = |text: &str| ListOrder::parse(text, "create_time", &mut Violations::default());
        assert_eq!(parse(""), Some(ListOrder::Default));
        assert_eq!(parse("create_time"), Some(ListOrder::OldestFirst));
        assert_eq!(parse(" create_time  desc "), Some(ListOrder::NewestFirst));
        for text in ["name", "create_time up", "create_time desc, name", "desc"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn entries_are_read_until_enough_of_them_match() {
        let read = |after: Option<&u32>| {
            let start = after.map_or(0, |after| after + 1);
            Ok::<_, ()>((start..20.min(start + 3)).collect::<Vec<u32>>())
        };
        let even = |entry: &u32| entry.is_multiple_of(2);
        assert_eq!(read_matching(4, None, read, |entry| *entry, even), Ok(vec![0, 2, 4, 6]));
        assert_eq!(read_matching(9, Some(13), read, |entry| *entry, even), Ok(vec![14, 16, 18]));
    }
}

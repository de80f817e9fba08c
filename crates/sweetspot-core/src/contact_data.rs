//! Recognizes attributes that contain contact data of people: personal data that says nothing about a company.

use super::account_table::{AccountTable, ColumnData};

/// The number of distinct texts that are examined in a column.
const MAX_EXAMINED: usize = 1000;

/// A kind of contact data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactKind {
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
}

impl ContactKind {
    /// The kind in words and in the plural.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
        }
    }
}

/// Returns the names of the attributes of which at least half of the distinct texts are contact data of one kind.
#[must_use]
pub fn find_contact_data(table: &AccountTable) -> Vec<(&str, ContactKind)> {
    let of_column = |data: &ColumnData| match data {
        ColumnData::Categories { dictionary, .. } | ColumnData::Lists { dictionary, .. } => kind_of_texts(dictionary),
        ColumnData::Numbers(_) | ColumnData::Flags(_) | ColumnData::Dates(_) => None,
    };
    table.columns().iter().filter_map(|column| Some((column.name.as_str(), of_column(&column.data)?))).collect()
}

fn kind_of_texts(texts: &[String]) -> Option<ContactKind> {
    let examined = texts.len().min(MAX_EXAMINED);
    let is_common = |test: fn(&str) -> bool| {
        let found = texts.iter().take(examined).filter(|text| test(text.trim())).count();
        found > 0 && 2 * found >= examined
    };
    if is_common(is_email) {
        Some(ContactKind::Email)
    } else if is_common(is_phone) {
        Some(ContactKind::Phone)
    } else {
        None
    }
}

/// Whether a text has the form `name@host.domain`.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let is_word =
        |part: &str| !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || letter == '@');
    let has_domain = host.rsplit_once('.').is_some_and(|(host, domain)| !host.is_empty() && domain.len() >= 2);
    is_word(name) && is_word(host) && has_domain
}

/// Whether a text is a telephone number: one with a country code, or a national one with separators.
fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let is_separator = |letter: char| matches!(letter, ' ' | '-' | '.' | '/' | '(' | ')');
    if !rest.chars().all(|letter| letter.is_ascii_digit() || is_separator(letter)) {
        return false;
    }
    let is_national = (text.starts_with('0') || text.starts_with('(')) && rest.contains(is_separator);
    // A date of eight digits is none.
    if text.starts_with('+') { (7..=15).contains(&digits) } else { is_national && (9..=15).contains(&digits) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, NullableVec, Texts};

    fn table(texts: &[&str]) -> AccountTable {
        let (mut ids, mut codes) = (Texts::default(), NullableVec::default());
        for number in 0..texts.len() {
            ids.push(&number.to_string());
            codes.push(u32::try_from(number).ok());
        }
        let dictionary = texts.iter().map(ToString::to_string).collect();
        let data = ColumnData::Categories { dictionary, codes };
        AccountTable::new(ids, vec![Column { name: "contact".to_owned(), data }]).unwrap()
    }

    #[test]
    fn columns_of_addresses_and_numbers_are_found() {
        let emails = table(&["ann@acme.example", " Bob.Lee+x@mail.acme.co.uk", "unknown"]);
        assert_eq!(find_contact_data(&emails), [("contact", ContactKind::Email)]);
        let phones = table(&["+49 30 123456", "030/123 45 67 8", "(0171) 555-1234"]);
        assert_eq!(find_contact_data(&phones), [("contact", ContactKind::Phone)]);
    }

    #[test]
    fn other_texts_are_no_contact_data() {
        for texts in [
            &["retail", "finance", "info@acme.example"][..],
            &["2019-03-01", "01.02.2019", "2019/03/01 - 2020"],
            &["0012345678", "0098765432"],
            &["@acme", "a@b", "a b@acme.example", "@", "a@.de"],
            &["10-50", "50-200", "1000+"],
            &["+", "+1", "-", ""],
            &[],
        ] {
            assert_eq!(find_contact_data(&table(texts)), [], "{texts:?}");
        }
    }
}

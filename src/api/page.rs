//! Pages of a list. A token says where the next page begins, and is good for the list that it came from alone.

use prost::Message;
use sweetspot_core::Digest;

use super::answer::room;
use super::problems::Problems;

const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 500;
/// Bytes that an entry of a list takes beside its own: its field's number and its size.
const FIELD_BYTES: usize = 6;

/// Which page of which list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    list: String,
    /// How many entries.
    pub(super) size: usize,
    /// The last entry of the page before.
    pub(super) after: Option<String>,
}

impl Page {
    /// Reads the paging fields of a request. `method` and `parent` name the list.
    pub(super) fn parse(method: &str, parent: &str, size: i32, token: &str, problems: &mut Problems) -> Option<Self> {
        let list = format!("{method} {parent}");
        let size = match usize::try_from(size) {
            Ok(0) => DEFAULT_SIZE,
            Ok(size) => size.min(MAX_SIZE),
            Err(_) => {
                problems.add(
                    "INVALID_PAGE_SIZE",
                    "page_size",
                    "a page size must not be negative; 0 means 50, the maximum is 500",
                );
                return None;
            }
        };
        if token.is_empty() {
            return Some(Self { list, size, after: None });
        }
        let after = token.split_once('.').filter(|(check, after)| *check == sign(&list, after));
        if after.is_none() {
            let text = "this token is not from an earlier response to the same request: start again without a token";
            problems.add("BAD_PAGE_TOKEN", "page_token", text);
        }
        after.map(|(_, after)| Self { list, size, after: Some(after.to_owned()) })
    }

    /// The entries of this page, and the token of the next one. `entries` are the names and messages of those that follow the page
    /// before, at least one more than the page has if there are. A page holds no more than an answer of at most `most` bytes does;
    /// one entry at least.
    pub(super) fn fill<M: Message>(
        &self,
        entries: impl IntoIterator<Item = (String, M)>,
        most: usize,
    ) -> (Vec<M>, String) {
        let mut entries: Vec<(String, M)> = entries.into_iter().take(self.size + 1).collect();
        let bytes = |(_, message): &(String, M)| FIELD_BYTES + message.encoded_len();
        let next = self.cut_within(&mut entries, room(most), bytes, |(name, _)| name.clone());
        (entries.into_iter().map(|(_, message)| message).collect(), next)
    }

    /// As [`Self::cut`], and a page holds no more entries than `most` bytes; one at least. `bytes` is the size of an entry.
    fn cut_within<T>(
        &self,
        entries: &mut Vec<T>,
        most: usize,
        bytes: impl Fn(&T) -> usize,
        key: impl Fn(&T) -> String,
    ) -> String {
        let mut total: usize = 0;
        let fits = |entry: &&T| {
            total = total.saturating_add(bytes(entry));
            total <= most
        };
        let size = entries.iter().take_while(fits).count().clamp(1, self.size);
        Self { list: self.list.clone(), size, after: None }.cut(entries, key)
    }

    /// Cuts off what was read beyond the page, and makes the token of the next one. `key` names an entry in a token.
    fn cut<T>(&self, entries: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        if entries.len() <= self.size {
            return String::new();
        }
        entries.truncate(self.size);
        let after = entries.last().map(key).unwrap_or_default();
        format!("{}.{after}", sign(&self.list, &after))
    }
}

/// Not a secret: it only keeps a token from being used with another list by mistake.
fn sign(list: &str, after: &str) -> String {
    let mut digest = Digest::of(format!("{list}\n{after}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}

#[cfg(test)]
mod tests {
    use sweetspot_core::fault::Fault as _;

    use super::*;

    fn parse(parent: &str, size: i32, token: &str) -> Result<Page, &'static str> {
        let mut problems = Problems::default();
        let page = Page::parse("ListThings", parent, size, token, &mut problems);
        problems.check(page).map_err(|fault| fault.reason())
    }

    #[test]
    fn a_token_leads_on_in_its_own_list_only() {
        let first = parse("a", 2, "").unwrap();
        let mut entries = vec![9, 8, 7];
        let token = first.cut(&mut entries, ToString::to_string);
        assert_eq!(entries, [9, 8]);
        assert_eq!(parse("a", 5, &token).unwrap().after.as_deref(), Some("8"));
        assert_eq!(parse("b", 2, &token), Err("BAD_PAGE_TOKEN"));
        for wrong in ["x", ".", "8", "0000000000000000.8", &token.replace('8', "9")] {
            assert_eq!(parse("a", 2, wrong), Err("BAD_PAGE_TOKEN"), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_a_default_and_a_bound() {
        assert_eq!(parse("a", 0, "").unwrap().size, 50);
        assert_eq!(parse("a", i32::MAX, "").unwrap().size, 500);
        assert_eq!(parse("a", -1, ""), Err("INVALID_PAGE_SIZE"));
    }

    #[test]
    fn a_page_ends_where_its_entries_would_be_too_large() {
        let page = parse("a", 4, "").unwrap();
        for (sizes, most, kept) in [
            (vec![3, 3, 3], 9, 3),
            (vec![3, 3, 3], 8, 2),
            (vec![9, 1], 5, 1),
            (vec![1; 9], 100, 4),
            (vec![usize::MAX, usize::MAX], 5, 1),
        ] {
            let mut entries = sizes.clone();
            let token = page.cut_within(&mut entries, most, |size| *size, ToString::to_string);
            assert_eq!((entries.len(), token.is_empty()), (kept, kept == sizes.len()), "{sizes:?}");
        }
        assert_eq!(page.cut_within(&mut Vec::<usize>::new(), 5, |size| *size, ToString::to_string), "");
    }

    #[test]
    fn the_last_page_has_no_token() {
        assert_eq!(parse("a", 2, "").unwrap().cut(&mut vec![2, 1], ToString::to_string), "");
    }
}

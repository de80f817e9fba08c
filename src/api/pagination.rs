//! Pagination. A token marks where the next page begins, and is valid only for the list that issued it.

use prost::Message;
use sweetspot_core::Digest;

use super::response::content_budget;
use super::violations::Violations;

const DEFAULT_PAGE_SIZE: usize = 50;
const MAX_PAGE_SIZE: usize = 500;
/// Overhead of a list entry in bytes: its field number and its length.
const FIELD_OVERHEAD_BYTES: usize = 6;

/// The requested page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageRequest {
    list_key: String,
    /// The maximum number of entries.
    pub(super) size: usize,
    /// The key of the last entry of the previous page.
    pub(super) after: Option<String>,
}

impl PageRequest {
    /// Reads the paging fields of a request. `method` and `parent` identify the list.
    pub(super) fn parse(method: &str, parent: &str, size: i32, token: &str, problems: &mut Violations) -> Option<Self> {
        let list = format!("{method} {parent}");
        let size = match usize::try_from(size) {
            Ok(0) => DEFAULT_PAGE_SIZE,
            Ok(size) => size.min(MAX_PAGE_SIZE),
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
            return Some(Self { list_key: list, size, after: None });
        }
        let after = token.split_once('.').filter(|(check, after)| *check == token_digest(&list, after));
        if after.is_none() {
            let text = "this token is not from an earlier response to the same request: start again without a token";
            problems.add("BAD_PAGE_TOKEN", "page_token", text);
        }
        after.map(|(_, after)| Self { list_key: list, size, after: Some(after.to_owned()) })
    }

    /// Returns the entries of this page and the token of the next one. `entries` are the names and messages that follow
    /// the previous page; if there are further pages, at least one more than the page size. The page fits into a
    /// response of at most `most` bytes, but contains at least one entry.
    pub(super) fn fill<M: Message>(
        &self,
        entries: impl IntoIterator<Item = (String, M)>,
        max_bytes: usize,
    ) -> (Vec<M>, String) {
        let mut entries: Vec<(String, M)> = entries.into_iter().take(self.size + 1).collect();
        let bytes = |(_, message): &(String, M)| FIELD_OVERHEAD_BYTES + message.encoded_len();
        let next = self.truncate_to_bytes(&mut entries, content_budget(max_bytes), bytes, |(name, _)| name.clone());
        (entries.into_iter().map(|(_, message)| message).collect(), next)
    }

    /// Like [`Self::truncate`], and limits the page to `most` bytes, but to no fewer than one entry. `bytes` returns
    /// the size of an entry.
    fn truncate_to_bytes<T>(
        &self,
        entries: &mut Vec<T>,
        max_bytes: usize,
        bytes: impl Fn(&T) -> usize,
        key: impl Fn(&T) -> String,
    ) -> String {
        let mut total: usize = 0;
        let fits = |entry: &&T| {
            total = total.saturating_add(bytes(entry));
            total <= max_bytes
        };
        let size = entries.iter().take_while(fits).count().clamp(1, self.size);
        Self { list_key: self.list_key.clone(), size, after: None }.truncate(entries, key)
    }

    /// Removes the entries beyond the page and returns the token of the next one. `key` returns the key of an entry.
    fn truncate<T>(&self, entries: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        if entries.len() <= self.size {
            return String::new();
        }
        entries.truncate(self.size);
        let after = entries.last().map(key).unwrap_or_default();
        format!("{}.{after}", token_digest(&self.list_key, &after))
    }
}

/// Not a secret: it only prevents accidental use of a token with another list.
fn token_digest(list: &str, after: &str) -> String {
    let mut digest = Digest::new(format!("{list}\n{after}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}

#[cfg(test)]
mod tests {
    use sweetspot_core::reportable_error::ReportableError as _;

    use super::*;

    fn parse(parent: &str, size: i32, token: &str) -> Result<PageRequest, &'static str> {
        let mut problems = Violations::default();
        let page = PageRequest::parse("ListThings", parent, size, token, &mut problems);
        problems.finish(page).map_err(|fault| fault.reason())
    }

    #[test]
    fn a_page_token_is_valid_for_its_own_list_only() {
        let first = parse("a", 2, "").unwrap();
        let mut entries = vec![9, 8, 7];
        let token = first.truncate(&mut entries, ToString::to_string);
        assert_eq!(entries, [9, 8]);
        assert_eq!(parse("a", 5, &token).unwrap().after.as_deref(), Some("8"));
        assert_eq!(parse("b", 2, &token), Err("BAD_PAGE_TOKEN"));
        for wrong in ["x", ".", "8", "0000000000000000.8", &token.replace('8', "9")] {
            assert_eq!(parse("a", 2, wrong), Err("BAD_PAGE_TOKEN"), "{wrong}");
        }
    }

    #[test]
    fn page_sizes_have_a_default_and_a_maximum() {
        assert_eq!(parse("a", 0, "").unwrap().size, 50);
        assert_eq!(parse("a", i32::MAX, "").unwrap().size, 500);
        assert_eq!(parse("a", -1, ""), Err("INVALID_PAGE_SIZE"));
    }

    #[test]
    fn a_page_ends_before_it_exceeds_its_bytes() {
        let page = parse("a", 4, "").unwrap();
        for (sizes, most, kept) in [
            (vec![3, 3, 3], 9, 3),
            (vec![3, 3, 3], 8, 2),
            (vec![9, 1], 5, 1),
            (vec![1; 9], 100, 4),
            (vec![usize::MAX, usize::MAX], 5, 1),
        ] {
            let mut entries = sizes.clone();
            let token = page.truncate_to_bytes(&mut entries, most, |size| *size, ToString::to_string);
            assert_eq!((entries.len(), token.is_empty()), (kept, kept == sizes.len()), "{sizes:?}");
        }
        assert_eq!(page.truncate_to_bytes(&mut Vec::<usize>::new(), 5, |size| *size, ToString::to_string), "");
    }

    #[test]
    fn the_last_page_has_no_token() {
        assert_eq!(parse("a", 2, "").unwrap().truncate(&mut vec![2, 1], ToString::to_string), "");
    }
}

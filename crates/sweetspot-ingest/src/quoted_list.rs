//! Lists of quoted words in messages.

/// Quotes at most `max_words` words and adds the number of the remaining ones.
pub fn quoted_list<'a>(words: impl IntoIterator<Item = &'a str>, max_words: usize) -> String {
    let mut words = words.into_iter();
    let shown: Vec<String> = words.by_ref().take(max_words).map(|word| format!("{word:?}")).collect();
    let rest = words.count();
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_listings_are_cut() {
        assert_eq!(quoted_list(["a", "b", "c"], 2), "\"a\", \"b\" and 1 more");
        assert_eq!(quoted_list([], 2), "");
    }
}

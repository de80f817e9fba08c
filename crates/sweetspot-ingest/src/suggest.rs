//! Words in messages: the nearest known one, and lists of them.

pub(super) use sweetspot_core::suggest::did_you_mean;

/// At most `most` of the words, quoted, and how many are left out.
pub fn listing<'a>(words: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let mut words = words.into_iter();
    let shown: Vec<String> = words.by_ref().take(most).map(|word| format!("{word:?}")).collect();
    let rest = words.count();
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_listings_are_cut() {
        assert_eq!(listing(["a", "b", "c"], 2), "\"a\", \"b\" and 1 more");
        assert_eq!(listing([], 2), "");
    }
}

//! Which character separates the cells.

/// The delimiters that are known, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter that occurs most often outside quotes in the first line; a comma where none does.
pub(super) fn detect(text: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    let mut blank = true;
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && !blank => break,
            _ if quoted => {}
            _ => {
                for (count, delimiter) in counts.iter_mut().zip(DELIMITERS) {
                    *count += usize::from(*byte == delimiter);
                }
            }
        }
        blank = blank && matches!(byte, b'\n' | b'\r');
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    counts.iter().zip(DELIMITERS).find(|(count, _)| **count == most).map_or(b',', |(_, delimiter)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_outside_quotes() {
        for (text, delimiter) in [
            ("a,b;c,d\n1;2;3;4;5;6", b','),
            ("a;b;c\n1,5;2,5;3", b';'),
            ("a\tb, c\td", b'\t'),
            ("a|b", b'|'),
            ("\"a;b;c\",d\n", b','),
            ("\"a\n;;;\",d,e\n", b','),
            ("\r\n\na;b\n", b';'),
            ("one", b','),
            ("", b','),
        ] {
            assert_eq!(detect(text.as_bytes()) as char, delimiter as char, "{text:?}");
        }
    }
}

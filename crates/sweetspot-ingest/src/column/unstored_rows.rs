//! Cells of a long file that are counted instead of stored by row.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use super::TextInterner;
use crate::word_lists::is_missing_marker;

/// A column with fewer distinct texts than this lists every further one.
const MIN_MANY_TEXTS: usize = 20_000;
/// The maximum number of listed texts.
const MAX_LISTED: usize = 400_000;
/// In a column of many texts, further texts of a shape that this many texts have are counted, but not listed.
const MIN_COMMON_TEXTS: usize = 5_000;
/// A text with at least this many stored rows is counted to the last row, whatever its shape: it may mean missing.
const MIN_FREQUENT_ROWS: u64 = 10;
/// The number of new hashes before duplicates are dropped.
const MIN_GATHERED: usize = 1 << 16;

/// Counts of the cells whose rows are not stored.
#[derive(Debug, Default)]
pub(super) struct UnstoredRowCounts {
    /// The number of cells, including missing ones.
    pub(super) rows: u64,
    /// The number of rows by the code of their text.
    pub(super) by_code: Vec<u64>,
    /// The number of rows whose text is not listed.
    pub(super) unlisted: u64,
    /// `None` if the column has few distinct texts.
    many_texts: Option<ManyTexts>,
}

/// A column with many distinct texts.
#[derive(Debug)]
struct ManyTexts {
    /// The shapes that many texts have.
    common: Vec<u64>,
    /// The codes, by hash, of texts that are counted even though their shape is common.
    frequent: HashMap<u64, u32>,
    /// The hashes of all texts, listed or not. The first `distinct` are sorted and unique; the rest are new.
    hashes: Vec<u64>,
    distinct: usize,
}

impl UnstoredRowCounts {
    /// Counts a cell with this text, and adds it to `texts` if it may matter. `stored_codes` contains the codes of the
    /// stored rows. Returns whether the text is new in `texts`.
    pub(super) fn add(&mut self, text: &str, texts: &mut TextInterner, stored_codes: &[u32]) -> bool {
        if self.many_texts.is_none() && texts.len() >= MIN_MANY_TEXTS {
            self.many_texts = Some(ManyTexts::new(texts, stored_codes));
        }
        if let Some(many) = &mut self.many_texts {
            let hash = texts.hasher().hash_one(text);
            many.push(hash);
            let known = many.frequent.get(&hash).copied();
            if let Some(code) = known.filter(|code| texts.get(*code) == Some(text)) {
                self.add_code(code, texts.len());
                return false;
            }
            if texts.len() >= MAX_LISTED || many.common.contains(&shape(text)) {
                self.unlisted += 1;
                return false;
            }
        }
        let before = texts.len();
        let code = texts.intern(text);
        self.add_code(code, texts.len());
        texts.len() > before
    }

    fn add_code(&mut self, code: u32, texts: usize) {
        self.by_code.resize(texts, 0);
        if let Some(count) = self.by_code.get_mut(code as usize) {
            *count += 1;
        }
    }

    /// Must be called after all cells have been counted.
    pub(super) fn finish(&mut self) {
        if let Some(many) = &mut self.many_texts {
            many.deduplicate();
        }
    }

    /// Returns the number of distinct texts, listed or not, including those marked as missing; `None` if all are
    /// listed.
    pub(super) fn distinct(&self) -> Option<usize> {
        self.many_texts.as_ref().map(|many| many.distinct)
    }
}

impl ManyTexts {
    fn new(texts: &TextInterner, stored_codes: &[u32]) -> Self {
        let mut shapes: HashMap<u64, usize> = HashMap::new();
        texts.texts().iter().for_each(|text| *shapes.entry(shape(text)).or_default() += 1);
        let common =
            shapes.into_iter().filter(|(_, count)| *count >= MIN_COMMON_TEXTS).map(|(shape, _)| shape).collect();
        let mut counts = vec![0_u64; texts.len()];
        for code in stored_codes {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let hashes: Vec<u64> = texts.texts().iter().map(|text| texts.hasher().hash_one(text)).collect();
        let is_counted = |text: &str, count: u64| count >= MIN_FREQUENT_ROWS || is_missing_marker(text);
        let codes = texts.texts().iter().zip(counts).zip(hashes.iter().copied().zip(0_u32..));
        let frequent = codes.filter(|((text, count), _)| is_counted(text, *count)).map(|(_, code)| code).collect();
        let mut many = Self { common, frequent, hashes, distinct: 0 };
        many.deduplicate();
        many
    }

    fn push(&mut self, hash: u64) {
        if self.hashes.len() >= 2 * self.distinct + MIN_GATHERED {
            self.deduplicate();
        }
        self.hashes.push(hash);
    }

    fn deduplicate(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self.distinct = self.hashes.len();
    }
}

/// Returns the character classes of a text: one bit for digits, one for ASCII letters, one for non-ASCII characters,
/// and one for each other ASCII character.
fn shape(text: &str) -> u64 {
    text.bytes().fold(0, |shape, byte| {
        let bit = match byte {
            b'0'..=b'9' => 0,
            b'A'..=b'Z' | b'a'..=b'z' => 1,
            b' '..=b'/' => 2 + byte - b' ',
            b':'..=b'@' => 18 + byte - b':',
            b'['..=b'`' => 25 + byte - b'[',
            b'{'..=b'~' => 31 + byte - b'{',
            0x80.. => 35,
            _ => 36,
        };
        shape | 1 << bit
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::super::{ColumnStats, TextColumn};

    #[test]
    fn among_very_many_texts_those_written_with_other_marks_are_listed() {
        let mut column = TextColumn::default();
        for row in 1..=60_000 {
            column.push(row, Some(&format!("{row}.5")));
        }
        for (row, text) in (60_001..).zip(["7.5", "70000.5", "(blank)", "1,5", "2,5", "70000.5", "(blank)", "80000.5"])
        {
            column.count(row, Some(text));
        }
        column.count(60_009, None);
        column.finish();
        let stats = ColumnStats::new(&column);
        let texts: HashMap<&str, u64> = stats.texts().collect();
        assert_eq!((texts["7.5"], texts["(blank)"], texts["1,5"], texts["2,5"], texts.len()), (1, 2, 1, 1, 60_003));
        assert_eq!((stats.rows, stats.present, stats.listed_rows, stats.distinct()), (60_009, 60_008, 60_004, 60_005));
        column.mark_missing(|text| text == "(blank)");
        let stats = ColumnStats::new(&column);
        assert_eq!((stats.rows, stats.present, stats.distinct()), (60_009, 60_006, 60_004));
    }

    #[test]
    fn among_very_many_texts_frequent_ones_and_markers_are_counted_to_the_last_row() {
        let name = |row: u32| row.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>();
        let mut column = TextColumn::default();
        (1..=30_000).for_each(|row| _ = column.push(row.into(), Some(&name(row))));
        (1..=10).for_each(|row| _ = column.push(30_000 + row, Some("private")));
        column.push(30_011, Some("None"));
        for (row, text) in (30_012..).zip(["private", "None", "aa", "zz", "private"]) {
            column.count(row, Some(text));
        }
        column.finish();
        let stats = ColumnStats::new(&column);
        let counts: HashMap<&str, u64> = stats.texts().collect();
        assert_eq!((counts["private"], counts["None"]), (12, 2));
        assert_eq!((stats.present, stats.listed_rows, stats.distinct()), (30_016, 30_014, 30_004));
    }

    #[test]
    fn different_texts_are_counted_to_the_last() {
        let mut column = TextColumn::default();
        let cells = || (0..150_000_u64).map(|row| format!("{}", row * row % 100_003));
        for (row, cell) in (1..).zip(cells()) {
            if row <= 30_000 {
                column.push(row, Some(&cell))
            } else {
                column.count(row, Some(&cell))
            };
        }
        column.finish();
        let distinct = cells().collect::<std::collections::HashSet<_>>().len() as u64;
        assert_eq!(ColumnStats::new(&column).distinct(), distinct);
    }

    proptest! {
        /// The statistics of a column with few texts are the same as if every row were stored.
        #[test]
        fn few_texts_are_counted_as_if_their_rows_were_kept(
            cells in prop::collection::vec(prop::option::of(0..30_u8), 0..80),
            kept in 0..80_usize,
        ) {
            let (mut all, mut some) = (TextColumn::default(), TextColumn::default());
            for (place, cell) in cells.iter().enumerate() {
                let text = cell.map(|cell| format!("text {cell}"));
                let row = place as u64 + 1;
                all.push(row, text.as_deref());
                if place < kept { some.push(row, text.as_deref()) } else { some.count(row, text.as_deref()) };
            }
            some.finish();
            all.mark_missing(|text| text == "text 3");
            some.mark_missing(|text| text == "text 3");
            prop_assert!(all.first_rows().eq(some.first_rows()));
            let (all, some) = (ColumnStats::new(&all), ColumnStats::new(&some));
            prop_assert_eq!(all.texts().collect::<Vec<_>>(), some.texts().collect::<Vec<_>>());
            prop_assert_eq!((all.rows, all.present, all.distinct()), (some.rows, some.present, some.distinct()));
        }
    }
}

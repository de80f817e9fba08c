//! The format of a file, if set explicitly instead of detected.

use encoding_rs::Encoding;

/// The format of a file. Options that are not set are detected from the content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// The encoding, as a name or label of the WHATWG Encoding Standard, such as `windows-1252`. A byte-order mark in
    /// the file overrides it.
    pub encoding: Option<String>,
    /// The character between cells. It must be ASCII, and not a quote, a letter, a digit or a line end.
    pub delimiter: Option<char>,
    /// The row with the names of the columns, starting at 1: a line of a text file, or a row of a sheet. Rows above it
    /// are ignored.
    pub header_row: Option<u32>,
    /// The sheet of a workbook. A sheet named after the path, as in `FILE.xlsx#Sheet`, overrides it.
    pub sheet: Option<String>,
    /// Whether every row below the header that is not blank is an account, also if it looks like a total, a footer or
    /// a repeated header.
    pub all_rows: bool,
}

impl FileOptions {
    /// Returns these options, with those of `other` for options that are not set.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let Self { encoding, delimiter, header_row, sheet, all_rows } = self;
        Self {
            encoding: encoding.or_else(|| other.encoding.clone()),
            delimiter: delimiter.or(other.delimiter),
            header_row: header_row.or(other.header_row),
            sheet: sheet.or_else(|| other.sheet.clone()),
            all_rows: all_rows || other.all_rows,
        }
    }

    /// Returns the problems of the options, one sentence each. `key` formats the name of an option for the user.
    #[must_use]
    pub fn problems(&self, key: impl Fn(&str) -> String) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(label) = self.encoding.as_ref().filter(|label| Encoding::for_label(label.as_bytes()).is_none()) {
            let known = "utf-8, utf-16le, windows-1252, iso-8859-15, windows-1250, macintosh or shift_jis";
            problems.push(format!("{} is {label:?}: use the name of an encoding, such as {known}", key("encoding")));
        }
        if let Some(delimiter) = self.delimiter.filter(|delimiter| !is_delimiter(*delimiter)) {
            let known = "\",\", \";\", \"|\" or \"\\t\"";
            problems.push(format!("{} is {delimiter:?}: use one character, such as {known}", key("delimiter")));
        }
        if self.header_row == Some(0) {
            problems.push(format!("{} is 0: rows are counted from 1", key("header_row")));
        }
        problems
    }

    /// Returns the encoding, if set.
    pub(super) fn encoding(&self) -> Option<&'static Encoding> {
        self.encoding.as_ref().and_then(|label| Encoding::for_label(label.as_bytes()))
    }

    /// Returns the delimiter, if set.
    pub(super) fn delimiter(&self) -> Option<u8> {
        self.delimiter.filter(|delimiter| is_delimiter(*delimiter)).and_then(|delimiter| u8::try_from(delimiter).ok())
    }
}

/// Returns whether the character can be a delimiter.
pub(super) fn is_delimiter(character: char) -> bool {
    character.is_ascii() && !character.is_ascii_alphanumeric() && !matches!(character, '"' | '\'' | '\r' | '\n' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_twice_is_taken_from_the_first() {
        let first = FileOptions { delimiter: Some(';'), ..FileOptions::default() };
        let second = FileOptions { delimiter: Some('|'), header_row: Some(3), ..FileOptions::default() };
        let both = first.or(&second);
        assert_eq!((both.delimiter, both.header_row, both.sheet), (Some(';'), Some(3), None));
    }

    #[test]
    fn problems_name_the_key() {
        let options = FileOptions {
            encoding: Some("utf-9".into()),
            delimiter: Some('é'),
            header_row: Some(0),
            sheet: Some("any".into()),
            all_rows: false,
        };
        let problems = options.problems(|key| format!("--{key}"));
        assert_eq!(problems.len(), 3);
        for (problem, words) in
            problems.iter().zip(["--encoding is \"utf-9\"", "--delimiter is 'é'", "--header_row is 0"])
        {
            assert!(problem.starts_with(words), "{problem}");
        }
        let fine = FileOptions { encoding: Some("latin1".into()), delimiter: Some('\t'), ..FileOptions::default() };
        assert_eq!(fine.problems(str::to_owned), Vec::<String>::new());
        assert_eq!(fine.encoding(), Some(encoding_rs::WINDOWS_1252));
    }
}

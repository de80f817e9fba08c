//! Leaves accounts out of a list if their ids are in other files, such as current customers or open opportunities.

use std::hash::RandomState;
use std::path::{Path, PathBuf};

use sweetspot_core::HashedIdSet;
use sweetspot_ingest::{FileOptions, IdColumnReader, IngestError};

use super::exit::CliError;
use super::input::{data_error, open_source};
use super::output::{Output, plural};

/// The extensions of workbooks.
const WORKBOOK_EXTENSIONS: [&str; 5] = ["xlsx", "xlsm", "xlsb", "xls", "ods"];
/// The maximum number of ids in all files together, at eight bytes each.
const MAX_IDS: usize = 10_000_000;

/// Files with the ids of accounts to leave out, and their format where it cannot be detected.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct ExcludeArgs {
    /// Leave out accounts whose ids are in FILE, such as customers [default column: the mapping's id, or one with a name such as id]
    #[arg(long, value_name = "FILE[#COLUMN]")]
    exclude: Vec<PathBuf>,
    /// Encoding of these files [default: detected]
    #[arg(long, value_name = "NAME", requires = "exclude")]
    exclude_encoding: Option<String>,
    /// Delimiter between their cells [default: detected]
    #[arg(long, value_name = "CHAR", requires = "exclude")]
    exclude_delimiter: Option<char>,
    /// Row with the names of their columns, from 1 [default: detected]
    #[arg(long, value_name = "ROW", requires = "exclude")]
    exclude_header_row: Option<u32>,
}

impl ExcludeArgs {
    /// Returns the format of the files; a sheet is named after its workbook, in the path.
    fn options(&self) -> Result<FileOptions, CliError> {
        let Self { exclude: _, exclude_encoding, exclude_delimiter, exclude_header_row } = self;
        let (encoding, delimiter) = (exclude_encoding.clone(), *exclude_delimiter);
        let options =
            FileOptions { encoding, delimiter, header_row: *exclude_header_row, sheet: None, all_rows: false };
        let problems = options.problems(flag_name);
        if problems.is_empty() { Ok(options) } else { Err(CliError::Usage(problems.join("; "))) }
    }
}

/// Returns the flag for a file option.
fn flag_name(key: &str) -> String {
    format!("--exclude-{}", key.replace('_', "-"))
}

/// The ids of some files, and the number of rows of a list that have one of them.
#[derive(Debug, Default)]
pub(crate) struct Exclusions {
    files: Vec<ExcludedFile>,
}

#[derive(Debug)]
struct ExcludedFile {
    name: String,
    column: String,
    ids: HashedIdSet<RandomState>,
    /// The number of rows of the list with an id in this file, and in none of the files before it.
    rows: u64,
}

impl Exclusions {
    /// Reads each `FILE[#COLUMN]` in turn. Without a column, uses the one named `default_name`, or else one with a name such
    /// as id.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, if its id column cannot be determined, or if there are too many ids.
    pub(crate) fn read(args: &ExcludeArgs, default_name: Option<&str>, out: Output) -> Result<Self, CliError> {
        Self::read_with_limit(MAX_IDS, args, default_name, out)
    }

    fn read_with_limit(
        max_ids: usize,
        args: &ExcludeArgs,
        default_name: Option<&str>,
        out: Output,
    ) -> Result<Self, CliError> {
        let (options, mut exclusions) = (args.options()?, Self::default());
        for path in &args.exclude {
            let mut column = open_column(path, default_name, &options)?;
            let before: usize = exclusions.files.iter().map(|file| file.ids.len()).sum();
            let mut ids = HashedIdSet::default();
            let name = path.display().to_string();
            for id in &mut column {
                if before + ids.len() == max_ids {
                    return Err(CliError::Data(format!(
                        "{name} has too many ids: at most {max_ids} can be left out of a list, so remove those that are \
                         not prospects from the file"
                    )));
                }
                ids.push(&id.map_err(|error| exclusion_error(&error))?);
            }
            if column.rejected() > 0 {
                let (rows, name) = (plural(column.rejected(), "row", "rows"), &name);
                out.warn(&format!(
                    "warning: {rows} of {name} cannot be read, so no account is left out because of them"
                ));
            }
            exclusions.files.push(ExcludedFile { name, column: column.name().to_owned(), ids: ids.sorted(), rows: 0 });
        }
        Ok(exclusions)
    }

    /// Whether an id is in one of the files. Counts the row of the list that has it.
    pub(crate) fn matches(&mut self, id: &str) -> bool {
        let file = self.files.iter_mut().find(|file| file.ids.contains(id));
        file.is_some_and(|file| {
            file.rows += 1;
            true
        })
    }

    /// Returns the number of rows of the list that were counted.
    pub(crate) fn excluded_rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Reports what was left out of a list of `list_rows` rows: `123 of 456 rows are in crm.csv and left out`. Warns of
    /// a file with none of the list's ids, because its ids may be of another kind.
    pub(crate) fn report(&self, list_rows: u64, out: Output) {
        let found = || self.files.iter().filter(|file| file.rows > 0);
        let (are, rows) = (if self.excluded_rows() == 1 { "is" } else { "are" }, self.excluded_rows());
        let total = plural(list_rows, "row", "rows");
        match found().collect::<Vec<_>>().as_slice() {
            [] => (),
            [file] => out.note(&format!("{rows} of {total} {are} in {} and left out", file.name)),
            files => {
                let each: Vec<String> = files.iter().map(|file| format!("{} in {}", file.rows, file.name)).collect();
                out.note(&format!("{rows} of {total} {are} left out: {}", each.join(", ")));
            }
        }
        for file in self.files.iter().filter(|file| file.rows == 0) {
            let ExcludedFile { name, column, ids, .. } = file;
            let ids = plural(ids.len() as u64, "id", "ids");
            out.warn(&format!(
                "warning: {name} leaves no row out: compare its column {column:?} ({ids}) with the ids of the list"
            ));
        }
    }
}

/// Opens `FILE[#COLUMN]`. After a workbook, a single name is that of a column or of a sheet.
fn open_column(path: &Path, default_name: Option<&str>, options: &FileOptions) -> Result<IdColumnReader, CliError> {
    let column = |file: &Path, column: Option<&str>| -> Result<_, CliError> {
        IdColumnReader::open(open_source(file)?.with_options(options), column, default_name)
            .map_err(|error| exclusion_error(&error))
    };
    let Some((file, name)) = file_and_column(path) else { return column(path, None) };
    let is_workbook =
        file.extension().is_some_and(|end| WORKBOOK_EXTENSIONS.iter().any(|suffix| end.eq_ignore_ascii_case(suffix)));
    match column(file, Some(name).filter(|name| !name.is_empty())) {
        Err(error) if is_workbook => column(path, None).map_err(|_| error),
        opened => opened,
    }
}

/// Converts an error for a file without a mapping: where the message names a mapping key, it names the flag instead.
fn exclusion_error(error: &IngestError) -> CliError {
    let CliError::Data(mut text) = data_error(error) else { return data_error(error) };
    for key in ["encoding", "delimiter", "header_row"] {
        text = text.replace(&format!("{key} in the mapping"), &flag_name(key));
        text = text.replace(&format!("which {key} names"), &format!("which {} names", flag_name(key)));
    }
    CliError::Data(text.replace("set sheet in the mapping, or name one", "name one"))
}

/// Returns the parts of `FILE#COLUMN` and `FILE.xlsx#SHEET#COLUMN`, if the file exists and no file has the whole text
/// as its name.
fn file_and_column(path: &Path) -> Option<(&Path, &str)> {
    let (file, column) = path.to_str().filter(|_| !path.exists())?.rsplit_once('#')?;
    let before_sheet = file.rsplit_once('#').map_or(file, |(file, _)| file);
    let is_file = [file, before_sheet].into_iter().any(|file| Path::new(file).is_file());
    (is_file || file == "-").then_some((Path::new(file), column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_name_follows_the_file_after_a_hash_sign() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for file in ["a.csv", "b#1.csv", "c.xlsx"] {
            std::fs::write(path(file), "").unwrap();
        }
        for (name, parts) in [
            ("a.csv", None),
            ("a.csv#Account ID", Some(("a.csv", "Account ID"))),
            ("b#1.csv", None),
            ("b#1.csv#id", Some(("b#1.csv", "id"))),
            ("c.xlsx#Sheet 1#id", Some(("c.xlsx#Sheet 1", "id"))),
            ("c.xlsx#Sheet 1#", Some(("c.xlsx#Sheet 1", ""))),
            ("none.csv#id", None),
        ] {
            let whole = path(name);
            let expected = parts.map(|(file, column)| (path(file), column));
            assert_eq!(file_and_column(&whole).map(|(file, column)| (file.to_owned(), column)), expected, "{name}");
        }
    }

    #[test]
    fn rows_count_for_the_first_file_that_has_their_id() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [("a.csv", "id\n1\n2\n"), ("b.csv", "name,key\nx,2\ny,3\n")].map(|(name, text)| {
            std::fs::write(folder.path().join(name), text).unwrap();
            folder.path().join(name)
        });
        let quiet = Output { json: false, quiet: true };
        let args = ExcludeArgs { exclude: paths.to_vec(), ..ExcludeArgs::default() };
        // Four ids in two files, one of them in both.
        let error = Exclusions::read_with_limit(3, &args, Some("key"), quiet).unwrap_err().to_string();
        assert!(error.contains("b.csv has too many ids: at most 3 can be left out"), "{error}");
        let mut exclusions = Exclusions::read_with_limit(4, &args, Some("key"), quiet).unwrap();
        let found = ["1", "2", "3", "4", "1"].map(|id| exclusions.matches(id));
        assert_eq!((found, exclusions.excluded_rows()), ([true, true, true, false, true], 4));
        assert_eq!(exclusions.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [3, 1]);
    }
}

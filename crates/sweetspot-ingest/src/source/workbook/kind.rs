//! Detects the kind of a workbook by the contents of its container.

use std::io::{Cursor, Read as _};

use cfb::CompoundFile;
use zip::ZipArchive;

/// The supported kinds of workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkbookKind {
    Xlsx,
    Xlsb,
    Ods,
    Xls,
}

/// The signature of OLE2 compound files.
const OLE2: &[u8] = b"\xD0\xCF\x11\xE0";
/// The beginning of the part `mimetype` in an `OpenDocument` spreadsheet.
const SPREADSHEET: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
const AS_XLSX: &str = "export the table as .xlsx or as CSV in UTF-8";

/// Parts that identify other kinds of ZIP archives, with the name of the kind and how to fix the file.
const OTHER_ARCHIVES: [(&str, &str, &str); 4] = [
    ("content.xml", "is an OpenDocument file, but not a spreadsheet", AS_XLSX),
    ("word/document.xml", "is a Word document", AS_XLSX),
    ("ppt/presentation.xml", "is a PowerPoint presentation", AS_XLSX),
    ("Index/Document.iwa", "is a Numbers file", "export it as .xlsx, or the sheet as CSV in UTF-8"),
];
/// Streams that identify other kinds of OLE2 compound files, likewise.
const OTHER_COMPOUNDS: [(&str, &str, &str); 4] = [
    ("/EncryptedPackage", "is a workbook with a password", WITHOUT_PASSWORD),
    ("/WordDocument", "is an old Word document", AS_XLSX),
    ("/PowerPoint Document", "is an old PowerPoint presentation", AS_XLSX),
    ("/__properties_version1.0", "is an Outlook message", "save its attachment"),
];
/// How to fix a file with a password.
pub(super) const WITHOUT_PASSWORD: &str = "open it, and save it without a password";

impl WorkbookKind {
    /// Returns the kind of a workbook; `None` if its container cannot be read.
    ///
    /// # Errors
    /// Returns what the file is instead of a workbook and how to fix it, as a continuation of the file name.
    pub(super) fn detect(packed: &[u8]) -> Result<Option<Self>, String> {
        if packed.starts_with(OLE2) { compound_kind(packed) } else { archive_kind(packed) }
    }

    /// Returns the file name extension.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Xlsx => ".xlsx",
            Self::Xlsb => ".xlsb",
            Self::Ods => ".ods",
            Self::Xls => ".xls",
        }
    }
}

fn archive_kind(packed: &[u8]) -> Result<Option<WorkbookKind>, String> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(packed)) else { return Ok(None) };
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(Into::into).collect();
    let holds = |part: &str| names.iter().any(|name| name == part);
    if holds("xl/workbook.bin") {
        return Ok(Some(WorkbookKind::Xlsb));
    }
    if holds("xl/workbook.xml") {
        return Ok(Some(WorkbookKind::Xlsx));
    }
    if holds("content.xml") && is_spreadsheet(&mut archive) {
        return Ok(Some(WorkbookKind::Ods));
    }
    if let Some((_, what, remedy)) = OTHER_ARCHIVES.iter().find(|(part, ..)| holds(part)) {
        return Err(format!("{what}: {remedy}"));
    }
    // The parts of a workbook may have other names.
    if names.iter().any(|name| name.starts_with("xl/")) {
        return Ok(Some(WorkbookKind::Xlsx));
    }
    Err("is a ZIP archive: unpack it and name the file in it".to_owned())
}

/// Returns whether an `OpenDocument` file states that it contains sheets, or does not state its type.
fn is_spreadsheet(archive: &mut ZipArchive<Cursor<&[u8]>>) -> bool {
    let Ok(part) = archive.by_name("mimetype") else { return true };
    let mut text = Vec::new();
    part.take(SPREADSHEET.len() as u64).read_to_end(&mut text).is_ok() && text == SPREADSHEET
}

fn compound_kind(packed: &[u8]) -> Result<Option<WorkbookKind>, String> {
    let Ok(file) = CompoundFile::open(Cursor::new(packed)) else { return Ok(None) };
    if file.is_stream("/Workbook") || file.is_stream("/Book") {
        return Ok(Some(WorkbookKind::Xls));
    }
    let known = OTHER_COMPOUNDS.iter().find(|(stream, ..)| file.exists(stream));
    Err(known.map_or_else(
        || format!("is an OLE2 file without a workbook in it: {AS_XLSX}"),
        |(_, what, remedy)| format!("{what}: {remedy}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::tests::archive;
    use super::*;

    fn compound(stream: &str) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn workbooks_are_known_by_their_parts() {
        for (bytes, kind) in [
            (archive(&[("xl/workbook.xml", b"")]), WorkbookKind::Xlsx),
            (archive(&[("xl/book.xml", b"")]), WorkbookKind::Xlsx),
            (archive(&[("xl/workbook.bin", b"")]), WorkbookKind::Xlsb),
            (archive(&[("mimetype", SPREADSHEET), ("content.xml", b"")]), WorkbookKind::Ods),
            (archive(&[("content.xml", b"")]), WorkbookKind::Ods),
            (compound("/Workbook"), WorkbookKind::Xls),
            (compound("/Book"), WorkbookKind::Xls),
        ] {
            assert_eq!(WorkbookKind::detect(&bytes), Ok(Some(kind)));
        }
    }

    #[test]
    fn other_files_are_named() {
        let text: &[u8] = b"application/vnd.oasis.opendocument.text";
        for (bytes, words) in [
            (archive(&[("mimetype", text), ("content.xml", b"")]), "OpenDocument file, but not a spreadsheet"),
            (archive(&[("accounts.csv", b"")]), "ZIP archive: unpack it"),
            (archive(&[("word/document.xml", b"")]), "Word document"),
            (compound("/EncryptedPackage"), "with a password"),
            (compound("/WordDocument"), "old Word document"),
            (compound("/Other"), "OLE2 file without a workbook"),
        ] {
            let what = WorkbookKind::detect(&bytes).unwrap_err();
            assert!(what.contains(words), "{what}");
        }
        assert_eq!(WorkbookKind::detect(b"PK\x03\x04"), Ok(None));
        assert_eq!(WorkbookKind::detect(b"\xD0\xCF\x11\xE0\xA1\xB1"), Ok(None));
    }
}

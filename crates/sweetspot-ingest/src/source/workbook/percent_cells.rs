//! Cells with a percent format: a sheet stores 0.45 where a person reads and types 45%.

use std::collections::HashSet;
use std::io::{Read, Seek};

use calamine::{Style, Xlsx, XlsxError};

/// Returns the cells of a sheet with a percent format, by row and column, starting at 0.
///
/// # Errors
/// Returns an error if the sheet cannot be read.
pub(super) fn percent_cells<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
) -> Result<HashSet<(u32, u32)>, XlsxError> {
    let mut reader = workbook.worksheet_cells_reader(sheet)?;
    let is_percent: Vec<bool> = reader.styles().iter().map(is_percent).collect();
    let mut cells = HashSet::new();
    if is_percent.contains(&true) {
        while let Some((row, column, style)) = reader.next_style_id()? {
            if is_percent.get(style) == Some(&true) {
                cells.insert((row, column));
            }
        }
    }
    Ok(cells)
}

fn is_percent(style: &Style) -> bool {
    style.number_format.as_ref().is_some_and(|format| format.format_code.contains('%'))
}

/// Formats a number as a percentage, without the digits that binary fractions add: `0.07` becomes `7%`.
pub(super) fn percent_text(number: f64) -> String {
    let digits = format!("{:.10}", number * 100.0);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{}%", if digits == "-0" { "0" } else { digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_as_people_type_them() {
        for (number, text) in
            [(0.45, "45%"), (0.07, "7%"), (1.0, "100%"), (0.125, "12.5%"), (-0.3, "-30%"), (0.0, "0%"), (-0.0, "0%")]
        {
            assert_eq!(percent_text(number), text);
        }
    }
}

//! Tables of text: separators, quotes, and cells that a spreadsheet would take for a formula.

use super::{FileError, MAX_ROWS};

/// A table with a line of column names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The columns' names, as they stand there.
    pub header: Vec<String>,
    /// Each row with its line in the file, from 1; as many cells as there are columns.
    pub rows: Vec<(u64, Vec<String>)>,
    /// What stands between cells.
    pub separator: char,
}

impl Table {
    /// Reads a file, with commas, semicolons or tabs between cells. Short rows are filled up; rows of nothing are left out.
    ///
    /// # Errors
    /// [`FileError`] when it is no such table.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        Self::of(&super::text_of(bytes)?.0)
    }

    /// As [`Table::read`], of text.
    ///
    /// # Errors
    /// [`FileError`] when it is no such table.
    pub fn of(text: &str) -> Result<Self, FileError> {
        let separator = separator_of(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(separator).unwrap_or(b','))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut header: Option<Vec<String>> = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| FileError::Broken {
                line: error.position().map_or(0, csv::Position::line),
                why: "it cannot be told where its cells end".to_owned(),
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let Some(header) = &header else {
                header = Some(record.iter().map(|name| name.trim().to_owned()).collect());
                continue;
            };
            if rows.len() >= MAX_ROWS {
                return Err(FileError::TooLong);
            }
            let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if cells.len() > header.len() && cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty()) {
                return Err(FileError::Broken {
                    line,
                    why: format!("it has {} cells for {} columns", cells.len(), header.len()),
                });
            }
            cells.resize(header.len(), String::new());
            rows.push((line, cells));
        }
        let header = header.filter(|_| !rows.is_empty()).ok_or(FileError::Empty)?;
        Ok(Self {
            header,
            rows,
            separator,
        })
    }

    /// Which column has a name, whatever its capitals.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|known| known.eq_ignore_ascii_case(name))
    }
}

/// The separator that stands most often outside of quotes.
fn separator_of(line: &str) -> char {
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    let mut is_quoted = false;
    for letter in line.chars() {
        is_quoted ^= letter == '"';
        if let Some(found) = counts.iter_mut().find(|(sign, _)| *sign == letter && !is_quoted) {
            found.1 += 1;
        }
    }
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(',', |(sign, _)| *sign)
}

/// True for a cell that a spreadsheet would calculate instead of show, or that was guarded against that before.
fn is_risky(cell: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.len() > 1;
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) && !cell.get(1..).is_some_and(is_number)
}

/// A cell that a spreadsheet shows as it stands: one that it would calculate gets an apostrophe before it.
pub fn guarded(cell: &str) -> String {
    if is_risky(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The cell before it was guarded.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_risky(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_marks_and_line_ends_do_not_matter() {
        for text in [
            "a,b\n1,2\n",
            "\u{feff}a;b\r\n1;2\r\n",
            "a\tb\n\n1\t2",
            "\"a\",\"b\"\n\"1\",\"2\"\n\n,\n",
        ] {
            let table = Table::read(text.as_bytes()).unwrap();
            assert_eq!(table.header, ["a", "b"], "{text:?}");
            assert_eq!(table.rows.len(), 1, "{text:?}");
            assert_eq!(table.rows[0].1, ["1", "2"], "{text:?}");
        }
    }

    #[test]
    fn letters_are_read_as_spreadsheets_write_them() {
        let sixteen =
            |bytes: fn(u16) -> [u8; 2]| "\u{feff}a;b\nAtlético;10 €\n".encode_utf16().flat_map(bytes).collect();
        let files: [(Vec<u8>, Option<&str>); 4] = [
            ("a;b\nAtlético;10 €\n".into(), None),
            (b"a;b\nAtl\xe9tico;10 \x80\n".to_vec(), Some("windows-1252")),
            (sixteen(u16::to_le_bytes), Some("UTF-16LE")),
            (sixteen(u16::to_be_bytes), Some("UTF-16BE")),
        ];
        for (file, encoding) in files {
            assert_eq!(crate::bet_file::text_of(&file).unwrap().1, encoding);
            assert_eq!(
                Table::read(&file).unwrap().rows,
                [(2, vec!["Atlético".to_owned(), "10 €".to_owned()])]
            );
        }
    }

    #[test]
    fn what_is_no_table_says_so() {
        assert_eq!(Table::read(b"a,b\n"), Err(FileError::Empty));
        assert_eq!(Table::read(b""), Err(FileError::Empty));
        assert_eq!(Table::read(b"a,b\n\xff\0,1\n"), Err(FileError::NotText));
        assert_eq!(Table::read(b"\x89PNG\r\n\x1a\n\0\0"), Err(FileError::NotText));
        assert_eq!(
            Table::read(b"\xff\xfea\0,\0b"),
            Err(FileError::NotText),
            "half a letter"
        );
        assert!(matches!(
            Table::read(b"a,b\n1,2,3\n"),
            Err(FileError::Broken { line: 2, .. })
        ));
    }

    #[test]
    fn a_cell_that_would_be_calculated_is_guarded_and_comes_back() {
        for cell in ["=1+1", "+cmd", "-x", "@a", "'", "''=", "-3.5", "plain", "", "\tx"] {
            let written = guarded(cell);
            assert_eq!(unguarded(&written), cell);
            assert!(!written.starts_with(['=', '@', '\t']), "{written}");
        }
        assert_eq!(guarded("-3.5"), "-3.5", "a number is a number");
    }
}

//! A reader of JSON made for answers of thousands of small rows: it borrows text, keeps numbers as they were written,
//! and can step over what it does not want or cannot understand, so that one bad row costs that row alone.
//!
//! It accepts slightly more than JSON (`NaN`, a comma too many): what a value means is decided by whoever reads it.

use std::borrow::Cow;

/// Nesting beyond this is refused.
const MAX_DEPTH: u32 = 127;

/// The text is not JSON from this byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub at: usize,
}

/// A value. Small and without an owner, because an answer holds tens of thousands of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Value<'a> {
    /// There is none.
    #[default]
    Absent,
    /// A string.
    Text(&'a str),
    /// A string with escapes, as it was written, quotes included.
    Escaped(&'a str),
    /// Anything that is neither quoted nor nested, as it was written: a number, `true`, `null`.
    Bare(&'a str),
    /// A list or an object; stepped over.
    Nested,
    /// A string that is not text in UTF-8.
    Unreadable,
}

impl<'a> Value<'a> {
    /// True when there is no value, or `null`.
    pub fn is_none(self) -> bool {
        matches!(self, Self::Absent | Self::Bare("null"))
    }

    /// The string, if it is one whose escapes mean something.
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Escaped(quoted) => serde_json::from_str(quoted).ok().map(Cow::Owned),
            _ => None,
        }
    }
}

/// A place in the text to come back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    at: usize,
    counted: usize,
}

/// Reads a text from front to back.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    /// The same bytes where all of them are UTF-8, so that no piece need be checked again.
    text: Option<&'a str>,
    at: usize,
    /// The key whose values are counted in whatever is stepped over.
    counted_key: &'static [u8],
    counted: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a text. Every non-null value of `counted_key` that is stepped over is counted.
    pub fn new(bytes: &'a [u8], counted_key: &'static str) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        Self {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            at: 0,
            counted_key: counted_key.as_bytes(),
            counted: 0,
        }
    }

    /// The whole text, where it is UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        self.text
    }

    /// How many values of the counted key were stepped over or added.
    pub fn counted(&self) -> usize {
        self.counted
    }

    /// Counts one value that was read and not stepped over.
    pub fn count(&mut self) {
        self.counted += 1;
    }

    /// Where the cursor is.
    pub fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            counted: self.counted,
        }
    }

    /// Back to a place, and to what had been counted there.
    pub fn rewind(&mut self, mark: Mark) {
        self.at = mark.at;
        self.counted = mark.counted;
    }

    /// To a place, keeping what was counted.
    pub fn go_to(&mut self, mark: Mark) {
        self.at = mark.at;
    }

    /// Steps over one value in which nothing is counted: one that is not wanted, or one that will be read later. Gives
    /// its place.
    pub fn pass_over(&mut self) -> Result<Mark, Broken> {
        self.peek();
        let mark = self.mark();
        self.skip()?;
        self.counted = mark.counted;
        Ok(mark)
    }

    /// The next byte that is not white space, without taking it.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// Takes an opening bracket.
    #[inline]
    pub fn open(&mut self, bracket: u8) -> Result<(), Broken> {
        if self.peek() == Some(bracket) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.broken())
        }
    }

    /// Within an object: the next key as it was written, or `None` after the last. `first` is true before the first call.
    #[inline]
    pub fn next_key(&mut self, first: &mut bool) -> Result<Option<&'a [u8]>, Broken> {
        if !self.next(first, b'}')? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.broken());
        }
        let start = self.at + 1;
        let (end, _) = string_end(self.bytes, start).ok_or(Broken { at: self.bytes.len() })?;
        self.at = end + 1;
        if self.peek() != Some(b':') {
            return Err(self.broken());
        }
        self.at += 1;
        Ok(self.bytes.get(start..end))
    }

    /// Within a list: true when another item follows, false after the last. `first` is true before the first call.
    #[inline]
    pub fn next_item(&mut self, first: &mut bool) -> Result<bool, Broken> {
        self.next(first, b']')
    }

    #[inline]
    fn next(&mut self, first: &mut bool, close: u8) -> Result<bool, Broken> {
        let mut byte = self.peek();
        if byte == Some(b',') && !*first {
            self.at += 1;
            byte = self.peek();
        } else if !*first && byte != Some(close) {
            return Err(self.broken());
        }
        *first = false;
        match byte {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(self.broken()),
        }
    }

    /// Takes one value; steps over it when it is nested.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>, Broken> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at + 1;
                let (end, is_escaped) = string_end(self.bytes, start).ok_or(Broken { at: self.bytes.len() })?;
                self.at = end + 1;
                let text = if is_escaped {
                    self.piece(start - 1, end + 1).map(Value::Escaped)
                } else {
                    self.piece(start, end).map(Value::Text)
                };
                Ok(text.unwrap_or(Value::Unreadable))
            }
            Some(b'{' | b'[') => self.skip().map(|()| Value::Nested),
            Some(_) => {
                let start = self.at;
                self.skip_bare();
                Ok(self.piece(start, self.at).map_or(Value::Unreadable, Value::Bare))
            }
            None => Err(self.broken()),
        }
    }

    /// Steps over one value, whatever it is.
    pub fn skip(&mut self) -> Result<(), Broken> {
        // One bit a level: 1 for an object, 0 for a list.
        let mut levels = 0_u128;
        let mut depth = 0_u32;
        loop {
            match self.peek().ok_or(Broken { at: self.at })? {
                byte @ (b'{' | b'[') => {
                    if depth == MAX_DEPTH {
                        return Err(self.broken());
                    }
                    levels = levels << 1 | u128::from(byte == b'{');
                    depth += 1;
                    self.at += 1;
                }
                byte @ (b'}' | b']') => {
                    if depth == 0 || (levels & 1 == 1) != (byte == b'}') {
                        return Err(self.broken());
                    }
                    levels >>= 1;
                    depth -= 1;
                    self.at += 1;
                }
                b'"' => {
                    let start = self.at + 1;
                    let (end, _) = string_end(self.bytes, start).ok_or(Broken { at: self.bytes.len() })?;
                    self.at = end + 1;
                    if depth > 0 && self.bytes.get(start..end) == Some(self.counted_key) && self.peek() == Some(b':') {
                        self.at += 1;
                        self.counted += usize::from(self.peek() != Some(b'n'));
                    }
                }
                b',' | b':' if depth > 0 => self.at += 1,
                _ => self.skip_bare(),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A complaint about the place where the cursor is.
    pub fn broken(&self) -> Broken {
        Broken { at: self.at }
    }

    #[inline]
    fn skip_bare(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            if matches!(
                byte,
                b',' | b'}' | b']' | b'"' | b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t'
            ) {
                break;
            }
            self.at += 1;
        }
    }

    #[inline]
    fn piece(&self, start: usize, end: usize) -> Option<&'a str> {
        match self.text {
            Some(text) => text.get(start..end),
            None => std::str::from_utf8(self.bytes.get(start..end)?).ok(),
        }
    }
}

/// Where a string that begins at `at` (after its quote) ends, and whether it holds escapes. Eight bytes at a time.
#[inline]
fn string_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const QUOTES: u64 = 0x2222_2222_2222_2222;
    const BACKSLASHES: u64 = 0x5C5C_5C5C_5C5C_5C5C;
    // The lowest high bit that is set marks the first zero byte.
    let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut is_escaped = false;
    loop {
        if let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*eight);
            let hit = zero_byte(word ^ QUOTES) | zero_byte(word ^ BACKSLASHES);
            if hit == 0 {
                at += 8;
                continue;
            }
            at += (hit.trailing_zeros() / 8) as usize;
        }
        match bytes.get(at)? {
            b'"' => return Some((at, is_escaped)),
            b'\\' => {
                is_escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip_all(text: &str) -> Result<usize, Broken> {
        let mut cursor = Cursor::new(text.as_bytes(), "price");
        cursor.skip().map(|()| cursor.counted())
    }

    #[test]
    fn stepping_over_counts_the_values_of_the_counted_key() {
        assert_eq!(
            skip_all(r#"{"price": 1, "x": [{"price": -2}, {"price": null}, "price"]}"#),
            Ok(2)
        );
        assert_eq!(skip_all(r#""price""#), Ok(0));
    }

    #[test]
    fn brackets_that_do_not_match_are_broken() {
        for text in ["[}", "{]", "]", "[[1]", "{\"a\": \"", "", "   "] {
            assert!(skip_all(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_byte_stops_the_reader_from_moving_on() {
        for byte in 0..=u8::MAX {
            for text in [
                vec![byte],
                vec![b'[', byte, b']'],
                vec![b'{', byte, byte, b'}'],
                vec![b'"', byte, b'"'],
            ] {
                let mut cursor = Cursor::new(&text, "price");
                let _ = cursor.skip();
                let mut cursor = Cursor::new(&text, "price");
                let _ = cursor.value();
                assert!(cursor.at <= text.len() + 1);
            }
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        assert!(skip_all(&"[".repeat(1_000_000)).is_err());
        let sound = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(skip_all(&sound), Ok(0));
    }

    #[test]
    fn strings_end_at_the_first_quote_that_is_not_escaped() {
        for (text, expected) in [
            (r#""""#, ""),
            (r#""abc""#, "abc"),
            (r#""exactly8""#, "exactly8"),
            (r#""a \"quoted\" word and more""#, "a \"quoted\" word and more"),
            (r#""Atl\u00e9tico""#, "Atlético"),
            ("\"São Paulo\"", "São Paulo"),
        ] {
            let mut cursor = Cursor::new(text.as_bytes(), "price");
            assert_eq!(cursor.value().unwrap().text().unwrap(), expected);
            assert_eq!(cursor.peek(), None);
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        let mut cursor = Cursor::new(b" -110.50 ,", "price");
        assert!(matches!(cursor.value(), Ok(Value::Bare("-110.50"))));
    }

    #[test]
    fn text_in_another_charset_is_unreadable_and_its_neighbours_are_not() {
        let mut cursor = Cursor::new(b"[\"M\xFCnchen\", \"Bremen\"]", "price");
        let mut first = true;
        cursor.open(b'[').unwrap();
        assert!(cursor.next_item(&mut first).unwrap());
        assert!(matches!(cursor.value(), Ok(Value::Unreadable)));
        assert!(cursor.next_item(&mut first).unwrap());
        assert_eq!(cursor.value().unwrap().text().unwrap(), "Bremen");
        assert!(!cursor.next_item(&mut first).unwrap());
    }
}

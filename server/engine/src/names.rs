//! How alike two names are: good enough to suggest, never good enough to decide.

/// Words that say nothing about which club it is.
const CLUB_WORDS: &[&str] = &[
    "fc", "cf", "sc", "ac", "afc", "bc", "bk", "sk", "fk", "if", "club", "the", "de", "calcio", "hc", "kk",
];

/// Words that make another team, or another person, of the same name.
const MARKERS: &[&str] = &[
    "w",
    "women",
    "womens",
    "ladies",
    "femenino",
    "feminin",
    "femminile",
    "frauen",
    "dames",
    "damer",
    "u15",
    "u16",
    "u17",
    "u18",
    "u19",
    "u20",
    "u21",
    "u22",
    "u23",
    "under",
    "youth",
    "academy",
    "reserves",
    "reserve",
    "res",
    "ii",
    "iii",
    "b",
    "2",
    "3",
    "jr",
    "junior",
    "sr",
    "senior",
    "jnr",
    "snr",
];

/// A name taken apart for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Lower case, without accents, punctuation and club words.
    words: Vec<String>,
    /// What tells women, youth, reserves and juniors from the rest, sorted.
    markers: Vec<String>,
}

impl Name {
    /// Takes a name apart.
    pub(crate) fn of(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len());
        for letter in text.chars() {
            match fold(letter) {
                "" if letter.is_alphanumeric() => folded.extend(letter.to_lowercase()),
                // "O'Neil" and "St." lose the sign alone; every other sign parts two words.
                "" if matches!(letter, '\'' | '\u{2019}' | '.') => {}
                "" => folded.push(' '),
                plain => folded.push_str(plain),
            }
        }
        let (mut words, mut markers) = (Vec::new(), Vec::new());
        for word in folded.split_whitespace() {
            if MARKERS.contains(&word) {
                markers.push(canonical_marker(word).to_owned());
            } else {
                words.push(word.to_owned());
            }
        }
        if words.iter().any(|word| !CLUB_WORDS.contains(&word.as_str())) {
            words.retain(|word| !CLUB_WORDS.contains(&word.as_str()));
        }
        markers.sort_unstable();
        markers.dedup();
        Self { words, markers }
    }

    /// From 0 (nothing alike) to 1 (the same after normalising). 0 whenever the markers differ: Arsenal is not Arsenal Women.
    pub(crate) fn similarity(&self, other: &Self) -> f64 {
        if self.markers != other.markers || self.words.is_empty() || other.words.is_empty() {
            return 0.0;
        }
        if self.words == other.words {
            return 1.0;
        }
        let (mine, theirs) = (self.words.concat(), other.words.concat());
        dice(&mine, &theirs)
            .max(abbreviation(&self.words, &other.words))
            .min(0.99)
    }
}

/// Different ways to write one marker.
fn canonical_marker(marker: &str) -> &str {
    match marker {
        "w" | "womens" | "ladies" | "femenino" | "feminin" | "femminile" | "frauen" | "dames" | "damer" => "women",
        "reserve" | "res" | "ii" | "b" | "2" => "reserves",
        "3" => "iii",
        "junior" | "jnr" => "jr",
        "senior" | "snr" => "sr",
        same => same,
    }
}

/// The plain letters of an accented Latin letter; empty for anything else.
fn fold(letter: char) -> &'static str {
    match letter {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' | 'ǎ' => "a",
        'Æ' | 'æ' => "ae",
        'Ç' | 'ç' | 'Ć'..='č' => "c",
        'Ď'..='đ' | 'Ð' | 'ð' => "d",
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => "e",
        'Ĝ'..='ģ' => "g",
        'Ĥ'..='ħ' => "h",
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => "i",
        'Ĵ' | 'ĵ' => "j",
        'Ķ'..='ĸ' => "k",
        'Ĺ'..='ł' => "l",
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => "n",
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' => "o",
        'Œ' | 'œ' => "oe",
        'Ŕ'..='ř' => "r",
        'Ś'..='š' | 'Ș' | 'ș' => "s",
        'ß' => "ss",
        'Ţ'..='ŧ' | 'Ț' | 'ț' => "t",
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => "u",
        'Ŵ' | 'ŵ' => "w",
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => "y",
        'Ź'..='ž' => "z",
        'Þ' | 'þ' => "th",
        _ => "",
    }
}

/// The Sørensen-Dice coefficient of letter pairs.
fn dice(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    let (mine, mut theirs) = (pairs(one), pairs(other));
    let total = mine.len() + theirs.len();
    if total == 0 {
        return 0.0;
    }
    let mut shared = 0_usize;
    for pair in mine {
        if let Some(at) = theirs.iter().position(|candidate| *candidate == pair) {
            theirs.swap_remove(at);
            shared += 1;
        }
    }
    2.0 * shared as f64 / total as f64
}

/// 0.9 when every word of the shorter name begins, in order, a word of the longer one ("LA Clippers" does not begin
/// "Los Angeles Clippers", so initials of leading words count as well), else 0.
fn abbreviation(one: &[String], other: &[String]) -> f64 {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let begins_in_order = || {
        let mut rest = long.iter();
        short.iter().all(|word| {
            rest.any(|candidate| begins(candidate, word) || begins(word, candidate) || contracts(candidate, word))
        })
    };
    let initials = || {
        let spread = long.len() - short.len() + 1;
        short.first().is_some_and(|first| {
            first.chars().count() == spread
                && long[..spread]
                    .iter()
                    .map(|word| word.chars().next())
                    .eq(first.chars().map(Some))
        }) && short.len() > 1
            && short[1..] == long[long.len() + 1 - short.len()..]
    };
    if begins_in_order() || initials() { 0.9 } else { 0.0 }
}

/// True when `long` starts with the whole of `short`, of at least three letters.
fn begins(long: &str, short: &str) -> bool {
    short.chars().count() >= 3 && long.starts_with(short)
}

/// True when `short` is `long` with inner letters left out, as "utd" is "united": first and last letter kept.
fn contracts(long: &str, short: &str) -> bool {
    if short.chars().count() < 3
        || long.chars().next() != short.chars().next()
        || long.chars().last() != short.chars().last()
    {
        return false;
    }
    let mut letters = long.chars();
    short.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::Name;
    use rstest::rstest;

    fn similarity(one: &str, other: &str) -> f64 {
        Name::of(one).similarity(&Name::of(other))
    }

    #[rstest]
    #[case("Atlético Madrid", "Atletico Madrid")]
    #[case("Chelsea FC", "Chelsea")]
    #[case("1. FC Köln", "1 FC KOLN")]
    #[case("Bodø/Glimt", "Bodo Glimt")]
    #[case("O'Higgins", "O\u{2019}Higgins")]
    #[case("Arsenal W", "Arsenal Women")]
    fn spelling_accents_and_club_suffixes_do_not_make_another_name(#[case] one: &str, #[case] other: &str) {
        assert!(
            (similarity(one, other) - 1.0).abs() < f64::EPSILON,
            "{one} / {other}: {}",
            similarity(one, other)
        );
    }

    #[rstest]
    #[case("Arsenal", "Arsenal Women")]
    #[case("Spain", "Spain U21")]
    #[case("Spain U19", "Spain U21")]
    #[case("Barcelona", "Barcelona B")]
    #[case("Ken Griffey", "Ken Griffey Jr.")]
    #[case("Ajax", "Ajax Reserves")]
    fn women_youth_reserves_and_juniors_are_never_alike_to_the_rest(#[case] one: &str, #[case] other: &str) {
        assert!(similarity(one, other).abs() < f64::EPSILON);
    }

    #[rstest]
    #[case("Man Utd", "Manchester United")]
    #[case("LA Clippers", "Los Angeles Clippers")]
    #[case("Wolverhampton", "Wolverhampton Wanderers")]
    fn usual_abbreviations_are_alike_enough_to_suggest(#[case] one: &str, #[case] other: &str) {
        let score = similarity(one, other);
        assert!((0.6..1.0).contains(&score), "{score}");
    }

    #[rstest]
    #[case("Manchester United", "Newcastle")]
    #[case("LA Lakers", "Los Angeles Clippers")]
    #[case("", "")]
    fn different_names_are_not_alike(#[case] one: &str, #[case] other: &str) {
        assert!(similarity(one, other) < 0.6, "{}", similarity(one, other));
    }
}

//! How long something took or is, as people say it.

/// A number of seconds in one unit, cut: `59 s`, `4 min`, `3 h`, `2 d`. Before and after are not told apart.
///
/// ```
/// assert_eq!(domain::span(239), "3 min");
/// assert_eq!(domain::span(-7200), "2 h");
/// ```
pub fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

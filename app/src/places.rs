//! Where the keyboard leads: `g` and a letter.

/// The letter, the path and the name of each place.
pub const PLACES: [(char, &str, &str); 11] = [
    ('t', "/", "Today"),
    ('g', "/games", "Games"),
    ('o', "/opportunities", "Opportunities"),
    ('b', "/bets", "Bets"),
    ('m', "/bankroll", "Bankroll"),
    ('p', "/performance", "Performance"),
    ('r', "/strategies", "Strategies"),
    ('c', "/calculators", "Calculators"),
    ('h', "/health", "Health"),
    ('i', "/issues", "Issues"),
    ('s', "/settings", "Settings"),
];

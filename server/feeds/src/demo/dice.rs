//! Chance without state: every draw is a hash of the seed and of what the draw is about, so any moment of the world can
//! be computed on its own, in any order.

/// A source of chance about one thing. Narrow it with [`Dice::about`]; draw from it as often as wanted, the draw stays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

/// What a draw is about. Two draws about different things are independent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    Competition,
    Game,
    Strength,
    Order,
    Start,
    Fate,
    Course,
    News,
    Total,
    Lag,
    Opinion,
    Opening,
    Phase,
    Freeze,
    Withdrawal,
    Mistake,
    SoftSpot,
    Flicker,
}

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// Chance about one topic.
    pub(super) const fn on(self, topic: Topic) -> Self {
        self.about(-1 - topic as i64)
    }

    /// Chance about the thing with this number.
    pub(super) const fn about(self, number: i64) -> Self {
        Self(mix(self.0 ^ mix(number.cast_unsigned())))
    }

    /// The bits themselves.
    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    /// From 0 (included) to 1 (excluded).
    pub(super) fn unit(self) -> f64 {
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(super) fn chance(self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(self, low: i64, high: i64) -> i64 {
        low + (self.0 >> 2).cast_signed() % (high - low + 1).max(1)
    }

    /// From the standard normal distribution, cut at three.
    pub(super) fn normal(self) -> f64 {
        let radius = (-2.0 * self.about(1).unit().max(1e-12).ln()).sqrt();
        (radius * (std::f64::consts::TAU * self.about(2).unit()).cos()).clamp(-3.0, 3.0)
    }
}

/// The finalizer of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
const fn mix(value: u64) -> u64 {
    let mut bits = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "prices, lines and goals are far inside the range"
)]
pub(super) fn whole(value: f64) -> i64 {
    value.round() as i64
}

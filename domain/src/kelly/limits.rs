//! What tempers full Kelly.

use super::KellyError;

/// A fraction of Kelly, and caps as shares of the bankroll. The default limits nothing.
///
/// The shares are the best that the caps allow, not the unlimited ones cut down: what one bet may not take can go to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// How much of full Kelly, above 0 and at most 1: a half risks less for three quarters of the growth.
    pub fraction: f64,
    /// The most on any one bet.
    pub per_bet: f64,
    /// The most on all bets together.
    pub total: f64,
    /// Bets that may fail together.
    pub groups: Vec<Group>,
}

/// Bets whose stakes together have a cap, for they may fail together: on one game, one team, one weather.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Which bets, by their place in the order given.
    pub members: Vec<usize>,
    /// The most on all of them together.
    pub cap: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fraction: 1.0,
            per_bet: 1.0,
            total: 1.0,
            groups: Vec::new(),
        }
    }
}

/// A cap on the sum of some shares.
#[derive(Clone, Debug)]
pub(super) struct Cap {
    pub(super) members: Vec<usize>,
    pub(super) most: f64,
}

impl Limits {
    /// A fraction of Kelly without caps.
    pub fn fraction(fraction: f64) -> Self {
        Self {
            fraction,
            ..Self::default()
        }
    }

    /// A share of one bet by itself, within these limits; groups do not matter to it.
    ///
    /// ```
    /// let limits = domain::kelly::Limits { per_bet: 0.02, ..domain::kelly::Limits::fraction(0.5) };
    /// assert_eq!(limits.apply(0.03), Ok(0.015));
    /// assert_eq!(limits.apply(0.10), Ok(0.02));
    /// ```
    ///
    /// # Errors
    /// [`KellyError::NotShares`] for what is no share; [`KellyError::LimitOutOfRange`].
    pub fn apply(&self, share: f64) -> Result<f64, KellyError> {
        self.check(0)?;
        if !(0.0..=1.0).contains(&share) {
            return Err(KellyError::NotShares);
        }
        Ok((share * self.fraction).min(self.per_bet).min(self.total))
    }

    pub(super) fn check(&self, bets: usize) -> Result<(), KellyError> {
        let caps = self.groups.iter().map(|group| group.cap);
        let mut all = [self.fraction, self.per_bet, self.total].into_iter().chain(caps);
        if !all.all(|limit| limit > 0.0 && limit <= 1.0) {
            return Err(KellyError::LimitOutOfRange);
        }
        let mut members = self.groups.iter().flat_map(|group| &group.members);
        if bets > 0 && members.any(|member| *member >= bets) {
            return Err(KellyError::NoSuchBet);
        }
        Ok(())
    }

    /// The caps, on the bets with the given places among all: those on each bet, on groups, on everything.
    fn caps_on(&self, bets: &[usize]) -> Vec<Cap> {
        let one = |bet| Cap {
            members: vec![bet],
            most: self.per_bet,
        };
        let group = |group: &Group| Cap {
            members: (0..bets.len())
                .filter(|at| group.members.contains(&bets[*at]))
                .collect(),
            most: group.cap,
        };
        let all = Cap {
            members: (0..bets.len()).collect(),
            most: self.total,
        };
        let on_any = |cap: &Cap| !cap.members.is_empty();
        let each = (0..bets.len()).map(one);
        each.chain(self.groups.iter().map(group))
            .chain([all])
            .filter(on_any)
            .collect()
    }

    /// The caps on whole stakes.
    pub(super) fn caps(&self, bets: usize) -> Vec<Cap> {
        self.caps_on(&(0..bets).collect::<Vec<_>>())
    }

    /// The caps that full Kelly must keep for its fraction to keep the real ones. Nothing can cost more than the bankroll.
    pub(super) fn full_kelly_caps(&self, bets: &[usize]) -> Vec<Cap> {
        let of_full = |cap: Cap| Cap {
            most: (cap.most / self.fraction).min(1.0),
            ..cap
        };
        self.caps_on(bets).into_iter().map(of_full).collect()
    }
}

impl Cap {
    pub(super) fn is_broken_by(&self, shares: &[f64]) -> bool {
        self.members.iter().map(|bet| shares[*bet]).sum::<f64>() > self.most * (1.0 + 1e-12)
    }
}

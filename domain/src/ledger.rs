//! Money as double entry: every change is an entry whose lines sum to zero in each account.
//!
//! An account is money at one bookmaker, or outside of all, in one currency. Its parts hold what it is for: `cash` and `stake` are
//! what is owned, free and in open bets; the others say where it came from. So cash and stake together always equal what the other
//! parts sum to with the opposite sign, and a balance at any date is the sum of the lines up to it.
//!
//! What a bet does to an account is a function of its [`BetMoney`] alone ([`postings`]). A change posts the difference of two such
//! states, so any order of placing, cashing out, settling and regrading leaves what the last state alone would have left.

use crate::AccountId;
use crate::market::codes;
use serde::{Deserialize, Serialize};

codes! {
    /// What a line of an account is for.
    Part {
        /// Free money.
        Cash = "cash", "Cash";
        /// Money in open bets.
        Stake = "stake", "Open stakes";
        /// Paid in or out.
        Outside = "outside", "Paid in and out";
        /// Moved from or to another account.
        Transfer = "transfer", "Transfers";
        /// Won and lost.
        Result = "result", "Won and lost";
        /// Charged on winnings.
        Commission = "commission", "Commission";
        /// Given by a bookmaker.
        Bonus = "bonus", "Bonuses";
        /// Put right by hand.
        Correction = "correction", "Corrections";
    }
}

codes! {
    /// Why an entry was made.
    EntryKind {
        /// Money paid in.
        Deposit = "deposit", "Deposit";
        /// Money paid out.
        Withdrawal = "withdrawal", "Withdrawal";
        /// Money moved between accounts.
        Transfer = "transfer", "Transfer";
        /// Money given by a bookmaker.
        Bonus = "bonus", "Bonus";
        /// A balance put right.
        Correction = "correction", "Correction";
        /// A stake.
        Placement = "placement", "Bet placed";
        /// A part of a bet sold.
        CashOut = "cash_out", "Cash-out";
        /// A return.
        Settlement = "settlement", "Bet settled";
        /// A settlement or placement taken back.
        Reversal = "reversal", "Taken back";
    }
}

/// One line of an entry, in minor units of the account's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which account.
    pub account: AccountId,
    /// What for.
    pub part: Part,
    /// How much more, or below zero less.
    pub minor: i64,
}

/// Lines that balance. There is no other way to make one than [`Balanced::new`], so nothing else reaches the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Balanced(Vec<Line>);

/// The lines do not sum to zero in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entry does not balance in account {0}")]
pub struct Unbalanced(pub AccountId);

impl Balanced {
    /// Lines without those of nothing, if they sum to zero in each account.
    ///
    /// # Errors
    /// [`Unbalanced`] names the account.
    pub fn new(mut lines: Vec<Line>) -> Result<Self, Unbalanced> {
        lines.retain(|line| line.minor != 0);
        for line in &lines {
            let of_account = lines.iter().filter(|other| other.account == line.account);
            if of_account.map(|line| i128::from(line.minor)).sum::<i128>() != 0 {
                return Err(Unbalanced(line.account));
            }
        }
        Ok(Self(lines))
    }

    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// True when nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Money that comes from outside, is given or put right, into cash; below zero out of it.
    pub fn into_cash(account: AccountId, from: Part, minor: i64) -> Self {
        Self(two(account, from, minor))
    }

    /// Money that leaves one account and arrives at another, in each one's currency.
    pub fn transfer(from: AccountId, left: i64, to: AccountId, arrived: i64) -> Self {
        let mut lines = two(from, Part::Transfer, -left);
        lines.extend(two(to, Part::Transfer, arrived));
        Self(lines)
    }
}

fn two(account: AccountId, from: Part, minor: i64) -> Vec<Line> {
    let line = |part, minor| Line { account, part, minor };
    vec![line(Part::Cash, minor), line(from, -minor)]
}

/// What an account's money does for a bet, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BetMoney {
    /// What was put at risk when it was placed.
    pub at_risk: i64,
    /// What of that is still at risk.
    pub left: i64,
    /// What came back so far.
    pub payout: i64,
    /// What was charged.
    pub commission: i64,
}

/// The lines between two states of a bet's money; from nothing to a placed bet, and so on.
///
/// ```
/// use domain::AccountId;
/// use domain::ledger::{BetMoney, Part, postings};
/// let open = BetMoney { at_risk: 10_00, left: 10_00, ..BetMoney::default() };
/// let won = BetMoney { left: 0, payout: 19_50, ..open };
/// let entry = postings(AccountId(1), open, won);
/// let of = |part| entry.lines().iter().find(|line| line.part == part).map(|line| line.minor);
/// assert_eq!((of(Part::Cash), of(Part::Stake), of(Part::Result)), (Some(19_50), Some(-10_00), Some(-9_50)));
/// ```
pub fn postings(account: AccountId, before: BetMoney, after: BetMoney) -> Balanced {
    let at = |money: BetMoney| {
        let cash = money.payout - money.at_risk - money.commission;
        // What has come back, less what was at risk for it.
        let result = money.payout - (money.at_risk - money.left);
        [
            (Part::Cash, cash),
            (Part::Stake, money.left),
            (Part::Result, -result),
            (Part::Commission, money.commission),
        ]
    };
    let lines = at(before)
        .into_iter()
        .zip(at(after))
        .map(|((part, before), (_, after))| Line {
            account,
            part,
            minor: after - before,
        })
        .filter(|line| line.minor != 0)
        .collect();
    Balanced(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn sums(entries: &[Balanced]) -> BTreeMap<Part, i64> {
        let mut sums = BTreeMap::new();
        for line in entries.iter().flat_map(Balanced::lines) {
            *sums.entry(line.part).or_default() += line.minor;
        }
        sums.retain(|_, minor| *minor != 0);
        sums
    }

    fn any_money() -> impl Strategy<Value = BetMoney> {
        (0_i64..1_000_000, 0_i64..1_000_000, 0_i64..5_000_000, 0_i64..10_000).prop_map(
            |(at_risk, left, payout, commission)| BetMoney {
                at_risk,
                left: left.min(at_risk),
                payout,
                commission,
            },
        )
    }

    proptest! {
        #[test]
        fn any_sequence_of_states_balances_and_leaves_what_the_last_one_alone_would(states in proptest::collection::vec(any_money(), 1..12)) {
            let account = AccountId(7);
            let mut before = BetMoney::default();
            let mut entries = Vec::new();
            for state in &states {
                entries.push(postings(account, before, *state));
                before = *state;
            }
            for entry in &entries {
                prop_assert!(Balanced::new(entry.lines().to_vec()).is_ok());
            }
            let alone = postings(account, BetMoney::default(), before);
            prop_assert_eq!(sums(&entries), sums(&[alone]));
        }

        #[test]
        fn settling_twice_and_taking_back_change_nothing(open in any_money(), settled in any_money()) {
            let account = AccountId(7);
            prop_assert!(postings(account, settled, settled).is_empty());
            let there_and_back = [postings(account, open, settled), postings(account, settled, open)];
            prop_assert!(sums(&there_and_back).is_empty());
        }
    }

    #[test]
    fn lines_that_do_not_balance_make_no_entry() {
        let line = |account, part, minor| Line {
            account: AccountId(account),
            part,
            minor,
        };
        let across = vec![line(1, Part::Cash, -5), line(2, Part::Cash, 5)];
        assert_eq!(Balanced::new(across), Err(Unbalanced(AccountId(1))));
        let within = vec![line(1, Part::Cash, 5), line(1, Part::Bonus, -5), line(2, Part::Cash, 0)];
        assert_eq!(Balanced::new(within).unwrap().lines().len(), 2);
        assert_eq!(
            Balanced::transfer(AccountId(1), 100, AccountId(2), 117).lines().len(),
            4
        );
    }
}

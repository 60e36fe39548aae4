//! Live news: what changed, told to every open page and to programs, with numbers so that a client can resume.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// How many messages are remembered for clients that come back.
const REMEMBERED: usize = 1024;

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Prices, score or status of an event changed.
    Board {
        /// Which event.
        event_id: domain::EventId,
    },
    /// Opportunities opened, changed or closed.
    Opportunities,
    /// Bets or the money behind them changed.
    Bets,
    /// A feed failed or recovered.
    Health,
    /// More happened than is remembered: read everything again.
    Reset,
}

/// News with its number.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// Rises by one with each message of this process.
    pub id: u64,
    /// The message.
    pub news: News,
}

/// The hub: producers tell, streams listen.
#[derive(Clone)]
pub struct Live(Arc<Hub>);

struct Hub {
    sender: broadcast::Sender<Numbered>,
    past: Mutex<(u64, VecDeque<Numbered>)>,
}

impl Live {
    /// A hub whose numbers start after `first`. A process takes the time of its start in milliseconds, so that a client that
    /// comes back to a new process with an old number is told to read everything again.
    pub fn starting_at(first: u64) -> Self {
        let (sender, _) = broadcast::channel(REMEMBERED);
        Self(Arc::new(Hub {
            sender,
            past: Mutex::new((first, VecDeque::new())),
        }))
    }

    /// Tells everyone who listens.
    pub fn tell(&self, news: News) {
        let mut past = self.0.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.0 += 1;
        let numbered = Numbered { id: past.0, news };
        if past.1.len() == REMEMBERED {
            past.1.pop_front();
        }
        past.1.push_back(numbered.clone());
        // Sent under the lock so that numbers arrive in order. No listener is no error.
        let _ = self.0.sender.send(numbered);
    }

    /// What was told after a number, and everything from now on. A client that missed more than is remembered, or comes
    /// from another process's numbers, is told to read everything again.
    pub fn listen(&self, last_seen: Option<u64>) -> (Vec<Numbered>, broadcast::Receiver<Numbered>) {
        let past = self.0.past.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.0.sender.subscribe();
        let Some(last_seen) = last_seen else {
            return (Vec::new(), receiver);
        };
        let oldest = past.1.front().map_or(past.0 + 1, |numbered| numbered.id);
        let missed = if last_seen > past.0 || last_seen + 1 < oldest {
            vec![Numbered {
                id: past.0,
                news: News::Reset,
            }]
        } else {
            past.1
                .iter()
                .filter(|numbered| numbered.id > last_seen)
                .cloned()
                .collect()
        };
        (missed, receiver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_comes_back_hears_what_it_missed_or_is_told_to_read_everything() {
        let live = Live::starting_at(100);
        for _ in 0..3 {
            live.tell(News::Opportunities);
        }
        let ids = |last| {
            live.listen(last)
                .0
                .iter()
                .map(|numbered| numbered.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(None), Vec::<u64>::new());
        assert_eq!(ids(Some(101)), [102, 103]);
        assert_eq!(live.listen(Some(999)).0[0].news, News::Reset);
        assert_eq!(
            live.listen(Some(7)).0[0].news,
            News::Reset,
            "a number of an earlier process"
        );
        for _ in 0..REMEMBERED {
            live.tell(News::Health);
        }
        assert_eq!(live.listen(Some(101)).0[0].news, News::Reset);
    }
}

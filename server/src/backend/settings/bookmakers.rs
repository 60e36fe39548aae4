//! The bookmakers that a user can use, and what they take.

use crate::backend::{RequestBackend, failed};
use app::AppError;
use app::pages::settings::bookmakers::{BookmakerForm, BookmakerSettings, BookmakersPort};
use async_trait::async_trait;
use domain::BookmakerId;
use domain::bookmaker::BettingTerms;
use std::collections::{HashMap, HashSet};
use store::{BookmakerChoice, UserRole};

/// All of what is won.
const ALL_BP: u16 = 10_000;

impl RequestBackend {
    async fn bookmaker_choices(&self) -> Result<HashMap<BookmakerId, BookmakerChoice>, AppError> {
        let user = self.reader().await?.id();
        let choices = self.state.store.bookmaker_choices(user).await.map_err(failed)?;
        Ok(choices
            .into_iter()
            .map(|choice| (choice.bookmaker_id, choice))
            .collect())
    }

    /// Of these bookmakers those that the reader can bet at: all but the ones ruled out.
    pub(in crate::backend) async fn usable(
        &self,
        bookmakers: impl Iterator<Item = BookmakerId> + Send,
    ) -> Result<Vec<BookmakerId>, AppError> {
        let choices = self.bookmaker_choices().await?;
        Ok(bookmakers
            .filter(|id| choices.get(id).is_none_or(|choice| choice.is_usable))
            .collect())
    }
}

#[async_trait]
impl BookmakersPort for RequestBackend {
    async fn bookmakers(&self) -> Result<Vec<BookmakerSettings>, AppError> {
        let choices = self.bookmaker_choices().await?;
        let profiles = self.state.store.bookmakers().await.map_err(failed)?;
        Ok(profiles
            .into_iter()
            .map(|profile| {
                let choice = choices.get(&profile.id);
                BookmakerSettings {
                    is_usable: choice.is_none_or(|choice| choice.is_usable),
                    commission_bp: choice
                        .and_then(|choice| choice.commission_bp)
                        .unwrap_or(profile.commission_bp),
                    terms: choice.and_then(|choice| choice.terms).unwrap_or_default(),
                    profile,
                }
            })
            .collect())
    }

    async fn save_bookmakers(&self, books: Vec<BookmakerForm>) -> Result<(), AppError> {
        let user = self.writer_as(UserRole::Member).await?;
        let profiles = self.state.store.bookmakers().await.map_err(failed)?;
        let usual: HashMap<BookmakerId, u16> = profiles
            .iter()
            .map(|profile| (profile.id, profile.commission_bp))
            .collect();
        let mut named = HashSet::new();
        for (at, book) in books.iter().enumerate() {
            if !usual.contains_key(&book.id) || !named.insert(book.id) {
                return Err(AppError::NotFound);
            }
            if book.commission_bp > ALL_BP {
                let field = format!("books[{at}][commission]");
                return Err(AppError::field(
                    field,
                    "A commission is from 0 to 100 percent of what is won.",
                ));
            }
        }
        for book in books {
            // What is as usual is not written down, so that it follows when the usual changes.
            let own = usual.get(&book.id).is_none_or(|usual| *usual != book.commission_bp);
            let choice = BookmakerChoice {
                bookmaker_id: book.id,
                is_usable: book.is_usable,
                commission_bp: own.then_some(book.commission_bp),
                terms: Some(book.terms).filter(|terms| *terms != BettingTerms::default()),
            };
            self.state
                .store
                .set_bookmaker_choice(user.id, choice)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

//! `reviews`: identity questions that wait for a person.

use super::extract::{Json, Meta, Path, Query, read_after, read_code, read_limit};
use crate::http::errors::{ApiError, ApiResult};
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{EventId, ParticipantId, ReviewId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Decision, NewReview, Review, ReviewState, StoreError, UserRole};
use utoipa::{IntoParams, ToSchema};

/// Which questions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewsQuery {
    /// `open` (usual), `linked`, `created`, `dismissed` or `all`.
    pub state: Option<String>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of questions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewsAnswer {
    /// Oldest first.
    pub reviews: Vec<ReviewRow>,
    /// How to go on.
    pub meta: Meta,
}

/// An identity question, and perhaps its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReviewRow {
    /// Its number.
    pub id: i64,
    /// From which feed.
    pub feed: String,
    /// The feed's id of the event in question.
    pub feed_id: String,
    /// The competition, where that is known.
    pub competition_id: Option<i64>,
    /// What the feed said of it.
    pub reading: serde_json::Value,
    /// What it could be, best first; never applied without a person.
    pub suggestions: serde_json::Value,
    /// `open`, `linked`, `created` or `dismissed`.
    pub state: &'static str,
    /// When it came up.
    pub created_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// By which user.
    pub decided_by: Option<i64>,
}

fn review_row(review: Review) -> ReviewRow {
    let Review {
        id,
        feed,
        question,
        state,
        decided_at,
        decided_by,
    } = review;
    let NewReview {
        feed_id,
        competition_id,
        reading,
        suggestions,
        created_at,
    } = question;
    ReviewRow {
        id: id.0,
        feed,
        feed_id,
        competition_id: competition_id.map(|id| id.0),
        reading,
        suggestions,
        state: state.code(),
        created_at,
        decided_at,
        decided_by: decided_by.map(|id| id.0),
    }
}

/// List identity questions.
#[utoipa::path(get, path = "/api/v1/reviews", operation_id = "list_reviews", tag = "reviews", params(ReviewsQuery), responses((status = 200, body = ReviewsAnswer)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Query(query): Query<ReviewsQuery>,
) -> ApiResult<axum::Json<ReviewsAnswer>> {
    let ReviewsQuery {
        state: wanted,
        limit,
        after,
    } = query;
    let wanted = read_code(
        "state",
        wanted.as_deref(),
        "open, linked, created, dismissed or all",
        |code| match code {
            "all" => Some(None),
            code => ReviewState::from_code(code).map(Some),
        },
    )?;
    let wanted = wanted.unwrap_or(Some(ReviewState::Open));
    let page = state
        .store
        .reviews(wanted, read_after(after.as_deref())?, read_limit(limit)?)
        .await?;
    Ok(axum::Json(ReviewsAnswer {
        reviews: page.items.into_iter().map(review_row).collect(),
        meta: Meta::new(page.next),
    }))
}

/// What a person decides.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideBody {
    /// What it is.
    pub decision: DecisionKind,
    /// For `link`: which event it is.
    pub event_id: Option<i64>,
    /// For `link`: the feed's names that are confirmed from now on.
    #[serde(default)]
    pub aliases: Vec<AliasBody>,
}

/// The kinds of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// It is an event that is known.
    Link,
    /// It is a new event.
    Create,
    /// Leave it alone.
    Dismiss,
}

/// A name and whose it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasBody {
    /// As the feed writes it.
    pub name: String,
    /// The participant's number.
    pub participant_id: i64,
}

/// How a question stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecidedAnswer {
    /// The question's number.
    pub id: i64,
    /// `open`, `linked`, `created` or `dismissed`.
    pub state: &'static str,
}

/// More aliases than an event has participants make no sense.
const MOST_ALIASES: usize = 100;

fn read_decision(body: DecideBody) -> ApiResult<(Decision, ReviewState)> {
    let DecideBody {
        decision,
        event_id,
        aliases,
    } = body;
    if decision != DecisionKind::Link && (event_id.is_some() || !aliases.is_empty()) {
        return Err(ApiError::field(
            "event_id",
            "an event and aliases go with the decision link alone",
        ));
    }
    if aliases.len() > MOST_ALIASES
        || aliases
            .iter()
            .any(|alias| alias.name.trim().is_empty() || alias.name.chars().any(char::is_control))
    {
        return Err(ApiError::field(
            "aliases",
            format!("use at most {MOST_ALIASES} names, none of them empty"),
        ));
    }
    Ok(match decision {
        DecisionKind::Link => {
            let event_id = event_id.ok_or_else(|| ApiError::field("event_id", "say which event it is"))?;
            let aliases = aliases
                .into_iter()
                .map(|alias| (alias.name, ParticipantId(alias.participant_id)))
                .collect();
            (
                Decision::Link {
                    event_id: EventId(event_id),
                    aliases,
                },
                ReviewState::Linked,
            )
        }
        DecisionKind::Create => (Decision::Create, ReviewState::Created),
        DecisionKind::Dismiss => (Decision::Dismiss, ReviewState::Dismissed),
    })
}

/// Decide an identity question.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/decide", operation_id = "decide_review", tag = "reviews", params(("id" = i64, Path, description = "The question's number")),
    request_body = DecideBody, responses((status = 200, body = DecidedAnswer)))]
pub(super) async fn decide(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<DecideBody>,
) -> ApiResult<axum::Json<DecidedAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let (decision, decided) = read_decision(body)?;
    let now = state.clock.now();
    let is_done = state
        .store
        .decide_review(ReviewId(id), &decision, viewer.id(), now)
        .await
        .map_err(|error| match error {
            StoreError::Conflict { .. } => ApiError::field(
                "event_id",
                "there is no such event or participant, or the feed's id leads elsewhere already",
            ),
            other => other.into(),
        })?;
    if !is_done {
        return Err(ApiError::not_found("open question"));
    }
    let what = json!({"decision": decided.code()});
    state
        .store
        .audit(now, Some(viewer.id()), "decide_review", &format!("review:{id}"), &what)
        .await?;
    Ok(axum::Json(DecidedAnswer {
        id,
        state: decided.code(),
    }))
}

/// Take the decision of an identity question back.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/undo", operation_id = "undo_review", tag = "reviews", params(("id" = i64, Path, description = "The question's number")),
    responses((status = 200, body = DecidedAnswer)))]
pub(super) async fn undo(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<DecidedAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let now = state.clock.now();
    if !state.store.undo_review(ReviewId(id), viewer.id(), now).await? {
        return Err(ApiError::not_found("decided question"));
    }
    state
        .store
        .audit(
            now,
            Some(viewer.id()),
            "undo_review",
            &format!("review:{id}"),
            &json!({}),
        )
        .await?;
    Ok(axum::Json(DecidedAnswer {
        id,
        state: ReviewState::Open.code(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: serde_json::Value) -> Result<Decision, Option<String>> {
        let body = serde_json::from_value(body).map_err(|_| None)?;
        read_decision(body)
            .map(|(decision, _)| decision)
            .map_err(|error| error.entries()[0].field.clone())
    }

    #[test]
    fn a_decision_carries_what_it_needs_and_nothing_else() {
        assert_eq!(read(json!({"decision": "create"})), Ok(Decision::Create));
        let link = json!({"decision": "link", "event_id": 3, "aliases": [{"name": "Utd", "participant_id": 4}]});
        let aliases = vec![("Utd".to_owned(), ParticipantId(4))];
        assert_eq!(
            read(link),
            Ok(Decision::Link {
                event_id: EventId(3),
                aliases
            })
        );
        assert_eq!(read(json!({"decision": "link"})), Err(Some("event_id".into())));
        assert_eq!(
            read(json!({"decision": "dismiss", "event_id": 3})),
            Err(Some("event_id".into()))
        );
        let unnamed = json!({"decision": "link", "event_id": 3, "aliases": [{"name": " ", "participant_id": 4}]});
        assert_eq!(read(unnamed), Err(Some("aliases".into())));
        assert_eq!(read(json!({"decision": "guess"})), Err(None));
        assert_eq!(read(json!({"decision": "create", "force": true})), Err(None));
    }
}

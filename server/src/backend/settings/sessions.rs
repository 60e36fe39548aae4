//! Where the account is signed in.

use crate::backend::{RequestBackend, failed};
use crate::http::sessions::id_hash;
use app::AppError;
use app::pages::settings::sessions::{SessionRow, SessionsPort};
use async_trait::async_trait;
use chrono::Duration;
use serde_json::json;

/// A number for a session, from the hash of its id: it opens nothing, and a script's number holds it exactly.
fn number(id_hash: &str) -> i64 {
    id_hash
        .get(..13)
        .and_then(|digits| i64::from_str_radix(digits, 16).ok())
        .unwrap_or_default()
}

/// Browser and system in a few words. Order matters: every browser also claims to be the ones before it.
fn device(agent: Option<&str>) -> String {
    const BROWSERS: [(&str, &str); 7] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let agent = agent.unwrap_or_default();
    let name = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (name(&BROWSERS), name(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => {
            let product = agent.split(['/', ' ']).next().unwrap_or_default();
            if product.is_empty() {
                "Unknown device".to_owned()
            } else {
                product.chars().take(40).collect()
            }
        }
    }
}

impl RequestBackend {
    fn this_session(&self) -> Option<String> {
        self.session.as_ref()?.id().map(id_hash)
    }
}

#[async_trait]
impl SessionsPort for RequestBackend {
    async fn sessions(&self) -> Result<Vec<SessionRow>, AppError> {
        let user = self.writer().await?;
        let this = self.this_session();
        let longest = Duration::days(self.state.config.session_max_days);
        let stored = self
            .state
            .store
            .list_sessions(user.id, self.now())
            .await
            .map_err(failed)?;
        let mut rows: Vec<SessionRow> = stored
            .into_iter()
            .map(|session| SessionRow {
                id: number(&session.id_hash),
                is_this: this.as_ref() == Some(&session.id_hash),
                device: device(session.user_agent.as_deref()),
                address: session.address.unwrap_or_default(),
                created_at: session.created_at,
                last_used_at: session.seen_at,
                expires_at: session.expires_at.min(session.created_at + longest),
            })
            .collect();
        // The store has the latest used first; the sort keeps that among the others.
        rows.sort_by_key(|row| !row.is_this);
        Ok(rows)
    }

    async fn revoke_session(&self, id: i64) -> Result<(), AppError> {
        let user = self.writer().await?;
        let stored = self
            .state
            .store
            .list_sessions(user.id, self.now())
            .await
            .map_err(failed)?;
        let session = stored
            .into_iter()
            .find(|session| number(&session.id_hash) == id)
            .ok_or(AppError::NotFound)?;
        if self.this_session().as_ref() == Some(&session.id_hash) {
            return Err(AppError::Invalid {
                field: None,
                message: "This is the session you are using; sign out instead.".to_owned(),
            });
        }
        self.state
            .store
            .revoke_session(user.id, &session.id_hash)
            .await
            .map_err(failed)?;
        self.audit(user, "revoke_session", format!("user:{}", user.id), json!({}))
            .await
    }

    async fn revoke_other_sessions(&self) -> Result<(), AppError> {
        let user = self.writer().await?;
        let this = self.this_session();
        let ended = self
            .state
            .store
            .revoke_other_sessions(user.id, this.as_deref())
            .await
            .map_err(failed)?;
        self.audit(
            user,
            "revoke_other_sessions",
            format!("user:{}", user.id),
            json!({"ended": ended}),
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_in_a_few_words() {
        let named = |agent: &str| device(Some(agent));
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
        assert_eq!(named(chrome), "Chrome on Linux");
        assert_eq!(named(&format!("{chrome} Edg/130.0")), "Edge on Linux");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(named(safari), "Safari on iPhone");
        assert_eq!(named("curl/8.9.1"), "curl");
        assert_eq!(device(None), "Unknown device");
    }

    #[test]
    fn a_sessions_number_is_exact_in_a_script() {
        let hash = "f".repeat(64);
        assert!(number(&hash) < 1 << 53);
        assert_ne!(number(&hash), number(&format!("e{}", &hash[1..])));
    }
}

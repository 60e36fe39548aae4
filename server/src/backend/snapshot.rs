//! What one fetch returned.

use super::{RequestBackend, count, failed};
use app::AppError;
use app::pages::snapshot::{SnapshotPort, SnapshotView};
use async_trait::async_trait;
use domain::SnapshotId;

/// The longest body that is shown, in bytes.
const SHOWN: usize = 256 * 1024;

/// The beginning of a body as text, and whether more follows. Bytes that are no text show as such.
fn beginning(body: &[u8]) -> (String, bool) {
    let is_cut = body.len() > SHOWN;
    let mut end = body.len().min(SHOWN);
    // Not through the middle of a letter: those have at most three bytes that continue one.
    while is_cut && end + 3 > SHOWN && body.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    (String::from_utf8_lossy(&body[..end]).into_owned(), is_cut)
}

#[async_trait]
impl SnapshotPort for RequestBackend {
    async fn snapshot(&self, id: SnapshotId) -> Result<SnapshotView, AppError> {
        self.reader().await?;
        let snapshot = self
            .state
            .store
            .snapshot(id)
            .await
            .map_err(failed)?
            .ok_or(AppError::NotFound)?;
        let body = self.state.store.snapshot_body(id).await.map_err(failed)?;
        let shown = body.map(|body| beginning(&body));
        Ok(SnapshotView {
            id,
            feed: snapshot.source.feed,
            endpoint: snapshot.source.endpoint,
            competition: snapshot.source.competition,
            request: snapshot.source.request,
            received_at: snapshot.source.received_at,
            body_hash: snapshot.body_hash,
            body_bytes: snapshot.body_bytes,
            events: count(snapshot.counts.events),
            quotes: count(snapshot.counts.quotes),
            changes: count(snapshot.counts.changes),
            issues: count(snapshot.counts.issues),
            is_cut: shown.as_ref().is_some_and(|(_, is_cut)| *is_cut),
            body: shown.map(|(text, _)| text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_cut_between_letters() {
        let whole = "\u{20ac}".repeat(SHOWN);
        let (text, is_cut) = beginning(whole.as_bytes());
        assert!(is_cut && text.len() <= SHOWN && text.len() > SHOWN - 4);
        assert!(text.chars().all(|letter| letter == '\u{20ac}'));
    }

    #[test]
    fn a_short_body_is_shown_whole_whatever_its_bytes() {
        assert_eq!(beginning(b"{}"), ("{}".to_owned(), false));
        assert_eq!(beginning(&[0xff, b'a']), ("\u{fffd}a".to_owned(), false));
        assert!(beginning(&vec![0x80; SHOWN + 9]).1);
    }
}

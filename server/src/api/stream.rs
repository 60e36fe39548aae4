//! `stream`: the live stream, as the document describes it; [`crate::http::stream`] answers it outside the time limit.

/// Listen to what changes, as server-sent events.
///
/// Each message has an id; a client that sends it back in `Last-Event-ID` hears what it missed, or is told with
/// `{"type":"reset"}` to read everything again. Others are `{"type":"board","event_id":7}`, `{"type":"opportunities"}` and
/// `{"type":"health"}`.
#[utoipa::path(get, path = "/api/v1/stream", operation_id = "stream", tag = "odds",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The id of the last message heard")),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
#[expect(dead_code, reason = "carries the description; the handler is elsewhere")]
const fn stream() {}

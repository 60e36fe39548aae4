//! The API's document, and a page that makes it readable without any script.

use super::document as described;
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use serde_json::Value;
use std::fmt::Write;

/// `GET /api/v1/openapi.json`
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(described())
}

/// `GET /api/docs`
pub(super) async fn page() -> Html<String> {
    Html(render(&serde_json::to_value(described()).unwrap_or_default()))
}

/// `GET /api/docs.css`
pub(super) async fn style() -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, "private, max-age=3600"),
        ],
        STYLE,
    )
}

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--muted:#566072;background:#fff;color:#12161c}
@media(prefers-color-scheme:dark){:root{--muted:#98a2b3;background:#0d1014;color:#e7eaef}}
body{margin:0 auto;max-width:72rem;padding:24px;font:14px/1.5 system-ui,sans-serif}
h1,h2,h3{line-height:1.25}h2{margin-top:40px}h3{margin:0;font-size:16px}
code,pre{font:13px/1.5 ui-monospace,monospace}code{background:var(--soft);padding:0 4px;border-radius:4px}
pre{background:var(--soft);padding:8px 12px;border-radius:4px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
article{border:1px solid var(--line);border-radius:8px;padding:16px;margin:16px 0;scroll-margin-top:8px}
.method{font-weight:700;margin-right:8px;text-transform:uppercase}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-top:1px solid var(--line)}
caption{text-align:left;color:var(--muted);padding:8px 0 4px}
nav ul{columns:18rem;padding-left:16px}a{color:inherit}
";

/// Text with the letters that mean something in HTML written out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Descriptions are plain text with `code` and paragraphs.
fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs
        .map(|paragraph| format!("<p>{}</p>", inline(paragraph)))
        .collect::<Vec<_>>()
        .concat()
}

fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let part = |(place, part): (usize, &str)| {
        if place % 2 == 1 {
            format!("<code>{}</code>", escape(part))
        } else {
            escape(part)
        }
    };
    parts.map(part).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn entries<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value[key].as_object().into_iter().flatten()
}

/// What a schema allows, in a few words, with links to named ones.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next())
    {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    for combination in ["oneOf", "anyOf", "allOf"] {
        let kinds: Vec<String> = list(schema, combination).map(kind).collect();
        if !kinds.is_empty() {
            return kinds.join(if combination == "allOf" { " and " } else { " or " });
        }
    }
    let values: Vec<String> = list(schema, "enum")
        .filter_map(Value::as_str)
        .map(|value| format!("<code>{}</code>", escape(value)))
        .collect();
    if !values.is_empty() {
        return values.join(" or ");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let format = schema["format"]
        .as_str()
        .map(|format| format!(" ({})", escape(format)))
        .unwrap_or_default();
    if types.is_empty() {
        "any JSON".to_owned()
    } else {
        format!("{}{format}", escape(&types.join(" or ")))
    }
}

fn rows(table: &mut String, caption: &str, rows: impl Iterator<Item = [String; 3]>) {
    let row = |[name, kind, note]: [String; 3]| {
        format!("<tr><td><code>{name}</code></td><td>{kind}</td><td>{note}</td></tr>")
    };
    let rows = rows.map(row).collect::<Vec<_>>().concat();
    if !rows.is_empty() {
        let _ = write!(
            table,
            "<div class=\"scroll\" tabindex=\"0\"><table><caption>{}</caption>{rows}</table></div>",
            escape(caption)
        );
    }
}

/// A command that tries the operation.
fn example(method: &str, path: &str, operation: &Value) -> String {
    let path = list(operation, "parameters")
        .filter(|parameter| parameter["in"] == "path")
        .fold(path.to_owned(), |path, parameter| {
            let name = text(parameter, "name");
            let value = if name == "key" { "the_odds_api" } else { "1" };
            path.replace(&format!("{{{name}}}"), value)
        });
    let method = if method == "get" {
        ""
    } else {
        "-X POST -H \"Content-Type: application/json\" -d '{}' "
    };
    format!("curl {method}-H \"Authorization: Bearer $KEY\" http://127.0.0.1:3000{path}")
}

fn operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    let id = escape(text(operation, "operationId"));
    let _ = write!(
        page,
        "<article id=\"{id}\"><h3><span class=\"method\">{method}</span><code>{}</code></h3>{}{}",
        escape(path),
        prose(text(operation, "summary")),
        prose(text(operation, "description")),
    );
    let parameters = list(operation, "parameters").map(|parameter| {
        let place = text(parameter, "in");
        let need = if parameter["required"] == true {
            ", required"
        } else {
            ""
        };
        let note = format!("{} ({place}{need})", inline(text(parameter, "description")));
        [escape(text(parameter, "name")), kind(&parameter["schema"]), note]
    });
    rows(page, "Parameters", parameters);
    let schemas = |holder: &Value| {
        entries(holder, "content")
            .map(|(form, content)| (form.clone(), kind(&content["schema"])))
            .collect::<Vec<_>>()
    };
    let bodies = schemas(&operation["requestBody"])
        .into_iter()
        .map(|(form, kind)| [escape(&form), kind, String::new()]);
    rows(page, "Body", bodies);
    let responses = entries(operation, "responses").flat_map(|(status, response)| {
        let note = inline(text(response, "description"));
        let bodies = schemas(response);
        let kinds = if response["$ref"].is_string() {
            "<a href=\"#schema-Errors\">Errors</a>".to_owned()
        } else {
            bodies
                .into_iter()
                .map(|(_, kind)| kind)
                .collect::<Vec<_>>()
                .join(" or ")
        };
        [[escape(status), kinds, note]]
    });
    rows(page, "Answers", responses);
    let _ = write!(
        page,
        "<pre>{}</pre></article>",
        escape(&example(method, path, operation))
    );
}

fn schema(page: &mut String, name: &str, schema: &Value) {
    let name = escape(name);
    let _ = write!(
        page,
        "<article id=\"schema-{name}\"><h3>{name}</h3>{}",
        prose(text(schema, "description"))
    );
    let parts = std::iter::once(schema).chain(list(schema, "allOf"));
    let required = |part: &Value, field: &str| list(part, "required").any(|name| name == field);
    let fields = parts.flat_map(|part| {
        entries(part, "properties").map(move |(field, schema)| {
            let need = if required(part, field) { "" } else { " (may be missing)" };
            let example = schema
                .get("example")
                .map(|example| format!(" Example: <code>{}</code>", escape(&example.to_string())));
            let note = format!(
                "{}{need}{}",
                inline(text(schema, "description")),
                example.unwrap_or_default()
            );
            [escape(field), kind(schema), note]
        })
    });
    rows(page, "Fields", fields);
    if schema.get("properties").is_none() {
        let _ = write!(page, "<p>{}</p>", kind(schema));
    }
    page.push_str("</article>");
}

/// The page of a document.
fn render(document: &Value) -> String {
    let operations: Vec<(&String, &String, &Value)> = entries(document, "paths")
        .flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .map(move |(method, operation)| (method, path, operation))
        })
        .collect();
    let title = escape(text(&document["info"], "title"));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>API of {title}</title><link rel=\"stylesheet\" href=\"/api/docs.css\"></head><body><main><h1>JSON API of {title}</h1>{}\
         <p><a href=\"/\">Back to the desk</a>. The same for programs: <a href=\"/api/v1/openapi.json\">openapi.json</a>. \
         Make a key under <a href=\"/settings/api-keys\">Settings, API keys</a>.</p><nav aria-label=\"Operations\"><ul>",
        prose(text(&document["info"], "description")),
    );
    for (method, path, operation) in &operations {
        let (id, path) = (escape(text(operation, "operationId")), escape(path));
        let _ = write!(
            page,
            "<li><a href=\"#{id}\"><span class=\"method\">{method}</span>{path}</a></li>"
        );
    }
    page.push_str("</ul></nav>");
    for tag in list(document, "tags") {
        let _ = write!(page, "<section><h2>{}</h2>", escape(text(tag, "description")));
        for (method, path, found) in &operations {
            if list(found, "tags").any(|name| *name == tag["name"]) {
                operation(&mut page, method, path, found);
            }
        }
        page.push_str("</section>");
    }
    page.push_str("<section><h2>Documents</h2>");
    for (name, found) in entries(&document["components"], "schemas") {
        schema(&mut page, name, found);
    }
    page.push_str("</section></main></body></html>");
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn described_value() -> Value {
        serde_json::to_value(described()).unwrap()
    }

    #[test]
    fn the_page_shows_every_operation_and_every_schema_and_runs_nothing() {
        let document = described_value();
        let page = render(&document);
        for (path, item) in entries(&document, "paths") {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
            for operation in item.as_object().unwrap().values() {
                assert!(page.contains(&format!("<article id=\"{}\">", text(operation, "operationId"))));
            }
        }
        for (name, _) in entries(&document["components"], "schemas") {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
        for forbidden in ["<script", "style=", "onclick", "http://cdn", "https://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn every_link_of_the_page_leads_somewhere_on_it() {
        let page = render(&described_value());
        for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
        }
    }

    #[test]
    fn operations_have_names_of_their_own_and_refuse_alike() {
        let document = described_value();
        let mut names = HashSet::new();
        for (path, item) in entries(&document, "paths") {
            for operation in item.as_object().unwrap().values() {
                assert!(names.insert(text(operation, "operationId").to_owned()), "{path}");
                assert_eq!(
                    operation["responses"]["default"]["$ref"],
                    "#/components/responses/Refusal"
                );
                assert!(list(operation, "tags").count() == 1, "{path}");
            }
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn text_is_never_markup() {
        assert_eq!(escape("<b a=\"1\">'&"), "&lt;b a=&quot;1&quot;&gt;&#39;&amp;");
        assert_eq!(inline("use `<x>` now"), "use <code>&lt;x&gt;</code> now");
    }
}

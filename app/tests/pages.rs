//! The pages as the server sends them, over a made-up backend: finished HTML for everybody, whatever the backend says.

#![expect(clippy::unwrap_used, reason = "helpers of tests say what they expect by unwrapping")]

#[path = "pages/bankroll.rs"]
mod bankroll;
#[path = "pages/bets.rs"]
mod bets;
mod fake;
#[path = "pages/performance.rs"]
mod performance;

use app::Backend;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use fake::{Amount, Fake, Who};
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use rstest::rstest;
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// What came back.
struct Answer {
    status: StatusCode,
    location: Option<String>,
    html: String,
}

/// Listed once: drawing a page while the routes are being listed, as tests at the same time would, may never end.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));

fn router(fake: &Fake) -> Router {
    let options = LeptosOptions::builder().output_name("overround").build();
    let fake = fake.clone();
    let context = move || provide_context::<Arc<dyn Backend>>(Arc::new(fake.clone()));
    let shell_options = options.clone();
    let fallback_options = options.clone();
    Router::new()
        .leptos_routes_with_context(&options, ROUTES.clone(), context.clone(), move || {
            app::shell(shell_options.clone())
        })
        .fallback(leptos_axum::render_app_async_with_context(context, move || {
            app::shell(fallback_options.clone())
        }))
        .with_state(options)
}

fn fake(amount: Amount, who: Who) -> Fake {
    Fake::new(amount, who, "2026-11-21T13:30:05Z".parse().unwrap())
}

/// The router draws pages on threads that outlive a test, so every test uses one runtime.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn send(fake: &Fake, request: Request<Body>) -> Answer {
    RUNTIME.block_on(async {
        let response = router(fake).oneshot(request).await.unwrap();
        let status = response.status();
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|path| path.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        Answer {
            status,
            location,
            // Placeholders for what is not there are the framework's, and nothing that anybody sees.
            html: String::from_utf8(body.to_vec()).unwrap().replace("<!>", ""),
        }
    })
}

fn open(fake: &Fake, path: &str) -> Answer {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap();
    send(fake, request)
}

/// Sends a form as a browser without scripts does.
fn post(fake: &Fake, endpoint: &str, from: &str, form: &str) -> Answer {
    let request = Request::post(format!("/ui/{endpoint}"))
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, format!("http://localhost{from}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    send(fake, request)
}

/// The page that a redirect leads to.
fn follow(fake: &Fake, answer: &Answer) -> Answer {
    assert_eq!(answer.status, StatusCode::FOUND);
    let location = answer.location.as_deref().unwrap();
    open(fake, location.strip_prefix("http://localhost").unwrap_or(location))
}

const PAGES: [&str; 46] = [
    "/",
    "/games",
    "/games?sport=football&q=port&sort=hold&page=2",
    "/games/1",
    "/games/1?as_of=2026-11-21T10:00:00Z",
    "/games/1/prices?market=three_way~full_time~~&outcome=home&side=back&bookmaker=3",
    "/snapshots/77",
    "/opportunities",
    "/opportunities?selected=2&total=250&step=5",
    "/opportunities/1",
    "/opportunities/2",
    "/opportunities?kind=value",
    "/opportunities?kind=middle&max_age=60&min_profit=-2",
    "/bets",
    "/bets?mode=paper&status=open&strategy=2&bookmaker=3&sport=football&market=total&tag=early&from=2026-11-01&to=2026-11-30&q=port&sort=clv&page=2",
    "/bets?status=to_settle",
    "/bets/1",
    "/bets/2",
    "/bets/new",
    "/bets/new?opportunity=2&leg=1",
    "/bets/decisions",
    "/bets/import",
    "/bankroll",
    "/bankroll?on=2026-11-01",
    "/bankroll/ledger",
    "/bankroll/ledger?account=1&after=5.1",
    "/bankroll/limits",
    "/performance",
    "/performance?mode=paper&tag=early&from=2026-11-01",
    "/holds",
    "/strategies",
    "/strategies/new",
    "/strategies/new?kind=value",
    "/strategies/2",
    "/strategies/yaml",
    "/calculators",
    "/calculators/parlay?price_1=2.5&result_1=void",
    "/health",
    "/issues",
    "/issues?kind=line_jump&severity=warning",
    "/settings",
    "/settings/two-factor",
    "/settings/sessions",
    "/settings/api-keys",
    "/settings/feeds",
    "/settings/bookmakers",
];

/// What every finished page is: closed, titled, without anything that waits for a script or breaks the content policy.
fn check_finished(path: &str, html: &str) {
    assert!(html.contains("</body></html>"), "{path} is not finished");
    assert_eq!(html.matches("<h1").count(), 1, "{path} has one heading");
    assert!(
        html.contains("<title>") && !html.contains("<title></title>"),
        "{path} has a title"
    );
    assert!(!html.contains("Loading…"), "{path} waits for a script");
    assert!(!html.contains(" style="), "{path} has inline styles");
    assert!(
        !html.contains("javascript:") && !html.contains(" onclick="),
        "{path} has inline scripts"
    );
    assert!(html.contains("<main"), "{path} has a main landmark");
}

/// Every control of a page has a label that names it.
fn check_labelled(path: &str, html: &str) {
    for tag in html
        .split('<')
        .filter(|tag| tag.starts_with("input") || tag.starts_with("select"))
    {
        let tag = tag.split('>').next().unwrap_or_default();
        if tag.contains("type=\"hidden\"") {
            continue;
        }
        let id = tag.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next());
        let is_labelled = id.is_some_and(|id| html.contains(&format!("for=\"{id}\"")));
        let is_wrapped = tag.contains("class=\"toggle-");
        assert!(
            is_labelled || is_wrapped || tag.contains("aria-label="),
            "{path}: <{tag}> has no label"
        );
    }
}

#[rstest]
fn every_page_is_sent_finished(
    #[values(Amount::Empty, Amount::Full)] amount: Amount,
    #[values(Who::Viewer, Who::Owner)] who: Who,
) {
    let fake = fake(amount, who);
    for path in PAGES
        .into_iter()
        .chain((who == Who::Owner).then_some("/settings/users"))
    {
        let answer = open(&fake, path);
        if answer.status != StatusCode::OK {
            let is_missing = amount == Amount::Empty
                && (path.contains("/opportunities/")
                    || path.contains("/prices")
                    || path == "/strategies/2"
                    || path == "/bets/1"
                    || path == "/bets/2");
            assert!(
                is_missing && answer.status == StatusCode::NOT_FOUND,
                "{path} says {}",
                answer.status
            );
            continue;
        }
        check_finished(path, &answer.html);
        check_labelled(path, &answer.html);
    }
}

#[test]
fn anonymous_visitors_are_sent_to_the_door_and_come_back_afterwards() {
    let fake = fake(Amount::Full, Who::Anonymous);
    for path in PAGES {
        let answer = open(&fake, path);
        assert_eq!(answer.status, StatusCode::FOUND, "{path}");
        let location = answer.location.unwrap();
        assert!(location.starts_with("/login?next=%2F"), "{path} leads to {location}");
        assert!(!answer.html.contains("Port Aldery"), "{path} shows a game");
    }
}

#[test]
fn before_the_first_account_every_page_leads_to_setup() {
    let fake = fake(Amount::Empty, Who::Nobody);
    assert_eq!(open(&fake, "/games").location.as_deref(), Some("/setup"));
    assert_eq!(open(&fake, "/login").location.as_deref(), Some("/setup"));
    let setup = open(&fake, "/setup");
    assert_eq!(setup.status, StatusCode::OK);
    check_finished("/setup", &setup.html);
    check_labelled("/setup", &setup.html);
    assert!(setup.html.contains("One-time code"));
}

#[test]
fn setup_is_closed_once_there_is_an_account() {
    let fake = fake(Amount::Empty, Who::Anonymous);
    assert_eq!(open(&fake, "/setup").location.as_deref(), Some("/login"));
}

#[test]
fn the_door_asks_for_the_password_and_then_for_the_code() {
    let login = open(&fake(Amount::Empty, Who::Anonymous), "/login?next=%2Fgames");
    check_finished("/login", &login.html);
    check_labelled("/login", &login.html);
    assert!(login.html.contains("action=\"/ui/sign_in\""));
    assert!(login.html.contains("value=\"/games\""));
    let code = open(&fake(Amount::Empty, Who::AwaitingCode), "/login");
    check_labelled("/login", &code.html);
    assert!(code.html.contains("action=\"/ui/sign_in_code\""));
}

#[test]
fn an_invitation_names_who_sent_it_and_a_wrong_one_is_not_there() {
    let fake = fake(Amount::Empty, Who::Anonymous);
    let good = open(&fake, "/invite/good");
    check_finished("/invite/good", &good.html);
    assert!(good.html.contains("ada@example.org invites you") || good.html.contains("ada@example.org"));
    assert_eq!(open(&fake, "/invite/wrong").status, StatusCode::NOT_FOUND);
}

#[test]
fn when_the_backend_fails_every_page_says_so_with_the_incident_and_nothing_else() {
    let fake = fake(Amount::Failing, Who::Owner);
    // Calculators ask it for nothing.
    for path in PAGES.into_iter().filter(|path| !path.starts_with("/calculators")) {
        let answer = open(&fake, path);
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.html.contains("incident 7f3a-91"), "{path} names the incident");
        assert_eq!(answer.html.matches("<h1").count(), 1, "{path} keeps its title");
        assert!(answer.html.contains("</body></html>"), "{path} is finished");
    }
}

#[test]
fn an_address_that_leads_nowhere_is_a_404_with_ways_out() {
    let fake = fake(Amount::Full, Who::Owner);
    for path in [
        "/nowhere",
        "/games/999",
        "/games/abc",
        "/snapshots/1",
        "/opportunities/99",
        "/games/1/prices",
        "/calculators/astrology",
    ] {
        let answer = open(&fake, path);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.html.contains("href=\"/\""), "{path} has a way out");
        assert_eq!(answer.html.matches("<h1").count(), 1, "{path} has a title");
    }
}

#[test]
fn users_are_for_the_owner_alone() {
    let viewer = open(&fake(Amount::Full, Who::Viewer), "/settings/users");
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
    assert!(!viewer.html.contains("bob@example.org"));
    let owner = open(&fake(Amount::Full, Who::Owner), "/settings/users");
    assert!(owner.html.contains("bob@example.org"));
    check_labelled("/settings/users", &owner.html);
}

#[rstest]
#[case("decimal", "2.36")]
#[case("american", "+136")]
#[case("fractional", "34/25")]
#[case("implied", "42.4%")]
fn switching_the_odds_format_rewrites_every_price(#[case] format: &str, #[case] written: &str) {
    let fake = fake(Amount::Full, Who::Owner);
    let switched = post(&fake, "set_odds_format", "/games", &format!("odds_format={format}"));
    let page = follow(&fake, &switched);
    assert!(page.html.contains(&format!(">{written}<")), "{format} writes {written}");
}

#[test]
fn a_refused_form_comes_back_with_its_complaint_beside_the_field() {
    let fake = fake(Amount::Full, Who::Owner);
    for (endpoint, from, form, complaint) in [
        (
            "change_password",
            "/settings",
            "current=x&password=short&password_again=short",
            "At least 12 characters, please.",
        ),
        (
            "save_preferences",
            "/settings",
            "odds_format=decimal&theme=dark&time_zone=Mars",
            "There is no such time zone",
        ),
        (
            "create_api_key",
            "/settings/api-keys",
            "name=&scope=read&expires_in_days=",
            "Give it a name",
        ),
        (
            "create_api_key",
            "/settings/api-keys",
            "name=x&scope=read&expires_in_days=-1",
            "A whole number from 1 to 3650",
        ),
        (
            "confirm_two_factor",
            "/settings/two-factor",
            "code=000000",
            "This code is wrong.",
        ),
        (
            "invite",
            "/settings/users",
            "email=nobody&role=member",
            "That is not an e-mail address.",
        ),
    ] {
        let refused = post(&fake, endpoint, from, form);
        let page = follow(&fake, &refused);
        assert!(page.html.contains(complaint), "{endpoint} says {complaint}");
        assert!(
            page.html.contains("aria-invalid=\"true\""),
            "{endpoint} marks the field"
        );
    }
}

#[test]
fn a_list_of_rows_is_checked_row_by_row() {
    let fake = fake(Amount::Full, Who::Owner);
    let form = "books[0][id]=1&books[0][commission]=2&books[1][id]=2&books[1][commission]=lots";
    let page = follow(&fake, &post(&fake, "save_bookmakers", "/settings/bookmakers", form));
    assert!(page.html.contains("A commission is 0 to 100 percent"));
    assert_eq!(page.html.matches("aria-invalid=\"true\"").count(), 1);
    let form = "feed=the_odds_api&choices[0][competition]=a&choices[0][interval_s]=1";
    let page = follow(&fake, &post(&fake, "save_feed_choices", "/settings/feeds", form));
    assert!(page.html.contains("A whole number from 5 to 86400"));
}

#[rstest]
#[case("sign_in")]
#[case("sign_in_code")]
#[case("set_up")]
#[case("accept_invitation")]
#[case("save_preferences")]
#[case("change_password")]
#[case("create_api_key")]
#[case("revoke_api_key")]
#[case("revoke_session")]
#[case("save_feed_choices")]
#[case("set_user_role")]
fn a_form_without_its_fields_is_refused_and_never_an_error_of_ours(#[case] endpoint: &str) {
    let fake = fake(Amount::Full, Who::Owner);
    let answer = post(&fake, endpoint, "/settings", "");
    assert_eq!(answer.status, StatusCode::FOUND, "{endpoint}");
    let request = Request::post(format!("/ui/{endpoint}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let answer = send(&fake, request);
    assert_ne!(
        answer.status,
        StatusCode::INTERNAL_SERVER_ERROR,
        "{endpoint}: {}",
        answer.html
    );
}

#[test]
fn a_saved_form_says_so_after_the_redirect() {
    let fake = fake(Amount::Full, Who::Owner);
    let saved = post(
        &fake,
        "save_preferences",
        "/settings",
        "odds_format=malay&theme=dark&time_zone=UTC",
    );
    assert_eq!(saved.location.as_deref(), Some("/settings?done=preferences"));
    let page = follow(&fake, &saved);
    assert!(page.html.contains("Saved."));
    assert!(page.html.contains("data-theme=\"dark\""));
}

#[test]
fn a_wrong_password_is_told_without_saying_which_half_was_wrong() {
    let fake = fake(Amount::Empty, Who::Anonymous);
    let refused = post(&fake, "sign_in", "/login", "email=a@example.org&password=wrong");
    let page = follow(&fake, &refused);
    assert!(page.html.contains("E-mail and password do not fit together."));
}

#[test]
fn signing_in_leads_back_but_never_to_another_site() {
    let fake = fake(Amount::Empty, Who::Anonymous);
    let form = |next: &str| format!("email=a@example.org&password=correct+horse+battery&next={next}");
    assert_eq!(
        post(&fake, "sign_in", "/login", &form("%2Fgames%3Fq%3Da"))
            .location
            .as_deref(),
        Some("/games?q=a")
    );
    for elsewhere in [
        "%2F%2Felsewhere.example",
        "https%3A%2F%2Felsewhere.example",
        "%2F%5Celsewhere.example",
    ] {
        assert_eq!(
            post(&fake, "sign_in", "/login", &form(elsewhere)).location.as_deref(),
            Some("/")
        );
    }
}

#[test]
fn text_of_others_is_shown_as_text() {
    let fake = fake(Amount::Full, Who::Owner);
    let issues = open(&fake, "/issues");
    assert!(issues.html.contains("&lt;b&gt;1.2 %"));
    let snapshot = open(&fake, "/snapshots/77");
    assert!(snapshot.html.contains("&lt;Port Aldery"));
    let search = open(&fake, "/games?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    assert!(!search.html.contains("<script>alert"));
}

#[test]
fn a_price_that_just_moved_says_from_what() {
    let page = open(&fake(Amount::Full, Who::Owner), "/games/1");
    assert!(page.html.contains("class=\"move "));
    assert!(page.html.contains("class=\"number best\""));
    assert!(page.html.contains("class=\"number lay\""));
}

#[test]
fn the_slider_works_as_a_plain_form_and_a_past_board_says_that_it_is_past() {
    let fake = fake(Amount::Full, Who::Owner);
    let page = open(&fake, "/games/1?as_of=1795250000000");
    assert!(page.html.contains("type=\"range\"") && page.html.contains("name=\"as_of\""));
    assert!(page.html.contains("Back to now"));
    assert!(!open(&fake, "/games/1").html.contains("Back to now"));
}

#[test]
fn charts_are_drawn_on_the_server_with_axes_legend_and_the_table_behind() {
    let page = open(&fake(Amount::Full, Who::Owner), "/games/1");
    let lines = page.html.matches("vector-effect=\"non-scaling-stroke\"").count();
    assert_eq!(lines, 10);
    assert!(page.html.contains("class=\"tick\""));
    assert_eq!(page.html.matches("class=\"toggle-").count(), 10);
    assert!(page.html.contains("The same as a table"));
}

#[test]
fn the_calculator_answers_a_form_sent_without_scripts() {
    let fake = fake(Amount::Full, Who::Owner);
    let page = open(&fake, "/opportunities/1?total=1000&step=10");
    assert!(page.html.contains("Certain profit"));
    assert!(page.html.contains("value=\"1000\""));
    let wrong = open(&fake, "/opportunities/1?total=a+lot&step=10");
    assert!(wrong.html.contains("Total stake: an amount is digits"));
}

/// The text of a page as it is read, without its markup.
fn text_of(html: &str) -> String {
    let outside = html.split('<').filter_map(|piece| piece.split_once('>'));
    let words: Vec<&str> = outside.flat_map(|(_, text)| text.split_whitespace()).collect();
    words.join(" ")
}

#[rstest]
#[case::converter("converter?odds=-110&written=american", &["Decimal 1.909", "Fractional 10/11", "Implied probability 52.3809%"])]
#[case::devig("devig?prices=4.20+3.70+1.95&winners=1", &["Shin share of insiders 0.010608 23.1572%", "50.4854%", "Jensen-Shannon"])]
#[case::arbitrage(
    "arbitrage?prices=3.60/3.70/2.30&total=100&step=5",
    &["Certain profit 0.00", "Outcome 3 2.30 40.00 92.00 +2.00", "\u{2212}7.50 at worst"],
)]
#[case::kelly("kelly?prices=1.95&wins=0.50&pushes=0.06", &["Share of the bankroll 3.92%"])]
#[case::parlay(
    "parlay?price_1=1.95&price_2=2.10&price_3=1.80&result_3=half_loss",
    &["Times the stake 2.0475", "Leg 3 1.80 half loss 0.50"],
)]
#[case::middle(
    "middle?market=spread&line_1=-2.5&line_2=3.5&price_1=1.95&price_2=1.95",
    &["If both win +95.00", "Margin 3 win win +95.00"],
)]
#[case::free_bet("free-bet?side=lay&hedge=5.20&commission=2", &["Certain profit +75.68", "77.22"])]
#[case::hedge("hedge?stake=100&price=2.10&prices=2.00", &["At worst +5.00", "Hedge 2.00 105.00 105.00"])]
#[case::each_way("each-way?position=1&tied=2", &["To win 11.00 10.00 55.00 +45.00", "dead heat"])]
fn every_calculator_answers_a_form_sent_without_scripts(#[case] address: &str, #[case] expected: &[&str]) {
    let path = format!("/calculators/{address}");
    let page = open(&fake(Amount::Full, Who::Viewer), &path);
    assert_eq!(page.status, StatusCode::OK);
    check_finished(&path, &page.html);
    check_labelled(&path, &page.html);
    let text = text_of(&page.html);
    for expected in expected {
        assert!(text.contains(expected), "{path} says {expected}: {text}");
    }
    let key = address.split('?').next().unwrap();
    assert!(
        page.html.contains(&format!("action=\"/calculators/{key}\"")),
        "{path} is sent back"
    );
    assert_eq!(
        page.html.matches("aria-invalid=\"true\"").count(),
        0,
        "{path} has nothing wrong"
    );
}

#[test]
fn a_calculator_keeps_what_was_typed_and_complains_beside_the_field() {
    let fake = fake(Amount::Full, Who::Owner);
    let page = open(&fake, "/calculators/arbitrage?prices=2.10+2.00&total=a+lot&step=7");
    assert!(page.html.contains("value=\"a lot\"") && page.html.contains("value=\"7\""));
    assert_eq!(page.html.matches("aria-invalid=\"true\"").count(), 1);
    assert!(text_of(&page.html).contains("Total stake An amount is digits with a decimal point, such as 12.50."));
    let script = open(
        &fake,
        "/calculators/parlay?price_1=%3Cscript%3Ealert(1)%3C/script%3E&result_1=%3Cb%3E",
    );
    assert!(!script.html.contains("<script>alert") && !script.html.contains("<b>"));
    let long = open(&fake, &format!("/calculators/kelly?prices={}", "9".repeat(5_000)));
    assert!(!long.html.contains(&"9".repeat(201)));
}

#[test]
fn calculators_read_and_write_the_readers_odds_format() {
    let fake = fake(Amount::Full, Who::Owner);
    post(&fake, "set_odds_format", "/calculators", "odds_format=american");
    let at_first = open(&fake, "/calculators/hedge");
    assert!(
        at_first.html.contains("value=\"+110\""),
        "what stands there at first is rewritten"
    );
    let typed = open(&fake, "/calculators/hedge?price=%2B150&prices=-110");
    assert!(text_of(&typed.html).contains("Your bet +150 100.00"));
    let elsewhere = open(&fake, "/calculators/hedge?price=2.5&prices=1.5&format=decimal");
    assert!(
        text_of(&elsewhere.html).contains("Your bet +150 100.00"),
        "an address says how its prices are written"
    );
}

#[test]
fn demo_data_is_marked_on_every_page_behind_the_door() {
    let full = fake(Amount::Full, Who::Owner);
    for path in PAGES {
        assert!(open(&full, path).html.contains("class=\"demo-strip\""), "{path}");
    }
    let empty = fake(Amount::Empty, Who::Owner);
    assert!(!open(&empty, "/games").html.contains("class=\"demo-strip\""));
}

#[test]
fn an_empty_page_says_what_to_do_next() {
    let fake = fake(Amount::Empty, Who::Owner);
    for (path, next) in [
        ("/", "/settings/feeds"),
        ("/games", "/settings/feeds"),
        ("/games?q=x", "Show every open game"),
        ("/", "no feed is switched on"),
        ("/opportunities", "/settings/feeds"),
        ("/opportunities?kind=value", "No prices yet"),
        ("/settings/bookmakers", "/settings/feeds"),
        ("/issues", "Every answer could be used"),
    ] {
        assert!(open(&fake, path).html.contains(next), "{path} names {next}");
    }
}

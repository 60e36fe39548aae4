//! How fast the running program answers: the games of the API while nothing changes, beside the same number of bytes from a
//! server that does nothing else; the first byte of the Games page; importing bets, and the first byte of Performance over a hundred
//! thousand of them.
//!
//! Program, bare server and clients share the machine, so only the ratio of one run says anything.
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it found")]

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const EVENTS: usize = 60;
const BOOKS: [&str; 6] = ["pinnacle", "draftkings", "fanduel", "betmgm", "bovada", "betrivers"];
const CLIENTS: usize = 4;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;
const PAGES: usize = 200;
const EMAIL: &str = "bench@example.org";
const PASSWORD: &str = "a quiet desk by the window";

fn main() {
    measure("SQLite", None);
    match std::env::var("OVERROUND_TEST_POSTGRES") {
        Ok(url) => measure("PostgreSQL", Some(url)),
        Err(_) => println!("PostgreSQL: not measured, OVERROUND_TEST_POSTGRES is not set"),
    }
}

/// Where a program keeps what it knows.
struct Place {
    data: String,
    database: Option<String>,
}

impl Place {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overround"));
        command.args(args).args(["--data-dir", &self.data]);
        if let Some(database) = &self.database {
            command.env("OVERROUND_DATABASE_URL", database);
        }
        command
    }

    /// Runs the program to its end and gives what it printed.
    fn run(&self, args: &[&str], input: &str) -> String {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn measure(name: &str, database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let place = Place {
        data: dir.path().to_str().unwrap().to_owned(),
        database,
    };
    let answer = dir.path().join("answer.json");
    std::fs::write(&answer, body()).unwrap();
    let answer = answer.to_str().unwrap();
    let owner = [
        "user",
        "create",
        "--email",
        EMAIL,
        "--password-stdin",
        "--role",
        "owner",
    ];
    place.run(&owner, PASSWORD);
    let key = place.run(&["api-key", "create", "--email", EMAIL, "--scope", "read"], "");
    place.run(&["import", "--feed", "the_odds_api", answer], "");
    let program = Program::start(&place);
    println!("{name}");

    let authorised = format!("Authorization: Bearer {}\r\n", key.trim());
    let (head, games) = Client::open(program.address).get("/api/v1/games?limit=500", &authorised);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let bare = bare_server(games.clone());
    assert_eq!(Client::open(bare).get("/games", "").1, games, "both send the same");
    let mut ratios = Vec::new();
    let (mut ours, mut limit) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let one = rate(program.address, "/api/v1/games?limit=500", &authorised);
        let other = rate(bare, "/games", "");
        ratios.push(one / other);
        (ours, limit) = (ours.max(one), limit.max(other));
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "GET /api/v1/games, {} kB, hot: ours {ours:.0}/s, limit {limit:.0}/s (the same bytes, nothing else), ratio {:.2}",
        games.len() / 1000,
        ratios[ROUNDS / 2]
    );

    let cookie = sign_in(program.address);
    let (head, page) = Client::open(program.address).get("/games", &cookie);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut ours = first_bytes(program.address, "/games", &cookie);
    let mut limit = first_bytes(bare, "/games", "");
    ours.sort_unstable();
    limit.sort_unstable();
    let at = |times: &[Duration], share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!(
        "Games page, {} kB, first byte: ours p50 {:.2} ms, p99 {:.2} ms, limit p99 {:.2} ms (bytes that lie ready), ratio {:.1}",
        page.len() / 1000,
        at(&ours, 50),
        at(&ours, 99),
        at(&limit, 99),
        at(&ours, 99) / at(&limit, 99)
    );
    bets(program.address, &cookie);
}

const FILES: usize = 10;
const ROWS: usize = 10_000;

/// Imports bets file by file, and asks for Performance before and after it is known.
fn bets(address: SocketAddr, cookie: &str) {
    let mut took = Vec::new();
    for file in 0..FILES {
        let body = format!("{{\"name\":\"{file}.csv\",\"content\":{:?}}}", rows(file));
        let started = Instant::now();
        let mut client = Client::open(address);
        client.send(&format!(
            "POST /api/v1/bets/imports HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{cookie}\r\n{body}",
            body.len()
        ));
        let (head, answer) = client.read();
        assert!(
            head.starts_with("HTTP/1.1 201"),
            "{head}{}",
            String::from_utf8_lossy(&answer)
        );
        took.push(started.elapsed().as_secs_f64());
    }
    println!(
        "Import of {ROWS} bets: the first {:.2} s, the last of {FILES} {:.2} s",
        took[0],
        took[FILES - 1]
    );
    let started = Instant::now();
    let (head, page) = Client::open(address).get("/performance?mode=real", cookie);
    let cold = started.elapsed().as_secs_f64() * 1000.0;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let words = String::from_utf8_lossy(&page);
    assert!(words.contains("100\u{202f}000 settled bets"), "all bets are counted");
    let mut hot = first_bytes(address, "/performance?mode=real", cookie);
    hot.sort_unstable();
    let at = |share: usize| hot[(hot.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!(
        "Performance over {} bets, {} kB: cold {cold:.0} ms, hot first byte p50 {:.1} ms, p99 {:.1} ms",
        FILES * ROWS,
        page.len() / 1000,
        at(50),
        at(99)
    );
    let started = Instant::now();
    let (head, _) = Client::open(address).get("/bets?mode=real", cookie);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    println!(
        "Bets, the first of {} pages: {:.0} ms",
        FILES * ROWS / 50,
        started.elapsed().as_secs_f64() * 1000.0
    );
}

/// A table of another tracker's.
fn rows(file: usize) -> String {
    let mut text = "date,bookmaker,sport,event,selection,market,odds,stake,result,ref\n".to_owned();
    for row in 0..ROWS {
        let number = file * ROWS + row;
        let (month, day, cents) = (number % 11 + 1, number % 28 + 1, number % 97);
        let result = ["won", "lost", "won", "lost", "push"][number % 5];
        writeln!(
            text,
            "2026-{month:02}-{day:02} 12:00,Harbour,tennis,Home {number} - Away {number},Home {number},moneyline,2.{cents:02},10.00,{result},R{number}"
        )
        .unwrap();
    }
    text
}

/// An answer of The Odds API with games that start soon.
fn body() -> String {
    let mut body = String::from("[");
    for event in 0..EVENTS {
        let (home, away) = (format!("Home {event}"), format!("Away {event}"));
        let comma = if event == 0 { "" } else { "," };
        write!(
            body,
            r#"{comma}{{"id":"{event:032x}","sport_key":"basketball_nba","sport_title":"NBA","commence_time":"2099-01-01T00:10:00Z","home_team":"{home}","away_team":"{away}","bookmakers":["#
        )
        .unwrap();
        for (at, key) in BOOKS.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let cents = 70 + (event * 7 + at * 3) % 40;
            write!(
                body,
                r#"{comma}{{"key":"{key}","title":"{key}","last_update":"2026-11-20T12:00:00Z","markets":[{{"key":"h2h","outcomes":[{{"name":"{home}","price":1.{cents}}},{{"name":"{away}","price":2.05}}]}},{{"key":"totals","outcomes":[{{"name":"Over","price":1.91,"point":221.5}},{{"name":"Under","price":1.91,"point":221.5}}]}}]}}"#
            )
            .unwrap();
        }
        body.push_str("]}");
    }
    body.push(']');
    body
}

struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(place: &Place) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = place
            .command(&["serve", "--listen", &address.to_string()])
            .envs([
                ("OVERROUND_DEMO", "false"),
                ("OVERROUND_API_REQUESTS_PER_MINUTE", "100000000"),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let program = Self { child, address };
        while TcpStream::connect(address).is_err() {
            std::thread::yield_now();
        }
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A server that sends some bytes and knows nothing else.
fn bare_server(body: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let body = Bytes::from(body);
    let routes = Router::new().route("/games", get(move || async move { body }));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, routes).await.unwrap();
        });
    });
    address
}

/// A connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::with_capacity(64 << 10, stream))
    }

    fn send(&mut self, request: &str) {
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
    }

    /// Head and body.
    fn get(&mut self, path: &str, headers: &str) -> (String, Vec<u8>) {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n{headers}\r\n"
        ));
        self.read()
    }

    fn read(&mut self) -> (String, Vec<u8>) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).unwrap() > 0, "the connection ended: {head}");
        }
        let lower = head.to_lowercase();
        let length = lower
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next());
        let mut body = Vec::new();
        if let Some(length) = length {
            body.resize(length.parse().unwrap(), 0);
            self.0.read_exact(&mut body).unwrap();
        } else if lower.contains("transfer-encoding: chunked") {
            loop {
                let mut size = String::new();
                self.0.read_line(&mut size).unwrap();
                let size = usize::from_str_radix(size.trim(), 16).unwrap();
                let from = body.len();
                body.resize(from + size, 0);
                self.0.read_exact(&mut body[from..]).unwrap();
                self.0.read_line(&mut String::new()).unwrap();
                if size == 0 {
                    break;
                }
            }
        }
        (head, body)
    }
}

/// Requests a second by several clients at once.
fn rate(address: SocketAddr, path: &'static str, headers: &str) -> f64 {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let headers = headers.to_owned();
            std::thread::spawn(move || {
                let mut client = Client::open(address);
                let started = Instant::now();
                let mut count = 0_u32;
                while started.elapsed() < ROUND {
                    client.get(path, &headers);
                    count += 1;
                }
                f64::from(count) / started.elapsed().as_secs_f64()
            })
        })
        .collect();
    clients.into_iter().map(|client| client.join().unwrap()).sum()
}

/// How long each of many requests waits for its first byte.
fn first_bytes(address: SocketAddr, path: &str, headers: &str) -> Vec<Duration> {
    let mut client = Client::open(address);
    client.get(path, headers);
    (0..PAGES)
        .map(|_| {
            let started = Instant::now();
            client.send(&format!(
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n{headers}\r\n"
            ));
            client.0.fill_buf().unwrap();
            let waited = started.elapsed();
            client.read();
            waited
        })
        .collect()
}

/// The header of a session.
fn sign_in(address: SocketAddr) -> String {
    let form = format!("email=bench%40example.org&password={}", PASSWORD.replace(' ', "+"));
    let mut client = Client::open(address);
    client.send(&format!(
        "POST /ui/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    ));
    let (head, _) = client.read();
    let cookie = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .and_then(|cookie| cookie.split(';').next());
    format!("Cookie: {}\r\n", cookie.unwrap())
}

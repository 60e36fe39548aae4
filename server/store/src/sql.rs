//! Statements that both databases understand, and rows in bulk.

use std::borrow::Cow;
use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, TryGetable, Value};

use crate::Result;

/// A statement as it grows: text and bound values in turn.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Binds a value where the text ends.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let _ = write!(self.sql, "${}", self.values.len());
        self
    }

    /// Binds several values, separated by commas.
    pub(crate) fn bind_all(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                self.sql.push_str(", ");
            }
            self.bind(value);
        }
        self
    }

    /// ` IN (..)` with any number of ids, as one bound value: the statement's text does not depend on how many there are.
    pub(crate) fn is_in(&mut self, db: &impl ConnectionTrait, ids: impl IntoIterator<Item = i64>) -> &mut Self {
        let ids: Vec<i64> = ids.into_iter().collect();
        match db.get_database_backend() {
            DbBackend::Sqlite => {
                let list = serde_json::to_string(&ids).unwrap_or_default();
                self.push(" IN (SELECT value FROM json_each(").bind(list).push("))")
            }
            _ => self.push(" = ANY(").bind(Value::from(ids)).push(")"),
        }
    }

    /// As [`Query::is_in`], for texts.
    pub(crate) fn is_in_texts(&mut self, db: &impl ConnectionTrait, texts: Vec<String>) -> &mut Self {
        match db.get_database_backend() {
            DbBackend::Sqlite => {
                let list = serde_json::to_string(&texts).unwrap_or_default();
                self.push(" IN (SELECT value FROM json_each(").bind(list).push("))")
            }
            _ => self.push(" = ANY(").bind(Value::from(texts)).push(")"),
        }
    }

    fn statement(&mut self, db: &impl ConnectionTrait) -> Statement {
        Statement::from_sql_and_values(
            db.get_database_backend(),
            std::mem::take(&mut self.sql),
            std::mem::take(&mut self.values),
        )
    }

    /// Every row. The statement is used up.
    pub(crate) async fn all(&mut self, db: &impl ConnectionTrait) -> Result<Vec<QueryResult>> {
        let statement = self.statement(db);
        Ok(db.query_all_raw(statement).await?)
    }

    /// The first row. The statement is used up.
    pub(crate) async fn one(&mut self, db: &impl ConnectionTrait) -> Result<Option<QueryResult>> {
        let statement = self.statement(db);
        Ok(db.query_one_raw(statement).await?)
    }

    /// Runs it and tells how many rows it touched. The statement is used up.
    pub(crate) async fn run(&mut self, db: &impl ConnectionTrait) -> Result<u64> {
        let statement = self.statement(db);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }
}

/// Columns as one text, a JSON array: drivers pay for each value of a row, so tens of thousands of rows come faster in one piece each.
pub(crate) fn packed(db: &impl ConnectionTrait, columns: &str) -> String {
    match db.get_database_backend() {
        DbBackend::Sqlite => format!("json_array({columns})"),
        _ => format!("CAST(json_build_array({columns}) AS TEXT)"),
    }
}

/// Reads a row from left to right.
pub(crate) struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(crate) const fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(crate) fn get<T: TryGetable>(&mut self) -> Result<T> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }
}

/// The type of a column in a [`Batch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    IntOrNull,
    Text,
    TextOrNull,
    Flag,
    FlagOrNull,
}

/// Rows of one shape, for one statement or as few as the database takes.
///
/// SQLite gets `VALUES` in pieces of a few fixed sizes, so that their prepared statements are used again. PostgreSQL
/// gets one array per column and unpacks them, which is one short statement for any number of rows.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    kinds: Cow<'static, [Kind]>,
    values: Vec<Value>,
}

/// What stands for a missing value inside PostgreSQL's arrays, which are sent without one.
const NO_INT: i64 = i64::MIN;
const NO_TEXT: &str = "\u{1}";

/// Rows per statement on SQLite, largest first.
const PIECES: [usize; 3] = [128, 16, 1];

/// Rows per statement on PostgreSQL.
const ARRAY_ROWS: usize = 8192;

impl Batch {
    pub(crate) const fn new(kinds: &'static [Kind]) -> Self {
        Self {
            kinds: Cow::Borrowed(kinds),
            values: Vec::new(),
        }
    }

    /// As [`Batch::new`], of columns that are put together as it runs.
    pub(crate) const fn of(kinds: Vec<Kind>) -> Self {
        Self {
            kinds: Cow::Owned(kinds),
            values: Vec::new(),
        }
    }

    /// Adds a row; its values are of the batch's kinds, in order.
    pub(crate) fn push<const N: usize>(&mut self, row: [Value; N]) {
        debug_assert_eq!(N, self.kinds.len());
        self.values.extend(row);
    }

    /// As [`Batch::push`], for as many cells as there are columns.
    pub(crate) fn push_cells(&mut self, row: impl IntoIterator<Item = Value>) {
        self.values.extend(row);
        debug_assert!(self.values.len().is_multiple_of(self.kinds.len()));
    }

    /// Runs the statement over the rows and tells how many rows it touched. `sql` gets the rows as a table whose columns
    /// are `column1`, `column2` and so on: `INSERT INTO t (a, b) {rows}` or `UPDATE t SET .. FROM ({rows}) AS v`.
    pub(crate) async fn run(self, db: &impl ConnectionTrait, sql: impl Fn(&str) -> String) -> Result<u64> {
        if self.values.is_empty() {
            return Ok(0);
        }
        match db.get_database_backend() {
            DbBackend::Sqlite => self.run_in_pieces(db, sql).await,
            _ => self.run_as_arrays(db, sql).await,
        }
    }

    async fn run_in_pieces(self, db: &impl ConnectionTrait, sql: impl Fn(&str) -> String) -> Result<u64> {
        let width = self.kinds.len();
        let mut left = self.values.len() / width;
        let mut values = self.values.into_iter();
        let mut touched = 0;
        for size in PIECES {
            if left < size {
                continue;
            }
            let statement = sql(&values_clause(size, width));
            while left >= size {
                let piece: Vec<Value> = values.by_ref().take(size * width).collect();
                let piece = Statement::from_sql_and_values(DbBackend::Sqlite, statement.as_str(), piece);
                touched += db.execute_raw(piece).await?.rows_affected();
                left -= size;
            }
        }
        Ok(touched)
    }

    async fn run_as_arrays(self, db: &impl ConnectionTrait, sql: impl Fn(&str) -> String) -> Result<u64> {
        let statement = sql(&arrays_clause(&self.kinds));
        let width = self.kinds.len();
        let mut values = self.values.into_iter();
        let mut touched = 0;
        while values.len() > 0 {
            let mut columns: Vec<Column> = self.kinds.iter().map(|kind| Column::new(*kind)).collect();
            for (place, value) in values.by_ref().take(ARRAY_ROWS * width).enumerate() {
                columns[place % width].push(value);
            }
            let arrays: Vec<Value> = columns.into_iter().map(Column::into_value).collect();
            let piece = Statement::from_sql_and_values(DbBackend::Postgres, statement.as_str(), arrays);
            touched += db.execute_raw(piece).await?.rows_affected();
        }
        Ok(touched)
    }
}

enum Column {
    Ints(Vec<i64>),
    Texts(Vec<String>),
    Flags(Vec<bool>),
}

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Int | Kind::IntOrNull | Kind::FlagOrNull => Self::Ints(Vec::new()),
            Kind::Text | Kind::TextOrNull => Self::Texts(Vec::new()),
            Kind::Flag => Self::Flags(Vec::new()),
        }
    }

    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Ints(column), Value::BigInt(value)) => column.push(value.unwrap_or(NO_INT)),
            // Arrays have no missing flags.
            (Self::Ints(column), Value::Bool(value)) => column.push(value.map_or(NO_INT, i64::from)),
            (Self::Texts(column), Value::String(value)) => column.push(value.unwrap_or_else(|| NO_TEXT.to_owned())),
            (Self::Flags(column), Value::Bool(value)) => column.push(value.unwrap_or(false)),
            (column, value) => debug_assert!(false, "{value:?} in a column of {}", column.name()),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Ints(_) => "integers",
            Self::Texts(_) => "texts",
            Self::Flags(_) => "flags",
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Ints(column) => column.into(),
            Self::Texts(column) => column.into(),
            Self::Flags(column) => column.into(),
        }
    }
}

/// Placeholders without numbers: SQLite looks numbered ones up by name, each time from the start of the list.
fn values_clause(rows: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("VALUES {}", vec![row; rows].join(","))
}

fn arrays_clause(kinds: &[Kind]) -> String {
    let (mut select, mut arrays, mut names) = (String::new(), String::new(), String::new());
    for (place, kind) in kinds.iter().enumerate() {
        let number = place + 1;
        let comma = if place == 0 { "" } else { ", " };
        let (column, array) = match kind {
            Kind::Int => (format!("c{number}"), "bigint"),
            Kind::IntOrNull => (format!("NULLIF(c{number}, '{NO_INT}'::bigint)"), "bigint"),
            Kind::Text => (format!("c{number}"), "text"),
            Kind::TextOrNull => (format!("NULLIF(c{number}, '{NO_TEXT}')"), "text"),
            Kind::Flag => (format!("c{number}"), "boolean"),
            Kind::FlagOrNull => (format!("(NULLIF(c{number}, '{NO_INT}'::bigint) = 1)"), "bigint"),
        };
        let _ = write!(select, "{comma}{column} AS column{number}");
        let _ = write!(arrays, "{comma}${number}::{array}[]");
        let _ = write!(names, "{comma}c{number}");
    }
    format!("SELECT {select} FROM UNNEST({arrays}) AS u({names})")
}

/// Numbers for `count` new rows of a table, in order. They are used up even when the rows are not written.
pub(crate) async fn reserve_ids(db: &impl ConnectionTrait, table: &'static str, count: usize) -> Result<Vec<i64>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if db.get_database_backend() == DbBackend::Sqlite {
        // The transaction holds the only write lock, so nobody else takes the next numbers.
        let mut query = Query::new("SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM sqlite_sequence WHERE name = ");
        let row = query.bind(table).one(db).await?;
        let last: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
        return Ok((last + 1..=last + count).collect());
    }
    // Looked up once: inside the list it would be looked up for every number.
    let mut query = Query::new("WITH s AS MATERIALIZED (SELECT CAST(pg_get_serial_sequence(");
    query
        .bind(table)
        .push(", 'id') AS regclass) AS name) SELECT nextval(s.name) FROM s, generate_series(1, ")
        .bind(count)
        .push(")");
    query
        .all(db)
        .await?
        .iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

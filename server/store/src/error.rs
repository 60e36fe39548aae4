//! What can go wrong with the database.

use sea_orm::{DbErr, RuntimeErr};

/// Why the database did not do what was asked. "Not found" is not among them: reads answer with `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is busy or took too long. The same call may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] DbErr),
    /// The row breaks a rule of the schema, such as a key that must be unique. Names the constraint where the database does.
    #[error("the row conflicts with what is stored{}", .constraint.as_deref().map(|name| format!(" ({name})")).unwrap_or_default())]
    Conflict {
        /// The constraint's name; SQLite does not tell it.
        constraint: Option<String>,
    },
    /// Older than what is recorded of the same thing: history only grows at its end.
    #[error("older than what is already recorded: {0}")]
    OutOfOrder(&'static str),
    /// What is stored cannot be understood, or the file is damaged.
    #[error("the database holds what cannot be read: {0}")]
    Corrupt(String),
    /// The disk is full. Reads still work.
    #[error("the disk that holds the database is full")]
    Full,
    /// The database may not be written. Reads still work.
    #[error("the database is read-only")]
    ReadOnly,
    /// The address, path or settings of the database cannot be used.
    #[error("{0}")]
    Setup(String),
    /// Anything else.
    #[error("the database refused: {0}")]
    Other(#[source] DbErr),
}

/// The result of everything here.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// True when the same call may succeed later without anybody's help.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// A stored code that names nothing.
    pub(crate) fn corrupt(column: &str, value: impl std::fmt::Display) -> Self {
        Self::Corrupt(format!("{column} = {value}"))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let source = match &error {
            DbErr::Conn(RuntimeErr::SqlxError(source))
            | DbErr::Exec(RuntimeErr::SqlxError(source))
            | DbErr::Query(RuntimeErr::SqlxError(source)) => source.clone(),
            DbErr::ConnectionAcquire(_) => return Self::Unavailable(error),
            DbErr::Type(text) | DbErr::Json(text) => return Self::Corrupt(text.clone()),
            _ => return Self::Other(error),
        };
        match &*source {
            sqlx::Error::Database(refusal) => Self::from_refusal(&**refusal, error),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(source.to_string()),
            _ => Self::Other(error),
        }
    }
}

impl StoreError {
    fn from_refusal(refusal: &dyn sqlx::error::DatabaseError, error: DbErr) -> Self {
        use sqlx::error::ErrorKind;
        match refusal.kind() {
            ErrorKind::UniqueViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::CheckViolation
            | ErrorKind::NotNullViolation => {
                return Self::Conflict {
                    constraint: refusal.constraint().map(str::to_owned),
                };
            }
            _ => {}
        }
        let code = refusal.code().unwrap_or_default();
        if refusal.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
            // The low byte is SQLite's primary result code; the rest says more of the same.
            return match code.parse::<i32>().unwrap_or(1) & 0xff {
                5 | 6 | 9 | 10 | 14 | 15 => Self::Unavailable(error),
                8 => Self::ReadOnly,
                11 | 26 => Self::Corrupt(refusal.message().to_owned()),
                13 => Self::Full,
                _ => Self::Other(error),
            };
        }
        match &*code {
            "53100" => Self::Full,
            "25006" => Self::ReadOnly,
            "57014" | "55P03" | "40001" | "40P01" => Self::Unavailable(error),
            "XX001" | "XX002" => Self::Corrupt(refusal.message().to_owned()),
            code if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
                Self::Unavailable(error)
            }
            _ => Self::Other(error),
        }
    }
}

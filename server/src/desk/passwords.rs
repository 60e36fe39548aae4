//! Passwords: argon2id, at most two at work at a time, and the same effort whether the user exists or not.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory in KiB, passes and lanes of a new hash.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// The shortest accepted password.
pub const MIN_CHARS: usize = 12;
/// The longest accepted password in bytes: longer only costs time.
const MAX_BYTES: usize = 1024;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    at_work: Arc<Semaphore>,
    nobody: Arc<str>,
}

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too short.
    #[error("use at least 12 characters; a few random words do well")]
    TooShort,
    /// Too long to be meant.
    #[error("use at most 1024 bytes")]
    TooLong,
    /// Among the first that attackers try.
    #[error("this password is among the first that attackers try; use a few random words")]
    Common,
    /// Contains the e-mail address.
    #[error("the password must not contain the e-mail address")]
    HoldsEmail,
}

/// Hashing failed: the machine has no memory for it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct HashError(String);

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Right, and hashed as strongly as new ones.
    Right,
    /// Right, but the hash is weaker than new ones: hash again.
    RightButWeak,
    /// Wrong, or there is no such user.
    Wrong,
}

impl Passwords {
    /// Hashes as strongly as the defaults say.
    ///
    /// # Errors
    /// When the parameters are refused, which they are not.
    pub fn new() -> Result<Self, HashError> {
        Self::with_cost(MEMORY_KIB, PASSES)
    }

    /// With another cost; tests use a low one.
    ///
    /// # Errors
    /// When the parameters are out of range.
    pub fn with_cost(memory_kib: u32, passes: u32) -> Result<Self, HashError> {
        let params = Params::new(memory_kib, passes, LANES, None).map_err(|error| HashError(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_now(&argon2, "a password that nobody has")?;
        Ok(Self {
            argon2,
            at_work: Arc::new(Semaphore::new(2)),
            nobody: nobody.into(),
        })
    }

    /// Hashes a password into PHC form.
    ///
    /// # Errors
    /// When the machine has no memory for it.
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        self.work(move || hash_now(&argon2, &password)).await?
    }

    /// Checks a password against a stored hash; `None` (no such user) takes as long and is wrong.
    ///
    /// # Errors
    /// When the machine has no memory for it.
    pub async fn check(&self, password: &str, stored: Option<&str>) -> Result<Check, HashError> {
        if password.len() > MAX_BYTES {
            return Ok(Check::Wrong);
        }
        let exists = stored.is_some();
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        self.work(move || {
            let Ok(hash) = PasswordHash::new(&stored) else {
                return Check::Wrong;
            };
            if argon2.verify_password(password.as_bytes(), &hash).is_err() || !exists {
                return Check::Wrong;
            }
            let is_strong = Params::try_from(&hash).is_ok_and(|params| {
                params.m_cost() >= argon2.params().m_cost() && params.t_cost() >= argon2.params().t_cost()
            });
            if is_strong { Check::Right } else { Check::RightButWeak }
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let _turn = self
            .at_work
            .acquire()
            .await
            .map_err(|error| HashError(error.to_string()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| HashError(error.to_string()))
    }
}

fn hash_now(argon2: &Argon2<'_>, password: &str) -> Result<String, HashError> {
    argon2
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| HashError(error.to_string()))
}

/// Refuses passwords that would be guessed.
///
/// # Errors
/// [`WeakPassword`] says what is wrong with it.
pub fn check_strength(password: &str, email: &str) -> Result<(), WeakPassword> {
    if password.chars().count() < MIN_CHARS {
        return Err(WeakPassword::TooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    let lower = password.to_lowercase();
    if !email.is_empty() && lower.contains(&email.to_lowercase()) {
        return Err(WeakPassword::HoldsEmail);
    }
    if is_common(&lower) {
        Err(WeakPassword::Common)
    } else {
        Ok(())
    }
}

/// Stems of the most used passwords. With twelve characters asked for, what people still choose is one of these with
/// digits or marks around it, the same again, a walk over the keyboard or one letter many times.
const COMMON_STEMS: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "motdepasse",
    "contrasena",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "iloveyou",
    "administrator",
    "admin",
    "football",
    "baseball",
    "basketball",
    "superman",
    "princess",
    "sunshine",
    "dragon",
    "monkey",
    "master",
    "shadow",
    "michael",
    "jordan",
    "trustno",
    "changeme",
    "whatever",
    "starwars",
    "computer",
    "internet",
    "liverpool",
    "arsenal",
    "chelsea",
    "secret",
    "hello",
    "login",
    "test",
    "guest",
    "default",
    "overround",
    "abcdef",
    "abcdefghijkl",
    "zxcvbn",
    "asdfgh",
    "qazwsx",
    "mypassword",
];
const KEYBOARD_WALKS: &[&str] = &[
    "1234567890123456789012345678901234567890",
    "0987654321098765432109876543210987654321",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "q1w2e3r4t5y6u7i8o9p0",
    "abcdefghijklmnopqrstuvwxyz",
];

fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|letter: char| !letter.is_alphabetic());
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    let repeats =
        |part: &str| !part.is_empty() && lower.replace(part, "").chars().all(|letter| !letter.is_alphabetic());
    distinct.len() <= 3
        || core.is_empty()
        || COMMON_STEMS.iter().any(|stem| core == *stem || repeats(stem))
        || KEYBOARD_WALKS
            .iter()
            .any(|walk| walk.contains(lower) || (core.chars().count() >= 6 && walk.contains(core)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessable_passwords_are_refused() {
        let weak = |password: &str| check_strength(password, "ann@example.org").unwrap_err();
        assert_eq!(weak("short"), WeakPassword::TooShort);
        assert_eq!(weak("xann@example.orgx"), WeakPassword::HoldsEmail);
        assert_eq!(weak(&"x1".repeat(600)), WeakPassword::TooLong);
        for common in [
            "password1234",
            "Password!2345",
            "123456789012",
            "qwertyuiopas",
            "aaaaaaaaaaaa",
            "passwordpassword",
            "Football2024!",
            "qwertyuiop12",
        ] {
            assert_eq!(weak(common), WeakPassword::Common, "{common}");
        }
        for fine in [
            "correct horse battery staple",
            "twelve chars",
            "Tr0ub4dor&3-xx",
            "\u{fc}ber lange W\u{f6}rter",
        ] {
            assert_eq!(check_strength(fine, "ann@example.org"), Ok(()), "{fine}");
        }
    }

    #[tokio::test]
    async fn a_password_checks_against_its_own_hash_alone() {
        let passwords = Passwords::with_cost(64, 1).unwrap();
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert_eq!(
            passwords.check("correct horse battery", Some(&hash)).await.unwrap(),
            Check::Right
        );
        assert_eq!(
            passwords.check("wrong horse battery", Some(&hash)).await.unwrap(),
            Check::Wrong
        );
        assert_eq!(
            passwords.check("a password that nobody has", None).await.unwrap(),
            Check::Wrong
        );
        let stronger = Passwords::with_cost(128, 1).unwrap();
        assert_eq!(
            stronger.check("correct horse battery", Some(&hash)).await.unwrap(),
            Check::RightButWeak
        );
    }
}

//! The second factor: time-based one-time codes (RFC 6238, SHA-1, 6 digits, 30 seconds) and recovery codes.

use crate::clock::Entropy;
use crate::http::sessions::hash;
use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Secret, TOTP};

const STEP_S: i64 = 30;
const RECOVERY_CODES: usize = 10;

/// A new seed of 160 bits.
pub fn new_seed(entropy: &dyn Entropy) -> Vec<u8> {
    entropy.bytes::<20>().to_vec()
}

fn totp(seed: &[u8], email: &str) -> Option<TOTP> {
    TOTP::new(
        Algorithm::SHA1,
        6,
        0,
        STEP_S.unsigned_abs(),
        seed.to_vec(),
        Some("Overround".to_owned()),
        email.replace(':', " "),
    )
    .ok()
}

/// What an authenticator app scans.
pub fn provisioning_address(seed: &[u8], email: &str) -> String {
    totp(seed, email).map(|totp| totp.get_url()).unwrap_or_default()
}

/// The seed as a person types it.
pub fn seed_text(seed: &[u8]) -> String {
    Secret::Raw(seed.to_vec()).to_encoded().to_string()
}

/// The time step whose code was given: this one or a neighbour (clocks differ). `None` when the code is none of them.
pub fn matching_step(seed: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let totp = totp(seed, "")?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let this = now.timestamp() / STEP_S;
    (this - 1..=this + 1).find(|step| u64::try_from(step * STEP_S).is_ok_and(|time| totp.generate(time) == code))
}

/// Fresh recovery codes, to be shown once.
pub fn new_recovery_codes(entropy: &dyn Entropy) -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let text = hex::encode(entropy.bytes::<8>());
            format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..])
        })
        .collect()
}

/// The form in which a recovery code is kept; spaces, dashes and capitals do not matter.
pub fn recovery_hash(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    hash(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        let seed = b"12345678901234567890";
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let now = DateTime::from_timestamp(time, 0).unwrap();
            assert_eq!(matching_step(seed, code, now), Some(time / STEP_S));
            assert_eq!(matching_step(seed, code, now + chrono::Duration::seconds(90)), None);
        }
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        assert_eq!(
            recovery_hash("ABCD-0123 4567-89ef"),
            recovery_hash("abcd-0123-4567-89ef")
        );
    }
}

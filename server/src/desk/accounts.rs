//! Accounts: set-up, sign-in, second factor, invitations, passwords, API keys. Every step that matters is in the audit log.

use crate::desk::passwords::{Check, check_strength};
use crate::desk::totp;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::sessions::{hash, id_hash, key};
use crate::state::AppState;
use chrono::{DateTime, Duration, Utc};
use domain::UserId;
use serde_json::json;
use std::net::IpAddr;
use store::{ApiKey, Invite, NewApiKey, NewUser, RequestTx, User, UserRole};
use subtle::ConstantTimeEq;
use tower_sessions::Session;

/// How long an invitation can be accepted.
const INVITE_DAYS: i64 = 7;
/// How long after the password the second factor may follow.
const TOTP_WAIT: Duration = Duration::minutes(5);
/// What an API key may do.
pub const SCOPES: [&str; 2] = ["read", "write"];
/// What every API key begins with, so that a leaked one is recognised.
const KEY_PREFIX: &str = "ovr_";

/// What follows a right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in.
    Done,
    /// A code of the second factor is still owed.
    TotpNeeded,
}

/// An e-mail address as it is stored: trimmed, lower case.
///
/// # Errors
/// A field error when it is not one.
pub fn read_email(text: &str) -> ApiResult<String> {
    let email = text.trim().to_lowercase();
    let is_plain = email.len() <= 254
        && email
            .chars()
            .all(|letter| !letter.is_whitespace() && !letter.is_control());
    let is_whole = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.len() >= 3 && !host.contains('@'));
    if is_plain && is_whole {
        Ok(email)
    } else {
        Err(ApiError::field(
            "email",
            "enter an e-mail address such as ann@example.org",
        ))
    }
}

fn read_name(text: &str, email: &str) -> ApiResult<String> {
    let name = text.trim();
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(ApiError::field("name", "use at most 100 characters"));
    }
    Ok(if name.is_empty() {
        email.split('@').next().unwrap_or(email).to_owned()
    } else {
        name.to_owned()
    })
}

async fn new_user(state: &AppState, email: &str, name: &str, password: &str, role: UserRole) -> ApiResult<NewUser> {
    let email = read_email(email)?;
    let name = read_name(name, &email)?;
    check_strength(password, &email).map_err(|weak| ApiError::field("password", weak.to_string()))?;
    let password_hash = state.passwords.hash(password).await.map_err(ApiError::internal)?;
    Ok(NewUser {
        email,
        name,
        role,
        password_hash,
        created_at: state.clock.now(),
    })
}

/// Makes the first user, the owner. Only while there is none, and only with the code from the terminal where one is asked for.
///
/// # Errors
/// 403 with a wrong code, 409 when there is a user already, field errors.
pub async fn set_up(state: &AppState, code: &str, email: &str, name: &str, password: &str) -> ApiResult<User> {
    if let Some(expected) = &state.setup_code
        && !bool::from(expected.as_bytes().ct_eq(code.trim().as_bytes()))
    {
        return Err(ApiError::field(
            "code",
            "this is not the code that the server printed in its terminal",
        ));
    }
    let new = new_user(state, email, name, password, UserRole::Owner).await?;
    let user = state.store.create_first_user(new).await?;
    let user = user.ok_or_else(|| ApiError::conflict("this desk has its owner already; sign in"))?;
    state
        .store
        .audit(
            state.clock.now(),
            Some(user.id),
            "set_up",
            &format!("user:{}", user.id),
            &json!({}),
        )
        .await?;
    Ok(user)
}

/// Makes a user without invitation: for the command line.
///
/// # Errors
/// 409 when the e-mail address is taken, field errors.
pub async fn create_user(state: &AppState, email: &str, password: &str, role: UserRole) -> ApiResult<User> {
    let new = new_user(state, email, "", password, role).await?;
    let user = state.store.create_user(new).await.map_err(taken)?;
    state
        .store
        .audit(
            state.clock.now(),
            None,
            "create_user",
            &format!("user:{}", user.id),
            &json!({"role": role}),
        )
        .await?;
    Ok(user)
}

fn taken(error: store::StoreError) -> ApiError {
    match error {
        store::StoreError::Conflict { .. } => {
            ApiError::field("email", "there is a user with this e-mail address already")
        }
        other => other.into(),
    }
}

/// First step of signing in. The answer and its time are the same for a wrong password and an unknown user.
///
/// # Errors
/// A field error when e-mail and password do not fit, 429 after too many tries.
pub async fn sign_in(
    state: &AppState,
    session: &Session,
    address: IpAddr,
    email: &str,
    password: &str,
) -> ApiResult<SignIn> {
    let now = state.clock.now();
    let email = email.trim().to_lowercase();
    refuse_if_throttled(state, &email, address, now).await?;
    let user = state
        .store
        .find_user_by_email(&email)
        .await?
        .filter(|user| user.disabled_at.is_none());
    let check = state
        .passwords
        .check(password, user.as_ref().map(|user| user.password_hash.as_str()))
        .await
        .map_err(ApiError::internal)?;
    let Some(user) = user.filter(|_| check != Check::Wrong) else {
        state.throttle.note_failure(&email, address, now).await?;
        state
            .store
            .audit(now, None, "sign_in_failed", "password", &json!({"address": address}))
            .await?;
        return Err(ApiError::field(
            "password",
            "e-mail address and password do not fit together",
        ));
    };
    if check == Check::RightButWeak {
        let stronger = state.passwords.hash(password).await.map_err(ApiError::internal)?;
        state.store.set_password_hash(user.id, &stronger).await?;
    }
    if user.is_totp_on {
        session.cycle_id().await.map_err(ApiError::unavailable)?;
        session
            .insert(key::AWAITING_TOTP, (user.id.0, now.timestamp_millis()))
            .await
            .map_err(ApiError::unavailable)?;
        return Ok(SignIn::TotpNeeded);
    }
    state.throttle.note_success(&email, address, now).await?;
    start_session(state, session, &user, now).await?;
    Ok(SignIn::Done)
}

async fn refuse_if_throttled(state: &AppState, email: &str, address: IpAddr, now: DateTime<Utc>) -> ApiResult<()> {
    let Some(wait) = state.throttle.must_wait(email, address, now).await? else {
        return Ok(());
    };
    let seconds = wait.num_seconds().max(1).unsigned_abs();
    Err(ApiError::too_many(
        format!("too many failed tries; wait {} minutes", seconds.div_ceil(60)),
        seconds,
    ))
}

/// The user who has given the right password a moment ago and owes a code.
///
/// # Errors
/// When the database does not answer.
pub async fn awaiting_totp(state: &AppState, session: &Session) -> ApiResult<Option<User>> {
    let waiting = session
        .get::<(i64, i64)>(key::AWAITING_TOTP)
        .await
        .map_err(ApiError::unavailable)?;
    let Some((id, since)) = waiting else { return Ok(None) };
    if state.clock.now().timestamp_millis() - since > TOTP_WAIT.num_milliseconds() {
        return Ok(None);
    }
    Ok(state
        .store
        .find_user(UserId(id))
        .await?
        .filter(|user| user.disabled_at.is_none()))
}

/// Second step of signing in: a code of the authenticator, or a recovery code. No code works twice.
///
/// # Errors
/// A field error with a wrong code, 401 when the password was not given a moment ago, 429 after too many tries.
pub async fn sign_in_totp(state: &AppState, session: &Session, address: IpAddr, code: &str) -> ApiResult<()> {
    let now = state.clock.now();
    let user = awaiting_totp(state, session).await?.ok_or_else(|| {
        ApiError::field(
            "code",
            "the password was given too long ago; start again from the sign-in page",
        )
    })?;
    refuse_if_throttled(state, &user.email, address, now).await?;
    if !uses_up_code(state, &user, code, now).await? {
        state.throttle.note_failure(&user.email, address, now).await?;
        state
            .store
            .audit(
                now,
                Some(user.id),
                "sign_in_failed",
                "totp",
                &json!({"address": address}),
            )
            .await?;
        return Err(ApiError::field(
            "code",
            "this code is wrong or was used already; wait for the next one",
        ));
    }
    state.throttle.note_success(&user.email, address, now).await?;
    start_session(state, session, &user, now).await
}

/// True when it is a code of the user's second factor, or a recovery code, that was not used before; now it is.
///
/// # Errors
/// When the database does not answer.
pub async fn uses_up_code(state: &AppState, user: &User, code: &str, now: DateTime<Utc>) -> ApiResult<bool> {
    let seed = totp_seed(state, user)?;
    if let Some(step) = seed.and_then(|seed| totp::matching_step(&seed, code, now)) {
        return Ok(state.store.use_totp_step(user.id, step).await?);
    }
    Ok(state
        .store
        .use_recovery_code(user.id, &totp::recovery_hash(code), now)
        .await?)
}

fn totp_purpose(user: UserId) -> String {
    format!("totp:{user}")
}

fn totp_seed(state: &AppState, user: &User) -> ApiResult<Option<Vec<u8>>> {
    let Some(sealed) = &user.totp_sealed else {
        return Ok(None);
    };
    state
        .vault
        .open(&totp_purpose(user.id), sealed)
        .map(Some)
        .map_err(ApiError::internal)
}

async fn start_session(state: &AppState, session: &Session, user: &User, now: DateTime<Utc>) -> ApiResult<()> {
    // A new id at sign-in: whoever planted the old one has nothing.
    session.clear().await;
    session.cycle_id().await.map_err(ApiError::unavailable)?;
    session
        .insert(key::USER, user.id.0)
        .await
        .map_err(ApiError::unavailable)?;
    session
        .insert(key::SIGNED_IN_AT, now.timestamp_millis())
        .await
        .map_err(ApiError::unavailable)?;
    state
        .store
        .audit(now, Some(user.id), "sign_in", &format!("user:{}", user.id), &json!({}))
        .await?;
    Ok(())
}

/// Ends the session on the server; the cookie is worth nothing afterwards.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(state: &AppState, session: &Session, user: UserId) -> ApiResult<()> {
    session.flush().await.map_err(ApiError::unavailable)?;
    state
        .store
        .audit(
            state.clock.now(),
            Some(user),
            "sign_out",
            &format!("user:{user}"),
            &json!({}),
        )
        .await?;
    Ok(())
}

/// Signs a user in whose identity was just proved otherwise: after set-up or an accepted invitation.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in_new(state: &AppState, session: &Session, user: &User) -> ApiResult<()> {
    start_session(state, session, user, state.clock.now()).await
}

/// Changes the password, which ends all other sessions.
///
/// # Errors
/// Field errors when the current password is wrong or the new one weak.
pub async fn change_password(
    state: &AppState,
    session: &Session,
    user: &User,
    current: &str,
    new: &str,
) -> ApiResult<()> {
    let check = state
        .passwords
        .check(current, Some(&user.password_hash))
        .await
        .map_err(ApiError::internal)?;
    if check == Check::Wrong {
        return Err(ApiError::field("current", "this is not your current password"));
    }
    set_password(state, user, new, session.id().map(id_hash).as_deref()).await
}

/// Sets a password and ends the user's sessions but the one with the hash `keep`.
///
/// # Errors
/// A field error when it is weak.
pub async fn set_password(state: &AppState, user: &User, new: &str, keep: Option<&str>) -> ApiResult<()> {
    check_strength(new, &user.email).map_err(|weak| ApiError::field("password", weak.to_string()))?;
    let hash = state.passwords.hash(new).await.map_err(ApiError::internal)?;
    state.store.set_password_hash(user.id, &hash).await?;
    state.store.revoke_other_sessions(user.id, keep).await?;
    state
        .store
        .audit(
            state.clock.now(),
            Some(user.id),
            "change_password",
            &format!("user:{}", user.id),
            &json!({}),
        )
        .await?;
    Ok(())
}

/// A second factor on offer.
#[derive(Clone, Debug)]
pub struct TotpOffer {
    /// What an authenticator app scans.
    pub address: String,
    /// The seed as a person types it.
    pub secret: String,
}

/// Offers a second factor; it counts once a code of it was shown. The same offer comes again until then.
///
/// # Errors
/// 409 when one is on already.
pub async fn offer_totp(state: &AppState, user: &User) -> ApiResult<TotpOffer> {
    if user.is_totp_on {
        return Err(ApiError::conflict("the second factor is on already"));
    }
    let seed = if let Some(seed) = totp_seed(state, user)? {
        seed
    } else {
        let seed = totp::new_seed(&*state.entropy);
        let sealed = state.vault.seal(&totp_purpose(user.id), &seed, &*state.entropy);
        state.store.offer_totp(user.id, sealed).await?;
        seed
    };
    Ok(TotpOffer {
        address: totp::provisioning_address(&seed, &user.email),
        secret: totp::seed_text(&seed),
    })
}

/// Puts the offered second factor in force; the answer is the recovery codes, shown this once.
///
/// # Errors
/// A field error when the code is wrong, 409 when nothing is on offer.
pub async fn turn_on_totp(state: &AppState, user: &User, code: &str) -> ApiResult<Vec<String>> {
    let now = state.clock.now();
    if user.is_totp_on {
        return Err(ApiError::conflict("the second factor is on already"));
    }
    let seed = totp_seed(state, user)?.ok_or_else(|| ApiError::conflict("open the two-factor page first"))?;
    let step = totp::matching_step(&seed, code, now)
        .ok_or_else(|| ApiError::field("code", "this code is wrong; check that your phone's clock is right"))?;
    state.store.use_totp_step(user.id, step).await?;
    let codes = totp::new_recovery_codes(&*state.entropy);
    let hashes: Vec<String> = codes.iter().map(|code| totp::recovery_hash(code)).collect();
    state.store.turn_on_totp(user.id, &hashes).await?;
    state
        .store
        .audit(
            now,
            Some(user.id),
            "turn_on_totp",
            &format!("user:{}", user.id),
            &json!({}),
        )
        .await?;
    Ok(codes)
}

/// Ends the second factor; the password is asked for again.
///
/// # Errors
/// A field error when the password is wrong.
pub async fn turn_off_totp(state: &AppState, user: &User, password: &str) -> ApiResult<()> {
    let check = state
        .passwords
        .check(password, Some(&user.password_hash))
        .await
        .map_err(ApiError::internal)?;
    if check == Check::Wrong {
        return Err(ApiError::field("password", "this is not your password"));
    }
    state.store.turn_off_totp(user.id).await?;
    state
        .store
        .audit(
            state.clock.now(),
            Some(user.id),
            "turn_off_totp",
            &format!("user:{}", user.id),
            &json!({}),
        )
        .await?;
    Ok(())
}

/// Invites somebody; the answer holds the token, shown this once.
///
/// # Errors
/// Field errors.
pub async fn invite(state: &AppState, owner: &User, email: &str, role: UserRole) -> ApiResult<(Invite, String)> {
    let email = read_email(email)?;
    if state.store.find_user_by_email(&email).await?.is_some() {
        return Err(ApiError::field(
            "email",
            "there is a user with this e-mail address already",
        ));
    }
    let now = state.clock.now();
    let token = hex::encode(state.entropy.bytes::<32>());
    let expires_at = now + Duration::days(INVITE_DAYS);
    let invite = state
        .store
        .create_invite(&hash(&token), &email, role, owner.id, now, expires_at)
        .await?;
    state
        .store
        .audit(
            now,
            Some(owner.id),
            "invite",
            &format!("invite:{}", invite.id),
            &json!({"role": role}),
        )
        .await?;
    Ok((invite, token))
}

/// Makes the invited user.
///
/// # Errors
/// 404 when the token is unknown, used or too old; field errors.
pub async fn accept_invite(state: &AppState, token: &str, name: &str, password: &str) -> ApiResult<User> {
    let now = state.clock.now();
    let invite = state
        .store
        .find_invite(&hash(token), now)
        .await?
        .ok_or_else(|| ApiError::not_found("open invitation"))?;
    let new = new_user(state, &invite.email, name, password, invite.role).await?;
    if !state.store.accept_invite(invite.id, now).await? {
        return Err(ApiError::not_found("open invitation"));
    }
    let user = state.store.create_user(new).await.map_err(taken)?;
    state
        .store
        .audit(
            now,
            Some(user.id),
            "accept_invite",
            &format!("invite:{}", invite.id),
            &json!({}),
        )
        .await?;
    Ok(user)
}

/// Makes an API key; the answer holds the key itself, shown this once.
///
/// # Errors
/// Field errors.
pub async fn create_api_key(
    state: &AppState,
    user: &User,
    name: &str,
    scopes: &[String],
    expires_in_days: Option<i64>,
) -> ApiResult<(ApiKey, String)> {
    let tx = state.store.begin_request().await?;
    let made = create_api_key_in(state, &tx, user, name, scopes, expires_in_days).await?;
    tx.commit().await?;
    Ok(made)
}

/// As [`create_api_key`], as part of a request's transaction.
///
/// # Errors
/// Field errors.
pub async fn create_api_key_in(
    state: &AppState,
    tx: &RequestTx,
    user: &User,
    name: &str,
    scopes: &[String],
    expires_in_days: Option<i64>,
) -> ApiResult<(ApiKey, String)> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(ApiError::field(
            "name",
            "name the key with 1 to 100 characters, so that you know it again",
        ));
    }
    if scopes.is_empty() || scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(ApiError::field("scope", "choose read, write or both"));
    }
    if expires_in_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err(ApiError::field(
            "expires_in_days",
            "use a whole number of days from 1 to 3650, or none",
        ));
    }
    let now = state.clock.now();
    let secret = format!("{KEY_PREFIX}{}", hex::encode(state.entropy.bytes::<32>()));
    let new = NewApiKey {
        user_id: user.id,
        name: name.to_owned(),
        prefix: secret[..KEY_PREFIX.len() + 6].to_owned(),
        key_hash: hash(&secret),
        scopes: scopes.to_vec(),
        created_at: now,
        expires_at: expires_in_days.map(|days| now + Duration::days(days)),
    };
    let key = tx.create_api_key(new).await?;
    let (subject, detail) = (format!("api_key:{}", key.id), json!({"scopes": scopes}));
    tx.audit(now, Some(user.id), "create_api_key", &subject, &detail)
        .await?;
    Ok((key, secret))
}

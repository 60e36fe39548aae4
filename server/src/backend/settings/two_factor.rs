//! Two-factor sign-in.

use crate::backend::{RequestBackend, count, failed, told};
use crate::desk::preferences::Preferences;
use crate::desk::{accounts, totp};
use app::AppError;
use app::pages::settings::two_factor::{TwoFactorPort, TwoFactorState, TwoFactorView};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use qrcode::QrCode;
use qrcode::render::svg;
use serde_json::json;
use store::User;

/// Under this name new recovery codes wait for the next view.
const NEW_CODES: &str = "recovery_codes";
/// The least width and height of the QR code.
const QR_SIZE: u32 = 200;

/// A text as a QR code: an `<svg>` element. Empty when the text is too long for one.
fn qr_svg(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else {
        return String::new();
    };
    let document = code.render::<svg::Color<'_>>().min_dimensions(QR_SIZE, QR_SIZE).build();
    document
        .find("<svg")
        .map_or_else(String::new, |start| document[start..].to_owned())
}

impl RequestBackend {
    async fn set_two_factor_since(&self, user: &User, since: Option<DateTime<Utc>>) -> Result<(), AppError> {
        let preferences = Preferences {
            two_factor_since: since,
            ..Preferences::of(user)
        };
        self.state
            .store
            .set_preferences(user.id, &preferences.to_json())
            .await
            .map_err(failed)
    }
}

#[async_trait]
impl TwoFactorPort for RequestBackend {
    async fn two_factor(&self) -> Result<TwoFactorView, AppError> {
        let user = self.writer().await?;
        let state = if user.is_totp_on {
            TwoFactorState::On {
                since: Preferences::of(user).two_factor_since.unwrap_or(user.created_at),
                recovery_codes_left: count(self.state.store.count_recovery_codes(user.id).await.map_err(failed)?),
            }
        } else if user.totp_sealed.is_some() {
            let offer = told(accounts::offer_totp(&self.state, user).await)?;
            TwoFactorState::Waiting {
                qr_svg: qr_svg(&offer.address),
                secret: offer.secret,
                uri: offer.address,
            }
        } else {
            TwoFactorState::Off
        };
        let kept = self.take_for_this_view(user, NEW_CODES).await?;
        Ok(TwoFactorView {
            state,
            new_recovery_codes: kept.map(|codes| codes.lines().map(str::to_owned).collect()),
        })
    }

    async fn start_two_factor(&self, password: String) -> Result<(), AppError> {
        let user = self.writer().await?;
        self.check_password(user, "password", &password).await?;
        told(accounts::offer_totp(&self.state, user).await).map(|_| ())
    }

    async fn confirm_two_factor(&self, code: String) -> Result<(), AppError> {
        let user = self.writer().await?;
        self.refuse_if_throttled(user).await?;
        let codes = match told(accounts::turn_on_totp(&self.state, user, &code).await) {
            Err(wrong @ AppError::Invalid { .. }) => {
                self.note_failure(user).await?;
                return Err(wrong);
            }
            other => other?,
        };
        self.set_two_factor_since(user, Some(self.now())).await?;
        self.keep_for_next_view(user, NEW_CODES, &codes.join("\n")).await
    }

    async fn cancel_two_factor(&self) -> Result<(), AppError> {
        let user = self.writer().await?;
        if user.is_totp_on || user.totp_sealed.is_none() {
            return Ok(());
        }
        self.state.store.turn_off_totp(user.id).await.map_err(failed)
    }

    async fn stop_two_factor(&self, password: String, code: String) -> Result<(), AppError> {
        let user = self.writer().await?;
        if !user.is_totp_on {
            return Ok(());
        }
        self.check_password(user, "password", &password).await?;
        if !told(accounts::uses_up_code(&self.state, user, &code, self.now()).await)? {
            self.note_failure(user).await?;
            return Err(AppError::field(
                "code",
                "This code is wrong or was used already; wait for the next one.",
            ));
        }
        told(accounts::turn_off_totp(&self.state, user, &password).await)?;
        self.set_two_factor_since(user, None).await
    }

    async fn renew_recovery_codes(&self, password: String) -> Result<(), AppError> {
        let user = self.writer().await?;
        self.check_password(user, "password", &password).await?;
        if !user.is_totp_on {
            return Err(AppError::Invalid {
                field: None,
                message: "Turn two-factor sign-in on first.".to_owned(),
            });
        }
        let codes = totp::new_recovery_codes(&*self.state.entropy);
        let hashes: Vec<String> = codes.iter().map(|code| totp::recovery_hash(code)).collect();
        self.state.store.turn_on_totp(user.id, &hashes).await.map_err(failed)?;
        self.audit(user, "renew_recovery_codes", format!("user:{}", user.id), json!({}))
            .await?;
        self.keep_for_next_view(user, NEW_CODES, &codes.join("\n")).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_one_element_that_the_security_policy_lets_pass() {
        let svg = qr_svg("otpauth://totp/Overround:ann@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Overround");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains("style=") && !svg.contains("<script"));
        assert_eq!(qr_svg(&"x".repeat(10_000)), "");
    }
}

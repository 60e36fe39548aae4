//! Secrets at rest: feed keys and two-factor seeds are sealed with XChaCha20-Poly1305.
//!
//! The key is 32 random bytes in `secret.key` in the data directory, readable by the owner alone. What a seal is for
//! (`feed:the_odds_api`, `totp:7`) is authenticated with it, so a sealed value moved to another row does not open.

use crate::clock::Entropy;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::path::Path;

const NONCE_BYTES: usize = 24;
const FILE: &str = "secret.key";

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Vault(XChaCha20Poly1305);

/// A sealed value does not open: it was changed, moved, or sealed with another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be opened; was secret.key replaced? enter the secret again")]
pub struct VaultError;

impl Vault {
    /// With a key given as bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// With the key of a data directory, which is made on first use.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not 32 bytes in hexadecimal.
    pub fn open_dir(data_dir: &Path, entropy: &dyn Entropy) -> std::io::Result<Self> {
        let path = data_dir.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = hex::encode(entropy.bytes::<32>());
                write_private(&path, &text)?;
                // Another process may have been first: what lies on disk counts.
                std::fs::read_to_string(&path)?
            }
            Err(error) => return Err(error),
        };
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "secret.key is damaged: restore it from a backup",
            )
        })?;
        Ok(Self::new(&key))
    }

    /// Seals `secret` for a purpose.
    ///
    /// # Panics
    /// Beyond 256 GiB, which no secret has.
    pub fn seal(&self, purpose: &str, secret: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let nonce = entropy.bytes::<NONCE_BYTES>();
        let payload = Payload {
            msg: secret,
            aad: purpose.as_bytes(),
        };
        #[expect(clippy::expect_used, reason = "sealing fails only beyond 256 GiB")]
        let sealed = self
            .0
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("a short secret can be sealed");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for the same purpose.
    ///
    /// # Errors
    /// [`VaultError`] when it was changed, sealed for another purpose or with another key.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or(VaultError)?;
        self.0
            .decrypt(
                XNonce::from_slice(nonce),
                Payload {
                    msg: sealed,
                    aad: purpose.as_bytes(),
                },
            )
            .map_err(|_| VaultError)
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).and_then(|()| file.sync_all()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn a_sealed_secret_opens_only_for_its_purpose_and_key() {
        let vault = Vault::new(&[7; 32]);
        let mut sealed = vault.seal("feed:a", b"key", &SystemEntropy);
        assert_eq!(vault.open("feed:a", &sealed).unwrap(), b"key");
        assert_eq!(vault.open("feed:b", &sealed), Err(VaultError));
        assert_eq!(Vault::new(&[8; 32]).open("feed:a", &sealed), Err(VaultError));
        sealed[30] ^= 1;
        assert_eq!(vault.open("feed:a", &sealed), Err(VaultError));
        assert_eq!(vault.open("feed:a", b"short"), Err(VaultError));
    }
}

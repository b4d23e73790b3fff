//! What a caller of the token detector may set, with its bounds.

use serde::Deserialize;

use crate::settings::SettingsError;

/// Bounds of [`TokenSettings::min_copies`].
pub const MIN_COPIES: (u32, u32) = (2, 100);
/// Bounds of [`TokenSettings::min_tokens`].
pub const MIN_TOKENS: (u32, u32) = (8, 4_096);
/// Bounds of [`TokenSettings::max_token_period`]. The upper one keeps a stream's state below 64 KiB.
pub const MAX_TOKEN_PERIOD: (u32, u32) = (8, 2_000);

/// How much repetition of tokens is a loop.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TokenSettings {
    /// Copies that must stand there, the first one included, 2 to 100.
    pub min_copies: u32,
    /// Tokens that must repeat, 8 to 4 096; keeps short echoes from being loops.
    pub min_tokens: u32,
    /// Longest period that is looked for, in tokens, 8 to 2 000. Sets the memory of a stream: about 8 KB at 512.
    pub max_token_period: u32,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            min_copies: 3,
            min_tokens: 32,
            max_token_period: 512,
        }
    }
}

impl TokenSettings {
    /// Checks all bounds.
    ///
    /// # Errors
    /// The first field that is out of bounds.
    pub fn validate(&self) -> Result<(), SettingsError> {
        for (field, given, bounds) in [
            ("minCopies", self.min_copies, MIN_COPIES),
            ("minTokens", self.min_tokens, MIN_TOKENS),
            ("maxTokenPeriod", self.max_token_period, MAX_TOKEN_PERIOD),
        ] {
            if given < bounds.0 || given > bounds.1 {
                return Err(SettingsError {
                    field,
                    given,
                    bounds,
                });
            }
        }
        Ok(())
    }

    /// The nearest settings within bounds.
    pub(super) fn clamped(self) -> Self {
        Self {
            min_copies: self.min_copies.clamp(MIN_COPIES.0, MIN_COPIES.1),
            min_tokens: self.min_tokens.clamp(MIN_TOKENS.0, MIN_TOKENS.1),
            max_token_period: self
                .max_token_period
                .clamp(MAX_TOKEN_PERIOD.0, MAX_TOKEN_PERIOD.1),
        }
    }
}

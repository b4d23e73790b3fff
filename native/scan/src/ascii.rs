//! How a lane takes ASCII text: through the loops where they may be used, else byte by byte.

use crate::attempt::NEVER;
use crate::engine::{Engine, Step};
use crate::ledger::Ledger;
use crate::plain::Ascii;
use crate::plan::Plan;

/// Bytes that are few for a loop over plain text to take.
const FEW: usize = 2;

/// Most bytes that are taken one by one before the loops are tried again.
const SHY: usize = 7;

/// When to stop before the end of a text.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Stop {
    /// Where a candidate waits to be decided.
    AtCandidate,
    Never,
}

impl Engine {
    /// Takes ASCII bytes until one of them leaves a candidate to decide; returns how many.
    #[inline]
    pub(crate) fn ascii(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        bytes: &[u8],
        raw: u64,
    ) -> usize {
        self.site.lane.append_ascii(bytes, raw);
        let slack = 0;
        let taken = self.take(plan, ledger, Ascii { bytes, raw, slack }, Stop::AtCandidate);
        if taken < bytes.len() {
            self.site.lane.take_back(bytes.len() - taken);
        }
        taken
    }

    /// Takes text that the lane has already; returns how many bytes.
    #[inline]
    pub(crate) fn take(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        text: Ascii<'_>,
        stop: Stop,
    ) -> usize {
        self.site.work += text.bytes.len() as u64;
        let calm = self.calm(ledger, text.raw);
        let taken = calm.map_or(0, |calm| self.plain(plan, calm, text));
        if taken == text.bytes.len() {
            return taken;
        }
        self.take_from(plan, ledger, text, (taken, stop))
    }

    /// The same where the first `taken` are, and the next is not plain. Apart, because a push often has no such byte, and the loop has
    /// much to set up.
    #[inline(never)]
    fn take_from(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        text: Ascii<'_>,
        (mut taken, stop): (usize, Stop),
    ) -> usize {
        let bytes = text.bytes;
        // Where the loops have taken few bytes, some are taken one by one before they are tried again: setting them up costs more.
        let (mut shy, mut wait) = (0, 0);
        while taken < bytes.len() {
            let rest = text.rest(taken);
            let calm = if wait == 0 {
                self.calm(ledger, rest.raw)
            } else {
                None
            };
            let dense = calm.map_or(0, |calm| self.dense(plan, (ledger, calm), rest));
            taken += dense;
            if dense == 0 {
                self.byte(plan, ledger, rest);
                taken += 1;
            }
            if stop == Stop::AtCandidate && ledger.first() != NEVER {
                break;
            }
            if wait > 0 {
                wait -= 1;
                continue;
            }
            let rest = text.rest(taken);
            let calm = self.calm(ledger, rest.raw);
            let after = calm.map_or(0, |calm| self.plain(plan, calm, rest));
            taken += after;
            shy = if dense + after < FEW {
                (2 * shy + 1).min(SHY)
            } else {
                0
            };
            wait = shy;
        }
        taken
    }

    /// Takes the first byte of a text.
    #[inline]
    fn byte(&mut self, plan: &Plan, ledger: &mut Ledger, text: Ascii<'_>) {
        let Some(byte) = text.bytes.first() else {
            return;
        };
        let (start, end) = match text.slack {
            0 => (text.raw, text.raw + 1),
            _ => self.site.lane.raw_of(self.end),
        };
        let step = Step {
            bytes: std::slice::from_ref(byte),
            start,
            end,
            barrier: false,
        };
        self.advance(plan, ledger, &step, byte.is_ascii_alphanumeric());
    }
}

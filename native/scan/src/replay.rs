//! What the skeleton lane takes from the normalised one: text as it stands there, and tokens with their look-alikes folded.

use crate::ascii::Stop;
use crate::engine::Engine;
use crate::fold::twin;
use crate::lane::Piece;
use crate::ledger::Ledger;
use crate::normalise::{Char, text};
use crate::plain::Ascii;
use crate::plan::Plan;
use crate::skeleton::MAX_TOKEN;

/// Bytes of the longest folded token: the character that ends the wait is still part of it.
const TOKEN_BYTES: usize = MAX_TOKEN as usize + 4;

impl Engine {
    /// Takes what another lane has between two positions.
    pub(crate) fn copy_from(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        normal: &Self,
        (from, to): (u64, u64),
    ) {
        let barred = normal.barriers.iter().any(|at| (from..to).contains(at));
        for piece in normal.site.lane.pieces(from, to) {
            if piece.width == 0 && !barred {
                self.copy_text(plan, ledger, &piece);
                continue;
            }
            for c in normal.chars(piece.at, piece.at + piece.bytes.len() as u64) {
                self.char(plan, ledger, &c);
            }
        }
    }

    /// Takes text that stands for itself.
    fn copy_text(&mut self, plan: &Plan, ledger: &mut Ledger, piece: &Piece<'_>) {
        let all = std::str::from_utf8(piece.bytes).unwrap_or_default();
        let (mut at, mut wide) = (0, 0);
        while let Some(c) = all[at..].chars().next() {
            let (rest, raw) = (&piece.bytes[at..], piece.raw + at as u64);
            if c.is_ascii() {
                let bytes = &rest[..rest.iter().take_while(|byte| byte.is_ascii()).count()];
                self.site.lane.append_ascii(bytes, raw);
                let slack = 0;
                self.take(plan, ledger, Ascii { bytes, raw, slack }, Stop::Never);
                at += bytes.len();
                continue;
            }
            if wide <= at {
                wide = at + text(rest, false);
            }
            let bytes = &piece.bytes[at..wide.max(at)];
            let taken = self.wide(plan, ledger, None, (bytes, raw));
            if taken == 0 {
                let end = raw + c.len_utf8() as u64;
                self.char(plan, ledger, &Char::new(c, raw, end));
                at += c.len_utf8();
            }
            at += taken;
        }
    }

    /// Takes a token of ASCII letters, digits and look-alikes of them, which are folded, from another lane.
    pub(crate) fn fold_from(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        normal: &Self,
        (from, to): (u64, u64),
    ) {
        let start = self.end;
        for piece in normal.site.lane.pieces(from, to) {
            self.fold_piece(&piece);
        }
        let fold = self.site.first_fold(start);
        self.attempts.note_fold(fold);
        let mut token = [0; TOKEN_BYTES];
        let bytes = self.site.lane.slice(start, self.site.lane.end());
        let bytes = &bytes[..bytes.len().min(TOKEN_BYTES)];
        token[..bytes.len()].copy_from_slice(bytes);
        let bytes = &token[..bytes.len()];
        let (raw, end) = (
            normal.site.lane.raw_start(from),
            normal.site.lane.raw_end(to),
        );
        let slack = end - raw - bytes.len() as u64;
        self.take(plan, ledger, Ascii { bytes, raw, slack }, Stop::Never);
    }

    /// Appends a part of a token to the lane, with its look-alikes folded.
    fn fold_piece(&mut self, piece: &Piece<'_>) {
        let text = std::str::from_utf8(piece.bytes).unwrap_or_default();
        let mut raw = piece.raw;
        for c in text.chars() {
            let end = raw + piece.raw_bytes(c);
            let folded = twin(c).unwrap_or(c as u8);
            if !c.is_ascii() {
                self.site.folds.push(self.site.lane.end());
            }
            self.site.lane.append(&Char::ascii(folded, raw, end));
            raw = end;
        }
    }
}

//! Replacing values inside a payload, all other bytes kept.

use midstream_session::{BlockId, Enforcer, Halves};

use crate::chunk::Form;
use crate::json::{Span, is_valid};
use crate::text::{escape_halves_into, escape_into, halves_of};

/// One value to replace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patch {
    /// What is replaced.
    pub span: Span,
    /// Its replacement, in the scratch text.
    text: Span,
}

/// Collects replacements and writes the patched bytes. Buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Patches {
    list: Vec<Patch>,
    text: Vec<u8>,
    plain: Vec<u8>,
}

/// A text value of a payload and where it stands in its block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// `None`: the text is dropped.
    pub block: Option<BlockId>,
    pub choice: u32,
    pub start: u64,
    pub end: u64,
    pub span: Span,
    pub form: Form,
}

impl Patches {
    pub fn clear(&mut self) {
        self.list.clear();
        self.text.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Replaces a value by fixed bytes.
    pub fn fixed(&mut self, span: Span, bytes: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.list.push(Patch {
            span,
            text: Span::new(start, self.text.len()),
        });
    }

    /// Replaces a text value of `bytes` by what its decided range became. A character whose halves came as escapes in two
    /// values stays one: each half that is still there leaves as it came.
    pub fn rendered(&mut self, piece: &Piece, enforcer: &Enforcer, bytes: &[u8]) {
        let halves = halves_of(piece.span.of(bytes), piece.form);
        self.render(piece, enforcer, ("", halves));
    }

    /// As [`Self::rendered`], with a text behind; then nothing can follow that would complete a character.
    pub fn rendered_with(&mut self, piece: &Piece, enforcer: &Enforcer, behind: &str) {
        self.render(piece, enforcer, (behind, Halves::default()));
    }

    fn render(&mut self, piece: &Piece, enforcer: &Enforcer, (behind, halves): (&str, Halves)) {
        self.plain.clear();
        if let Some(block) = piece.block {
            enforcer.render(block, piece.start, piece.end, &mut self.plain);
        }
        self.plain.extend_from_slice(behind.as_bytes());
        let start = self.text.len();
        if piece.form != Form::Raw {
            escape_halves_into(halves, &self.plain, &mut self.text);
        } else if is_valid(&self.plain) {
            // Between tokens a line end is white space, and would end the frame's line.
            self.text
                .extend(self.plain.iter().map(|&b| if b < b' ' { b' ' } else { b }));
        } else {
            self.text.push(b'"');
            escape_into(&self.plain, &mut self.text);
            self.text.push(b'"');
        }
        self.list.push(Patch {
            span: piece.span,
            text: Span::new(start, self.text.len()),
        });
    }

    /// Appends `bytes` with the replacements in their places.
    pub fn apply(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.list.sort_by_key(|patch| patch.span.start);
        let mut at = 0;
        for patch in &self.list {
            out.extend_from_slice(&bytes[at..patch.span.start as usize]);
            out.extend_from_slice(patch.text.of(&self.text));
            at = patch.span.end as usize;
        }
        out.extend_from_slice(&bytes[at..]);
    }
}

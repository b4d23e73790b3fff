//! A whole answer: one chat-completion object.

use crate::chunk::{ChoiceValue, Chunk, Form};
use crate::json::{Bad, Span};
use crate::patch::{Patches, Piece};
use crate::settings::Mode;
use crate::stream::Context;
use crate::synth::{self, Fault};
use crate::text::{decode, escape_into, halves_of};

/// Largest body in bytes.
const MAX_BODY_BYTES: usize = 16 << 20;

#[derive(Default)]
pub(crate) struct Unary {
    body: Vec<u8>,
}

impl Unary {
    /// Takes payload bytes.
    pub fn feed(&mut self, ctx: &mut Context, payload: &[u8], out: &mut Vec<u8>) {
        if self.body.len() + payload.len() > MAX_BODY_BYTES {
            return self.fail(ctx, Fault::Unreadable, out);
        }
        self.body.extend_from_slice(payload);
        ctx.state.held_bytes = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
    }

    /// The answer is an error object; nothing of the body leaves.
    pub fn fail(&mut self, ctx: &mut Context, fault: Fault, out: &mut Vec<u8>) {
        self.body = Vec::new();
        synth::error_body(fault, out);
        ctx.state.failed = true;
        end(ctx);
    }

    /// The payload is complete (`fault`: why it is not).
    pub fn finish(&mut self, ctx: &mut Context, fault: Option<Fault>, out: &mut Vec<u8>) {
        if let Some(fault) = fault {
            return self.fail(ctx, fault, out);
        }
        let body = std::mem::take(&mut self.body);
        let mut chunk = Chunk::default();
        let known = |chunk: &Chunk| !chunk.choices.is_empty() || chunk.has_error;
        let read = chunk.read(&body, Mode::Unary);
        if read.is_err() || !known(&chunk) {
            if !ctx.settings.pass_unknown || read == Err(Bad::Refused) {
                return self.fail(ctx, Fault::Unreadable, out);
            }
            out.extend_from_slice(&body);
            return end(ctx);
        }
        if let Some(usage) = chunk.usage {
            ctx.count(usage);
        }
        ctx.state.frames = 1;
        ctx.state.deltas = u32::from(!chunk.texts.is_empty());
        ctx.state.started = true;
        ctx.state.failed = chunk.has_error;
        let Some(pieces) = analyse(ctx, &chunk, &body) else {
            return self.fail(ctx, Fault::Unreadable, out);
        };
        rewrite(ctx, &chunk, &body, &pieces, out);
        end(ctx);
    }
}

fn end(ctx: &mut Context) {
    ctx.state.done = true;
    ctx.state.held_bytes = 0;
}

/// Analyses all texts in canonical order; `None` if there are too many blocks.
fn analyse(ctx: &mut Context, chunk: &Chunk, body: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for (slot, choice) in chunk.choices.iter().enumerate() {
        let mut values = chunk
            .texts
            .iter()
            .filter(|value| value.slot == slot)
            .peekable();
        while let Some(value) = values.next() {
            text.clear();
            let raw = value.span.of(body);
            let said = decode(raw, value.form, &mut text);
            let mut piece = Piece {
                block: None,
                choice: choice.index,
                start: 0,
                end: 0,
                span: value.span,
                form: value.form,
            };
            if !ctx.enforcer.is_cut(choice.index) {
                let block = ctx
                    .enforcer
                    .block(choice.index, value.block, value.channel)
                    .ok()?;
                piece.start = ctx.enforcer.total(block);
                let halves = halves_of(raw, value.form);
                ctx.enforcer.push_cut(block, said, halves);
                piece.end = ctx.enforcer.total(block);
                piece.block = Some(block);
                // One block after the other: what is decided in the order of findings follows the canonical order.
                if values.peek().is_none_or(|next| next.block != value.block) {
                    ctx.enforcer.end_block(block);
                }
            }
            pieces.push(piece);
        }
        ctx.enforcer.end_choice(choice.index);
        drop_behind_cut(ctx, choice.index, &mut pieces);
    }
    Some(pieces)
}

/// Text behind the piece with the cut is dropped.
fn drop_behind_cut(ctx: &Context, choice: u32, pieces: &mut [Piece]) {
    let mut behind = false;
    for piece in pieces.iter_mut().filter(|piece| piece.choice == choice) {
        if behind {
            piece.block = None;
        }
        let cut = piece.block.and_then(|block| ctx.enforcer.cut(block));
        behind |= cut.is_some_and(|cut| cut.anchor < piece.end);
    }
}

fn rewrite(ctx: &Context, chunk: &Chunk, body: &[u8], pieces: &[Piece], out: &mut Vec<u8>) {
    let mut patches = Patches::default();
    for choice in &chunk.choices {
        let message = ctx.enforcer.choice_cut(choice.index).map(|cut| {
            ctx.enforcer.plan().actions()[cut.action as usize]
                .message
                .as_str()
        });
        let mut last = Last::new(choice, pieces, message.unwrap_or_default());
        let mut changed = false;
        for piece in pieces.iter().filter(|piece| piece.choice == choice.index) {
            let touched = piece
                .block
                .is_none_or(|b| ctx.enforcer.touches(b, piece.start, piece.end));
            let behind = last.take(piece);
            if touched || !behind.is_empty() {
                if behind.is_empty() {
                    patches.rendered(piece, &ctx.enforcer, body);
                } else {
                    patches.rendered_with(piece, &ctx.enforcer, behind);
                }
            }
            changed |= touched;
        }
        if let Some(span) = choice.logprobs.filter(|_| changed) {
            patches.fixed(span, b"null");
        }
        if message.is_some() {
            end_choice(&mut patches, choice);
            add_message(&mut patches, choice, body, last.message);
        }
    }
    if ctx.enforces {
        for &(_, span) in &chunk.echoes {
            patches.fixed(span, b"\"\"");
        }
    }
    patches.apply(body, out);
}

/// The message of a blocked choice, until it has found its place behind a content that is a string.
struct Last<'a> {
    place: Option<Span>,
    message: &'a str,
}

impl<'a> Last<'a> {
    fn new(choice: &ChoiceValue, pieces: &[Piece], message: &'a str) -> Self {
        let quoted = |span: Span| Span {
            start: span.start - 1,
            end: span.end + 1,
        };
        let is_it =
            |piece: &&Piece| piece.form != Form::Raw && choice.content == Some(quoted(piece.span));
        Self {
            place: pieces.iter().find(is_it).map(|piece| piece.span),
            message,
        }
    }

    fn take(&mut self, piece: &Piece) -> &'a str {
        if self.place == Some(piece.span) {
            std::mem::take(&mut self.message)
        } else {
            ""
        }
    }
}

fn end_choice(patches: &mut Patches, choice: &ChoiceValue) {
    if let Some(value) = choice.finish_value {
        patches.fixed(value, b"\"content_filter\"");
    } else {
        let end = choice.object.end - 1;
        let comma: &[u8] = if choice.object.end - choice.object.start > 2 {
            b","
        } else {
            b""
        };
        let member = [comma, b"\"finish_reason\":\"content_filter\""].concat();
        patches.fixed(Span { start: end, end }, &member);
    }
}

/// Puts the message where the content is no string with text: in place of null, into a list, or as a new member.
fn add_message(patches: &mut Patches, choice: &ChoiceValue, body: &[u8], message: &str) {
    if message.is_empty() {
        return;
    }
    let mut text = vec![b'"'];
    escape_into(message.as_bytes(), &mut text);
    text.push(b'"');
    let before = |span: Span| Span {
        start: span.end - 1,
        end: span.end - 1,
    };
    let comma = |span: Span| {
        let inside = &body[span.start as usize + 1..span.end as usize - 1];
        if inside.trim_ascii().is_empty() {
            ""
        } else {
            ","
        }
    };
    match (choice.content, choice.message) {
        (Some(list), _) if list.of(body).starts_with(b"[") => {
            let item = [
                comma(list).as_bytes(),
                b"{\"type\":\"text\",\"text\":",
                &text,
                b"}",
            ]
            .concat();
            patches.fixed(before(list), &item);
        }
        (Some(content), _) => patches.fixed(content, &text),
        (None, Some(object)) => {
            let member = [comma(object).as_bytes(), b"\"content\":", &text].concat();
            patches.fixed(before(object), &member);
        }
        (None, None) => {}
    }
}

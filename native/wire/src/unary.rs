//! A whole answer: one chat-completion object.

use crate::chunk::{ChoiceValue, Chunk};
use crate::json::Span;
use crate::patch::{Patches, Piece};
use crate::settings::Mode;
use crate::stream::{Context, decode};
use crate::synth::{self, Fault};
use crate::text::escape_into;

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
        ctx.state.holding = true;
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
        if chunk.read(&body, Mode::Unary).is_err() {
            if !ctx.settings.pass_unknown {
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
        rewrite(ctx, &chunk, &body, pieces, out);
        end(ctx);
    }
}

fn end(ctx: &mut Context) {
    ctx.state.done = true;
    ctx.state.holding = false;
    ctx.state.held_bytes = 0;
}

/// Analyses all texts in canonical order; `None` if there are too many blocks.
fn analyse(ctx: &mut Context, chunk: &Chunk, body: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for (slot, choice) in chunk.choices.iter().enumerate() {
        for value in chunk.texts.iter().filter(|value| value.slot == slot) {
            text.clear();
            let said = decode(value.span.of(body), value.form, &mut text);
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
                piece.end = piece.start + said.len() as u64;
                ctx.enforcer.push(block, said);
                piece.block = Some(block);
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

fn rewrite(ctx: &Context, chunk: &Chunk, body: &[u8], pieces: Vec<Piece>, out: &mut Vec<u8>) {
    let mut patches = Patches::default();
    for choice in &chunk.choices {
        let mut changed = false;
        let blocked = ctx.enforcer.is_cut(choice.index);
        let message = blocked
            .then(|| message_of(ctx, choice.index))
            .unwrap_or_default();
        let mut message_left = !message.is_empty();
        for piece in pieces.iter().filter(|piece| piece.choice == choice.index) {
            let touched = piece
                .block
                .is_none_or(|b| ctx.enforcer.touches(b, piece.start, piece.end));
            let is_content = choice
                .content
                .is_some_and(|content| is_inside(piece.span, content));
            let last_content =
                message_left && is_content && !has_later_content(&pieces, piece, choice);
            if !touched && !last_content {
                continue;
            }
            changed |= touched;
            patches.rendered_with(
                piece,
                &ctx.enforcer,
                if last_content { message } else { "" },
            );
            message_left &= !last_content;
        }
        if message_left {
            add_message(&mut patches, choice, body, message);
        }
        if blocked {
            if let Some(value) = choice.finish_value {
                patches.fixed(value, b"\"content_filter\"");
            }
        }
        if let Some(span) = choice.logprobs.filter(|_| changed || blocked) {
            patches.fixed(span, b"null");
        }
    }
    if ctx.enforces {
        for &(_, span) in &chunk.echoes {
            patches.fixed(span, b"\"\"");
        }
    }
    patches.apply(body, out);
}

fn is_inside(span: Span, outer: Span) -> bool {
    span.start >= outer.start && span.end <= outer.end
}

fn has_later_content(pieces: &[Piece], piece: &Piece, choice: &ChoiceValue) -> bool {
    pieces.iter().any(|other| {
        other.span.start > piece.span.start
            && choice
                .content
                .is_some_and(|content| is_inside(other.span, content))
    })
}

fn message_of(ctx: &Context, choice: u32) -> &str {
    let cut = ctx.enforcer.choice_cut(choice);
    cut.map_or("", |cut| {
        ctx.enforcer.plan().actions()[cut.action as usize]
            .message
            .as_str()
    })
}

/// Puts the message where the content is null or missing.
fn add_message(patches: &mut Patches, choice: &ChoiceValue, body: &[u8], message: &str) {
    let mut text = vec![b'"'];
    escape_into(message.as_bytes(), &mut text);
    text.push(b'"');
    if let Some(content) = choice.content {
        if !matches!(content.of(body).first(), Some(b'[')) {
            patches.fixed(content, &text);
        }
        return;
    }
    if let Some(object) = choice.message {
        let behind = object.start as usize + 1;
        let is_empty = body[behind..].trim_ascii_start().first() == Some(&b'}');
        let mut member = b"\"content\":".to_vec();
        member.extend_from_slice(&text);
        if !is_empty {
            member.push(b',');
        }
        patches.fixed(Span::new(behind, behind), &member);
    }
}

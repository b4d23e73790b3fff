//! One answer on its way through.

use std::sync::Arc;

use midstream_session::{Enforcer, Plan, Record};

use crate::body::Body;
use crate::settings::{End, Mode, Settings, State};
use crate::stream::{Context, Stream};
use crate::synth::Fault;
use crate::unary::Unary;

enum Shape {
    Stream(Box<Stream>),
    Unary(Unary),
}

/// One upstream answer.
pub struct Wire {
    context: Context,
    body: Body,
    shape: Shape,
}

impl Wire {
    /// An answer whose head has been read and whose body begins.
    pub fn new(plan: Arc<Plan>, settings: Settings) -> Self {
        let shape = match settings.mode {
            Mode::Stream => Shape::Stream(Box::default()),
            Mode::Unary => Shape::Unary(Unary::default()),
        };
        let body = Body::new(settings.framing, settings.content_length);
        let context = Context {
            enforces: plan.enforces(),
            settings,
            state: State::default(),
            enforcer: Enforcer::new(plan),
        };
        Self {
            context,
            body,
            shape,
        }
    }

    /// Takes one network read (of any size) and appends to `out` what the client may have. Bytes after the end of the HTTP
    /// message are counted in [`State::trailing`]; bytes after the end of the answer are dropped.
    pub fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) {
        self.context.enforcer.arrive();
        let mut rest = input;
        while !rest.is_empty() && !self.body.is_done() {
            let Ok((payload, used)) = self.body.next(rest) else {
                self.body.abandon();
                self.fail(Fault::Unreadable, out);
                break;
            };
            rest = &rest[used..];
            if payload.is_empty() || self.context.state.done {
                continue;
            }
            match &mut self.shape {
                Shape::Stream(stream) => stream.feed(&mut self.context, payload, out),
                Shape::Unary(unary) => unary.feed(&mut self.context, payload, out),
            }
        }
        let complete = self.body.is_done();
        self.context.state.message_end = complete;
        self.context.state.trailing = if complete { rest.len() as u32 } else { 0 };
        if complete {
            self.finish(None, out);
        }
    }

    /// The upstream ended; appends what ends the client's answer honestly: held text, then `[DONE]` or an error. Does
    /// nothing where the answer is complete.
    pub fn end(&mut self, end: End, out: &mut Vec<u8>) {
        self.context.state.trailing = 0;
        if end == End::Cancelled {
            // Nobody listens any more, or the gateway has said why already.
            self.context.state.done = true;
            return;
        }
        let fault = match end {
            End::Eof if self.body.may_end() => None,
            End::Eof | End::Failed | End::Cancelled => Some(Fault::Cut),
            End::TimedOut => Some(Fault::TimedOut),
        };
        self.finish(fault, out);
    }

    /// State after the last call.
    pub fn state(&self) -> State {
        State {
            records: self.context.enforcer.has_records(),
            ..self.context.state
        }
    }

    /// Moves findings and verdicts since the last call to `out`.
    pub fn take_records(&mut self, out: &mut Vec<Record>) {
        self.context.enforcer.take_records(out);
    }

    fn finish(&mut self, fault: Option<Fault>, out: &mut Vec<u8>) {
        if self.context.state.done {
            return;
        }
        match &mut self.shape {
            Shape::Stream(stream) => stream.finish(&mut self.context, fault, out),
            Shape::Unary(unary) => unary.finish(&mut self.context, fault, out),
        }
    }

    fn fail(&mut self, fault: Fault, out: &mut Vec<u8>) {
        if self.context.state.done {
            return;
        }
        match &mut self.shape {
            Shape::Stream(stream) => stream.fail(&mut self.context, fault, out),
            Shape::Unary(unary) => unary.fail(&mut self.context, fault, out),
        }
    }
}

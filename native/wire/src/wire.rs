//! One answer on its way through.

use std::sync::Arc;

use midstream_session::{Enforcer, Plan, Record};

use crate::body::Body;
use crate::settings::{End, Settings, State};

/// One upstream answer.
#[derive(Debug)]
pub struct Wire {
    settings: Settings,
    state: State,
    body: Body,
    enforcer: Enforcer,
}

impl Wire {
    /// An answer whose head has been read and whose body begins.
    pub fn new(plan: Arc<Plan>, settings: Settings) -> Self {
        Self {
            body: Body::new(settings.framing, settings.content_length),
            settings,
            state: State::default(),
            enforcer: Enforcer::new(plan),
        }
    }

    /// Takes one network read (of any size) and appends to `out` what the client may have.
    pub fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) {
        let _ = (&self.settings, &self.body);
        out.extend_from_slice(input);
    }

    /// The upstream ended; appends what ends the client's answer honestly.
    pub fn end(&mut self, end: End, out: &mut Vec<u8>) {
        let _ = (end, out);
        self.state.done = true;
    }

    /// State after the last call.
    pub fn state(&self) -> State {
        State {
            records: self.enforcer.has_records(),
            ..self.state
        }
    }

    /// Moves findings and verdicts since the last call to `out`.
    pub fn take_records(&mut self, out: &mut Vec<Record>) {
        self.enforcer.take_records(out);
    }
}

//! What handles stand for. One table for all kinds, so that a handle of one kind is unknown to the calls of another.

use std::sync::Arc;

use midstream_json_guard::{Guard, Stream};
use midstream_session::{Detector, Plan};
use midstream_temporal_attractor_studio::RegimeStream;
use midstream_temporal_compare::{PatternBank, PatternStream, TemporalSequence};

use crate::cache::Cache;
use crate::detect::{Compiled, Texts};
use crate::handles::Table;
use crate::rules::{Bank, Rules};
use crate::scheduler::Wheel;
use crate::status::Fault;
use crate::streams::EditMatcher;
use crate::wire::Flow;

pub(crate) enum Object {
    Plan(Arc<Plan>),
    Session(Box<Detector>),
    Wire(Box<Flow>),
    Rules(Arc<Rules>),
    Bank(Box<Bank>),
    Wheel(Box<Wheel>),
    Regime(Box<RegimeStream>),
    Pattern(Box<PatternStream>),
    PatternBank(Box<PatternBank>),
    Edit(Box<EditMatcher>),
    Sequence(Box<TemporalSequence<u32>>),
    Cache(Box<Cache>),
    Guard(Box<Guard>),
    Guarded(Box<Stream>),
    Detector(Compiled),
    Texts(Box<Texts>),
    /// Fails as its tests want.
    Probe,
}

static OBJECTS: Table<Object> = Table::new();

pub(crate) fn insert(object: Object) -> Result<u32, Fault> {
    OBJECTS.insert(object)
}

/// Inserts and returns the handle as the result of an export.
pub(crate) fn open(object: Object) -> Result<i32, Fault> {
    // A handle has 31 bits, so this stays positive.
    insert(object).map(u32::cast_signed)
}

#[inline]
pub(crate) fn with<R>(
    handle: u32,
    body: impl FnOnce(&mut Object) -> Result<R, Fault>,
) -> Result<R, Fault> {
    OBJECTS.with(handle, body)
}

/// The plan of a handle, shared.
pub(crate) fn plan(handle: u32) -> Result<Arc<Plan>, Fault> {
    with(handle, |object| match object {
        Object::Plan(plan) => Ok(Arc::clone(plan)),
        _ => Err(Fault::BAD_HANDLE),
    })
}

#[inline]
pub(crate) fn session<R>(
    handle: u32,
    body: impl FnOnce(&mut Detector) -> Result<R, Fault>,
) -> Result<R, Fault> {
    with(handle, |object| match object {
        Object::Session(session) => body(session),
        _ => Err(Fault::BAD_HANDLE),
    })
}

#[inline]
pub(crate) fn wire<R>(
    handle: u32,
    body: impl FnOnce(&mut Flow) -> Result<R, Fault>,
) -> Result<R, Fault> {
    with(handle, |object| match object {
        Object::Wire(wire) => body(wire),
        _ => Err(Fault::BAD_HANDLE),
    })
}

/// Closes a handle whose object is `wanted`.
pub(crate) fn close(handle: u32, wanted: fn(&Object) -> bool) -> Result<i32, Fault> {
    OBJECTS.remove(handle, wanted).map(|()| 0)
}

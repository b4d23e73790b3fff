//! Flat ABI of native/json-guard: a guard is compiled once for a schema, a stream watches one text.

use midstream_json_guard::{DuplicateKeys, Guard, Placement, Settings, Status, Stream};

use crate::memory;
use crate::objects::{self, Object};
use crate::status::Fault;
use crate::wall::{refusal, wall};

/// Refuse a member's name that stands twice in one object.
pub const MS_GUARD_UNIQUE_NAMES: u32 = 1;

/// Status of a stream: more text may follow.
pub const MS_GUARD_OPEN: i32 = 0;
/// One whole value has been read.
pub const MS_GUARD_COMPLETE: i32 = 1;
/// No continuation is valid.
pub const MS_GUARD_BROKEN: i32 = 2;

/// Compiles a schema (JSON; none where `len` is 0). `placement`: 0 the whole text, 1 in a Markdown fence, 2 the first that is found.
///
/// # Safety
/// `schema` is valid for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_guard_compile(
    schema: *const u8,
    len: u32,
    placement: u32,
    flags: u32,
    max_bytes: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let schema = unsafe { memory::input(schema, len) }?;
        let placement = match placement {
            0 => Placement::Strict,
            1 => Placement::Fenced,
            2 => Placement::FindFirst,
            _ => return Err(Fault::argument("Placement is not one of 0 to 2")),
        };
        let duplicate_keys = if flags & MS_GUARD_UNIQUE_NAMES == 0 {
            DuplicateKeys::Allow
        } else {
            DuplicateKeys::Refuse
        };
        let settings = Settings {
            placement,
            duplicate_keys,
            max_bytes: max_bytes as usize,
            ..Settings::default()
        };
        let document = if schema.is_empty() {
            None
        } else {
            let fault = |_| Fault::argument("Schema is not JSON");
            Some(serde_json::from_slice(schema).map_err(fault)?)
        };
        let guard = Guard::compile(document.as_ref(), settings).map_err(|e| refusal(&e))?;
        objects::open(Object::Guard(Box::new(guard)))
    })
}

/// Opens a stream on a guard. The stream keeps what it needs of it.
#[unsafe(no_mangle)]
pub extern "C" fn ms_guard_open(guard: u32) -> i32 {
    wall(|| {
        let stream = objects::with(guard, |object| match object {
            Object::Guard(guard) => Ok(guard.start()),
            _ => Err(Fault::BAD_HANDLE),
        })?;
        objects::open(Object::Guarded(Box::new(stream)))
    })
}

fn with_stream<R>(
    handle: u32,
    body: impl FnOnce(&mut Stream) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Guarded(stream) => body(stream),
        _ => Err(Fault::BAD_HANDLE),
    })
}

const fn code(status: &Status) -> i32 {
    match status {
        Status::Open => MS_GUARD_OPEN,
        Status::Complete => MS_GUARD_COMPLETE,
        Status::Violation(_) => MS_GUARD_BROKEN,
    }
}

/// Takes the next bytes; returns the status.
///
/// # Safety
/// `text` is valid for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_guard_push(stream: u32, text: *const u8, len: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let text = unsafe { memory::input(text, len) }?;
        with_stream(stream, |stream| Ok(code(&stream.push(text))))
    })
}

/// The text is complete; returns the status.
#[unsafe(no_mangle)]
pub extern "C" fn ms_guard_finish(stream: u32) -> i32 {
    wall(|| with_stream(stream, |stream| Ok(code(&stream.finish()))))
}

/// What is broken, as JSON: offset, path, schemaPath, kind, found, expected; its length, or 0 where nothing is.
///
/// # Safety
/// `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_guard_violation(stream: u32, out: *mut u8, cap: u32) -> i32 {
    wall(|| {
        let json = with_stream(stream, |stream| {
            let Status::Violation(violation) = stream.status() else {
                return Ok(String::new());
            };
            let json = serde_json::json!({
                "offset": violation.offset,
                "path": violation.path,
                "schemaPath": violation.schema_path,
                "kind": violation.kind.name(),
                "found": violation.found,
                "expected": violation.expected,
            });
            Ok(json.to_string())
        })?;
        // SAFETY: the caller's duty.
        unsafe { memory::write(out, cap, json.as_bytes()) }
    })
}

/// Closes a guard or a stream; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_guard_close(handle: u32) -> i32 {
    wall(|| {
        objects::close(handle, |object| {
            matches!(object, Object::Guard(_) | Object::Guarded(_))
        })
    })
}

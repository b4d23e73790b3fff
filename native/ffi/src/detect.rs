//! Flat ABI of the detectors that judge text (native/text-detector): one is compiled once, an answer's texts are read as they come.

use std::collections::VecDeque;
use std::sync::Arc;

use midstream_text_detector::{Answer, Context, Detector, Found, Origin, Reader, SettingsError};
use serde_json::{Value, json};

use crate::memory;
use crate::objects::{self, Object};
use crate::session::MS_PUSH_WORDS;
use crate::status::{Fault, MS_BAD_UTF8, MS_TOO_SMALL};
use crate::wall::{refusal, wall};

/// A compiled detector, shared by its answers.
pub(crate) type Compiled = Arc<dyn Detector>;

type Compile = fn(Value) -> Result<Compiled, SettingsError>;

/// All detectors by their name.
const KINDS: [(&str, Compile); 8] = [
    ("toxicity", midstream_toxicity::compile),
    ("injection", midstream_injection::compile),
    ("prompt-leak", midstream_prompt_leak::compile),
    ("grounding", midstream_grounding::compile),
    ("quality", midstream_quality::compile),
    ("pattern", midstream_pattern::compile),
    ("dynamics", midstream_dynamics::explore),
    ("units", midstream_segment::compile),
];

struct Text {
    choice: u32,
    block: u32,
    origin: Origin,
    reader: Box<dyn Reader>,
}

struct Waiting {
    choice: u32,
    block: u32,
    origin: Origin,
    found: Found,
}

/// One answer: its open texts, and what waits to be taken.
pub(crate) struct Texts {
    detector: Compiled,
    answer: Box<dyn Answer>,
    open: Vec<Text>,
    last: usize,
    waiting: VecDeque<Waiting>,
    scratch: Vec<Found>,
}

impl Texts {
    fn find(&self, choice: u32, block: u32) -> Option<usize> {
        let is_it = |text: &Text| text.choice == choice && text.block == block;
        if self.open.get(self.last).is_some_and(is_it) {
            return Some(self.last);
        }
        self.open.iter().position(is_it)
    }

    fn push(&mut self, choice: u32, block: u32, origin: Origin, text: &str) -> u64 {
        let slot = self.find(choice, block).unwrap_or_else(|| {
            let reader = self.answer.open(origin);
            self.open.push(Text {
                choice,
                block,
                origin,
                reader,
            });
            self.open.len() - 1
        });
        self.last = slot;
        self.open[slot].reader.push(text, &mut self.scratch);
        self.keep(slot);
        self.open[slot].reader.hold_from()
    }

    fn end(&mut self, choice: u32, block: u32) {
        let Some(slot) = self.find(choice, block) else {
            return;
        };
        self.open[slot].reader.finish(&mut self.scratch);
        self.keep(slot);
        self.open.swap_remove(slot);
    }

    fn keep(&mut self, slot: usize) {
        if self.scratch.is_empty() {
            return;
        }
        let text = &self.open[slot];
        let (choice, block, origin) = (text.choice, text.block, text.origin);
        self.waiting
            .extend(self.scratch.drain(..).map(|found| Waiting {
                choice,
                block,
                origin,
                found,
            }));
    }

    fn json_of(&self, waiting: &Waiting) -> String {
        let Found {
            rule,
            start,
            end,
            from,
            score,
            data,
        } = &waiting.found;
        let rule = self.detector.rules()[*rule as usize];
        json!({
            "choice": waiting.choice,
            "block": waiting.block,
            "origin": waiting.origin as u8,
            "rule": rule.id,
            "tag": rule.tag,
            "range": {"start": start, "end": end},
            "from": from,
            // Four digits are more than a calibration knows.
            "score": (f64::from(*score) * 1e4).round() / 1e4,
            "data": data,
        })
        .to_string()
    }

    /// Findings as a JSON array of at most `cap` bytes; what has no room stays.
    fn take(&mut self, cap: usize) -> Result<String, Fault> {
        let mut out = String::new();
        while let Some(next) = self.waiting.front() {
            let json = self.json_of(next);
            if out.len() + json.len() + 2 > cap {
                if out.is_empty() {
                    return Err(Fault::new(MS_TOO_SMALL, "Output has too few bytes"));
                }
                break;
            }
            out.push(if out.is_empty() { '[' } else { ',' });
            out.push_str(&json);
            self.waiting.pop_front();
        }
        if !out.is_empty() {
            out.push(']');
        }
        Ok(out)
    }
}

/// # Safety
/// `text` is valid for `len` bytes until the call returns.
unsafe fn utf8<'a>(text: *const u8, len: u32) -> Result<&'a str, Fault> {
    // SAFETY: the caller's duty.
    let bytes = unsafe { memory::input(text, len) }?;
    std::str::from_utf8(bytes).map_err(|_| Fault::new(MS_BAD_UTF8, "Text is not UTF-8"))
}

fn shared(handle: u32) -> Result<Compiled, Fault> {
    objects::with(handle, |object| match object {
        Object::Detector(detector) => Ok(Arc::clone(detector)),
        _ => Err(Fault::BAD_HANDLE),
    })
}

fn with_texts<R>(
    handle: u32,
    body: impl FnOnce(&mut Texts) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Texts(texts) => body(texts),
        _ => Err(Fault::BAD_HANDLE),
    })
}

/// Compiles a detector by its name; `settings` is JSON.
///
/// # Safety
/// `kind` is valid for `kind_len` bytes, `settings` for `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_detector_compile(
    kind: *const u8,
    kind_len: u32,
    settings: *const u8,
    len: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (kind, settings) = unsafe { (utf8(kind, kind_len)?, memory::input(settings, len)?) };
        let Some((_, compile)) = KINDS.iter().find(|(name, _)| *name == kind) else {
            return Err(Fault::argument("No detector has this name"));
        };
        let settings = serde_json::from_slice(settings)
            .map_err(|_| Fault::argument("Settings are not JSON"))?;
        objects::open(Object::Detector(
            compile(settings).map_err(|e| refusal(&e))?,
        ))
    })
}

/// Its kinds of findings as JSON: `[{"id", "tag"}]`; the length.
///
/// # Safety
/// `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_detector_rules(detector: u32, out: *mut u8, cap: u32) -> i32 {
    wall(|| {
        let compiled = shared(detector)?;
        let rules: Vec<Value> = compiled
            .rules()
            .iter()
            .map(|rule| json!({"id": rule.id, "tag": rule.tag}))
            .collect();
        // SAFETY: the caller's duty.
        unsafe { memory::write(out, cap, Value::from(rules).to_string().as_bytes()) }
    })
}

/// Starts an answer; `context` is the JSON of [`Context`]. The answer keeps what it needs of the detector.
///
/// # Safety
/// `context` is valid for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_detector_begin(detector: u32, context: *const u8, len: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let context = unsafe { memory::input(context, len) }?;
        let context: Context = serde_json::from_slice(context)
            .map_err(|_| Fault::argument("Context is not what midstream.h says"))?;
        let detector = shared(detector)?;
        let answer = detector.begin(&context);
        objects::open(Object::Texts(Box::new(Texts {
            detector,
            answer,
            open: Vec::new(),
            last: 0,
            waiting: VecDeque::new(),
            scratch: Vec::new(),
        })))
    })
}

fn report(texts: &Texts, hold: u64, out: &mut [u32]) {
    out[0] = u32::try_from(hold).unwrap_or(u32::MAX);
    out[1] = u32::try_from(texts.waiting.len()).unwrap_or(u32::MAX);
}

/// Takes the next text of a block. Writes the first byte that is held back, and how many findings wait.
///
/// # Safety
/// `text` is valid for `len` bytes, `out` for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_texts_push(
    texts: u32,
    choice: u32,
    block: u32,
    origin: u32,
    text: *const u8,
    len: u32,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (text, out) = unsafe {
            (
                utf8(text, len)?,
                memory::output_of(out, out_words, MS_PUSH_WORDS)?,
            )
        };
        let origin =
            Origin::from_code(origin).ok_or(Fault::argument("Origin is not one of 0 to 8"))?;
        with_texts(texts, |texts| {
            let hold = texts.push(choice, block, origin, text);
            report(texts, hold, out);
            Ok(0)
        })
    })
}

/// What the provider says of a token whose text has been pushed; `entropy` below 0: nothing.
#[unsafe(no_mangle)]
pub extern "C" fn ms_texts_token(
    texts: u32,
    choice: u32,
    block: u32,
    start: u32,
    end: u32,
    logprob: f64,
    entropy: f64,
) -> i32 {
    wall(|| {
        with_texts(texts, |texts| {
            if let Some(slot) = texts.find(choice, block) {
                let reader = &mut texts.open[slot].reader;
                reader.token(start.into(), end.into(), logprob as f32, entropy as f32);
            }
            Ok(0)
        })
    })
}

/// The block's text is complete. Writes as `ms_texts_push`.
///
/// # Safety
/// `out` is valid for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_texts_end(
    texts: u32,
    choice: u32,
    block: u32,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, out_words, MS_PUSH_WORDS) }?;
        with_texts(texts, |texts| {
            texts.end(choice, block);
            report(texts, u64::MAX, out);
            Ok(0)
        })
    })
}

/// Moves findings to the caller as a JSON array, as many as have room; the length, 0 where none waits.
///
/// # Safety
/// `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_texts_found(texts: u32, out: *mut u8, cap: u32) -> i32 {
    wall(|| {
        memory::check_output(out, cap)?;
        let json = with_texts(texts, |texts| texts.take(cap as usize))?;
        // SAFETY: the caller's duty.
        unsafe { memory::write(out, cap, json.as_bytes()) }
    })
}

/// Closes a detector or an answer; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_detector_close(handle: u32) -> i32 {
    wall(|| {
        objects::close(handle, |object| {
            matches!(object, Object::Detector(_) | Object::Texts(_))
        })
    })
}

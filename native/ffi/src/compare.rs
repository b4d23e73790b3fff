//! Flat ABI of native/temporal-compare, what needs no handle: a caller's sequences are read where they are, results go to
//! the caller's array. Each thread keeps one workspace.

use std::cell::Cell;

use midstream_temporal_compare::{
    CompareError, Cost, Dtw, DtwOptions, Edit, Measure, PatternMatch, PatternSearch, SearchOptions,
    SeriesList, Symbol, Weights,
};

use crate::memory;
use crate::status::{Fault, MS_BAD_UTF8};
use crate::wall::{refusal, wall};

/// Numbers of a found pattern: start, distance.
pub const MS_PATTERN_NUMBERS: usize = 2;
/// Words of a pair of indices.
pub const MS_PAIR_WORDS: usize = 2;
/// A window, or an exclusion, that was not given.
const NONE: u32 = u32::MAX;

/// What a thread's workspace may hold between calls.
const KEPT_BYTES: usize = 16 << 20;

#[derive(Default)]
struct Workspace {
    edit: Edit,
    dtw: Dtw<f64>,
    search: PatternSearch,
    points: [Vec<char>; 2],
    pairs: Vec<(u32, u32)>,
    found: Vec<PatternMatch>,
}

thread_local! {
    static WORKSPACE: Cell<Option<Box<Workspace>>> = const { Cell::new(None) };
}

/// Lends the thread's workspace. It does not come back from a panic, and not when it has grown large.
fn with_workspace(body: impl FnOnce(&mut Workspace) -> Result<i32, Fault>) -> i32 {
    wall(|| {
        let mut workspace = WORKSPACE.take().unwrap_or_default();
        let result = body(&mut workspace);
        let lists = workspace.points.iter().map(|points| points.capacity() * 4);
        let bytes = workspace.edit.bytes()
            + workspace.dtw.bytes()
            + workspace.search.bytes()
            + lists.sum::<usize>()
            + workspace.pairs.capacity() * 8
            + workspace.found.capacity() * 16;
        if bytes <= KEPT_BYTES {
            WORKSPACE.set(Some(workspace));
        }
        result
    })
}

pub(crate) fn refused(error: CompareError) -> Fault {
    refusal(&error)
}

/// 0 squared, 1 absolute.
pub(crate) fn cost(code: u32) -> Result<Cost, Fault> {
    match code {
        0 => Ok(Cost::Squared),
        1 => Ok(Cost::Absolute),
        _ => Err(Fault::argument("Cost is not 0 or 1")),
    }
}

/// A bound that infinity leaves open; what is no bound is refused by the crate.
fn bound(value: f64) -> Option<f64> {
    (value != f64::INFINITY).then_some(value)
}

pub(crate) fn dtw_options(kind: u32, window: u32, cutoff: f64) -> Result<DtwOptions<f64>, Fault> {
    Ok(DtwOptions {
        cost: cost(kind)?,
        window: (window != NONE).then_some(window as usize),
        cutoff: bound(cutoff),
        ..DtwOptions::default()
    })
}

fn write_pairs(pairs: &[(u32, u32)], out: &mut [u32]) -> i32 {
    for (place, &(i, j)) in out.chunks_exact_mut(MS_PAIR_WORDS).zip(pairs) {
        place.copy_from_slice(&[i, j]);
    }
    memory::count(pairs.len())
}

/// DTW distance of two series; 1 where it is above the cutoff, and nothing is written.
///
/// # Safety
/// `a` and `b` are valid for their numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_dtw(
    a: *const f64,
    a_len: u32,
    b: *const f64,
    b_len: u32,
    dims: u32,
    cost: u32,
    window: u32,
    cutoff: f64,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    with_workspace(|workspace| {
        // SAFETY: the caller's duty.
        let (a, b, out) = unsafe {
            (
                memory::numbers(a, a_len)?,
                memory::numbers(b, b_len)?,
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        let options = dtw_options(cost, window, cutoff)?;
        let distance = workspace.dtw.multivariate(a, b, dims as usize, &options);
        Ok(match distance.map_err(refused)? {
            Some(distance) => {
                out[0] = distance;
                0
            }
            None => 1,
        })
    })
}

/// DTW distance and path, a pair of indices for each cell; the number of pairs, 0 above the cutoff.
///
/// # Safety
/// `a` and `b` are valid for their numbers, `out` for `out_numbers`, `pairs` for `pair_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_dtw_path(
    a: *const f64,
    a_len: u32,
    b: *const f64,
    b_len: u32,
    dims: u32,
    cost: u32,
    window: u32,
    cutoff: f64,
    out: *mut f64,
    out_numbers: u32,
    pairs: *mut u32,
    pair_words: u32,
) -> i32 {
    with_workspace(|workspace| {
        // SAFETY: the caller's duty.
        let (a, b, out) = unsafe {
            (
                memory::numbers(a, a_len)?,
                memory::numbers(b, b_len)?,
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        // A path has at most one pair for each sample of both.
        let most = (a.len() + b.len()) / (dims as usize).max(1) * MS_PAIR_WORDS;
        // SAFETY: the caller's duty.
        let pairs = unsafe { memory::output_of(pairs, pair_words, most) }?;
        let options = dtw_options(cost, window, cutoff)?;
        let Workspace {
            dtw, pairs: path, ..
        } = workspace;
        let distance = dtw
            .path(a, b, dims as usize, &options, path)
            .map_err(refused)?;
        if let Some(distance) = distance {
            out[0] = distance;
        }
        Ok(write_pairs(path, pairs))
    })
}

/// DTW distances of a query to `count` series that stand one after the other; infinity above the cutoff.
///
/// # Safety
/// `query` and `values` are valid for their numbers, `lengths` for `count` words, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_dtw_batch(
    query: *const f64,
    query_len: u32,
    values: *const f64,
    values_len: u32,
    lengths: *const u32,
    count: u32,
    cost: u32,
    window: u32,
    cutoff: f64,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    with_workspace(|workspace| {
        // SAFETY: the caller's duty.
        let (query, values, lengths, out) = unsafe {
            (
                memory::numbers(query, query_len)?,
                memory::numbers(values, values_len)?,
                memory::words(lengths, count)?,
                memory::numbers_out(out, out_numbers, count as usize)?,
            )
        };
        let options = dtw_options(cost, window, cutoff)?;
        let list = SeriesList { values, lengths };
        let out = &mut out[..lengths.len()];
        workspace
            .dtw
            .batch(query, list, &options, out)
            .map_err(refused)?;
        Ok(0)
    })
}

/// A caller's sequence of symbols.
#[derive(Clone, Copy)]
pub(crate) enum Symbols<'a> {
    Bytes(&'a [u8]),
    Text(&'a str),
    Tokens(&'a [u32]),
}

/// Kinds: 0 bytes, 1 text (UTF-8; its symbols are code points), 2 tokens (32 bits). `len` counts bytes, or tokens.
///
/// # Safety
/// `data` is valid for `len` bytes, or tokens.
pub(crate) unsafe fn symbols<'a>(
    kind: u32,
    data: *const u8,
    len: u32,
) -> Result<Symbols<'a>, Fault> {
    if kind == 2 {
        // SAFETY: the caller's duty; the alignment is checked there.
        return Ok(Symbols::Tokens(unsafe { memory::words(data.cast(), len) }?));
    }
    // SAFETY: the caller's duty.
    let bytes = unsafe { memory::input(data, len) }?;
    match kind {
        0 => Ok(Symbols::Bytes(bytes)),
        // The symbols of ASCII text are its bytes.
        1 if bytes.is_ascii() => Ok(Symbols::Bytes(bytes)),
        1 => {
            let text = std::str::from_utf8(bytes);
            let text = text.map_err(|_| Fault::new(MS_BAD_UTF8, "Text is not UTF-8"))?;
            Ok(Symbols::Text(text))
        }
        _ => Err(Fault::argument("Kind of symbols is not one of 0 to 2")),
    }
}

pub(crate) fn points<'a>(room: &'a mut Vec<char>, symbols: Symbols<'_>) -> &'a [char] {
    room.clear();
    match symbols {
        Symbols::Text(text) => room.extend(text.chars()),
        // ASCII, beside a text that is not.
        Symbols::Bytes(bytes) => room.extend(bytes.iter().map(|&byte| char::from(byte))),
        Symbols::Tokens(_) => {}
    }
    room
}

/// What to compute of two sequences, for any kind of symbol.
trait Question {
    type Answer;
    fn ask<S: Symbol>(
        self,
        edit: &mut Edit,
        a: &[S],
        b: &[S],
    ) -> Result<Self::Answer, CompareError>;
}

fn ask<Q: Question>(
    edit: &mut Edit,
    room: &mut [Vec<char>; 2],
    [a, b]: [Symbols<'_>; 2],
    question: Q,
) -> Result<Q::Answer, Fault> {
    let answer = match (a, b) {
        (Symbols::Tokens(a), Symbols::Tokens(b)) => question.ask(edit, a, b),
        (Symbols::Bytes(a), Symbols::Bytes(b)) => question.ask(edit, a, b),
        (a, b) => {
            let [first, second] = room;
            question.ask(edit, points(first, a), points(second, b))
        }
    };
    answer.map_err(refused)
}

#[derive(Clone, Copy)]
enum Method {
    Levenshtein,
    Osa,
    Damerau,
    CommonLength,
    Weighted(Weights),
    Similarity(Measure),
}

impl Question for Method {
    type Answer = f64;

    fn ask<S: Symbol>(self, edit: &mut Edit, a: &[S], b: &[S]) -> Result<f64, CompareError> {
        let count = match self {
            Self::Similarity(measure) => return edit.similarity(a, b, measure),
            Self::Weighted(weights) => return edit.weighted(a, b, weights).map(|sum| sum as f64),
            Self::Levenshtein => edit.levenshtein(a, b),
            Self::Osa => edit.osa(a, b),
            Self::Damerau => edit.damerau(a, b),
            Self::CommonLength => edit.lcs_length(a, b),
        };
        count.map(|count| count as f64)
    }
}

struct CommonPairs<'a>(&'a mut Vec<(u32, u32)>);

impl Question for CommonPairs<'_> {
    type Answer = usize;

    fn ask<S: Symbol>(self, edit: &mut Edit, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        edit.lcs(a, b, self.0)
    }
}

/// An edit distance, a length, or a likeness. Methods: 0 Levenshtein, 1 OSA, 2 Damerau, 3 length of the longest common
/// subsequence, 4 weighted; likeness by 5 Levenshtein, 6 OSA, 7 common subsequence.
///
/// # Safety
/// `a` and `b` are valid for as many bytes, or tokens; `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_edit(
    method: u32,
    kind: u32,
    a: *const u8,
    a_len: u32,
    b: *const u8,
    b_len: u32,
    insert: u32,
    delete: u32,
    substitute: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    with_workspace(|workspace| {
        // SAFETY: the caller's duty.
        let (both, out) = unsafe {
            (
                [symbols(kind, a, a_len)?, symbols(kind, b, b_len)?],
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        let method = match method {
            0 => Method::Levenshtein,
            1 => Method::Osa,
            2 => Method::Damerau,
            3 => Method::CommonLength,
            4 => Method::Weighted(Weights {
                insert,
                delete,
                substitute,
            }),
            5 => Method::Similarity(Measure::Levenshtein),
            6 => Method::Similarity(Measure::Osa),
            7 => Method::Similarity(Measure::CommonSubsequence),
            _ => return Err(Fault::argument("Method is not one of 0 to 7")),
        };
        out[0] = ask(&mut workspace.edit, &mut workspace.points, both, method)?;
        Ok(0)
    })
}

/// One longest common subsequence: pairs of indices, counted in symbols; their number.
///
/// # Safety
/// `a` and `b` are valid for as many bytes, or tokens; `pairs` for `pair_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_edit_common(
    kind: u32,
    a: *const u8,
    a_len: u32,
    b: *const u8,
    b_len: u32,
    pairs: *mut u32,
    pair_words: u32,
) -> i32 {
    with_workspace(|workspace| {
        let most = a_len.min(b_len) as usize * MS_PAIR_WORDS;
        // SAFETY: the caller's duty.
        let (both, out) = unsafe {
            (
                [symbols(kind, a, a_len)?, symbols(kind, b, b_len)?],
                memory::output_of(pairs, pair_words, most)?,
            )
        };
        let Workspace {
            edit,
            points,
            pairs,
            ..
        } = workspace;
        ask(edit, points, both, CommonPairs(pairs))?;
        Ok(write_pairs(pairs, out))
    })
}

/// The stretches of a series that are nearest to a pattern, nearest first: their number.
///
/// # Safety
/// `series` and `pattern` are valid for their numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_find(
    series: *const f64,
    series_len: u32,
    pattern: *const f64,
    pattern_len: u32,
    most: u32,
    max_distance: f64,
    exclusion: u32,
    cost: u32,
    window: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    with_workspace(|workspace| {
        // SAFETY: the caller's duty.
        let (series, pattern, out) = unsafe {
            (
                memory::numbers(series, series_len)?,
                memory::numbers(pattern, pattern_len)?,
                memory::numbers_out(out, out_numbers, most as usize * MS_PATTERN_NUMBERS)?,
            )
        };
        let given = |value: u32| (value != NONE).then_some(value as usize);
        let options = SearchOptions {
            k: most as usize,
            max_distance: bound(max_distance),
            exclusion: given(exclusion),
            cost: self::cost(cost)?,
            window: given(window),
            ..SearchOptions::default()
        };
        let Workspace { search, found, .. } = workspace;
        search
            .find(series, pattern, &options, found)
            .map_err(refused)?;
        for (place, one) in out.chunks_exact_mut(MS_PATTERN_NUMBERS).zip(&*found) {
            place.copy_from_slice(&[one.start as f64, one.distance]);
        }
        Ok(memory::count(found.len()))
    })
}

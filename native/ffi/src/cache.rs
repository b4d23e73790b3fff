//! Flat ABI of native/temporal-compare, answers that are kept: comparisons with a memory bounded by bytes.

use midstream_temporal_compare::{CachedCompare, CompareError, Symbol, Weights};

use crate::compare::{Symbols, dtw_options, points, refused, symbols};
use crate::memory;
use crate::objects::{self, Object};
use crate::status::Fault;
use crate::wall::wall;

/// Numbers of a cache's statistics: hits, misses, evictions, oversized, entries, bytes.
pub const MS_CACHE_NUMBERS: usize = 6;

/// A cache, and room for texts as characters.
pub(crate) struct Cache {
    compare: CachedCompare,
    points: [Vec<char>; 2],
}

/// Characters whose room is kept between calls.
const KEPT_POINTS: usize = 1 << 16;

fn with_cache<R>(
    handle: u32,
    body: impl FnOnce(&mut Cache) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Cache(cache) => body(cache),
        _ => Err(Fault::BAD_HANDLE),
    })
}

/// Opens a cache of at most `max_bytes`, contents and bookkeeping together.
#[unsafe(no_mangle)]
pub extern "C" fn ms_cache_open(max_bytes: u32) -> i32 {
    wall(|| {
        objects::open(Object::Cache(Box::new(Cache {
            compare: CachedCompare::new(max_bytes as usize),
            points: Default::default(),
        })))
    })
}

fn count<S: Symbol>(
    compare: &mut CachedCompare,
    method: u32,
    weights: Weights,
    [a, b]: [&[S]; 2],
) -> Result<f64, Fault> {
    let count: Result<usize, CompareError> = match method {
        0 => compare.levenshtein(a, b),
        1 => compare.osa(a, b),
        2 => compare.damerau(a, b),
        3 => compare.lcs_length(a, b),
        4 => {
            let sum = compare.weighted(a, b, weights).map_err(refused)?;
            return Ok(sum as f64);
        }
        _ => return Err(Fault::argument("Method is not one of 0 to 4")),
    };
    count.map(|count| count as f64).map_err(refused)
}

/// As `ms_edit`, methods 0 to 4; an answer that is kept is not computed again.
///
/// # Safety
/// `a` and `b` are valid for as many bytes, or tokens; `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_cache_edit(
    cache: u32,
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
    wall(|| {
        // SAFETY: the caller's duty.
        let (a, b, out) = unsafe {
            (
                symbols(kind, a, a_len)?,
                symbols(kind, b, b_len)?,
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        let weights = Weights {
            insert,
            delete,
            substitute,
        };
        with_cache(
            cache,
            |Cache {
                 compare,
                 points: room,
             }| {
                out[0] = match (a, b) {
                    (Symbols::Tokens(a), Symbols::Tokens(b)) => {
                        count(compare, method, weights, [a, b])
                    }
                    (Symbols::Bytes(a), Symbols::Bytes(b)) => {
                        count(compare, method, weights, [a, b])
                    }
                    (a, b) => {
                        let [first, second] = room;
                        let both = [points(first, a), points(second, b)];
                        let answer = count(compare, method, weights, both);
                        for text in room {
                            text.shrink_to(KEPT_POINTS);
                        }
                        answer
                    }
                }?;
                Ok(0)
            },
        )
    })
}

/// As `ms_dtw` of one number a sample; an answer that is kept is not computed again.
///
/// # Safety
/// `a` and `b` are valid for their numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_cache_dtw(
    cache: u32,
    a: *const f64,
    a_len: u32,
    b: *const f64,
    b_len: u32,
    cost: u32,
    window: u32,
    cutoff: f64,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (a, b, out) = unsafe {
            (
                memory::numbers(a, a_len)?,
                memory::numbers(b, b_len)?,
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        let options = dtw_options(cost, window, cutoff)?;
        with_cache(cache, |cache| {
            let distance = cache.compare.dtw(a, b, &options).map_err(refused)?;
            Ok(match distance {
                Some(distance) => {
                    out[0] = distance;
                    0
                }
                None => 1,
            })
        })
    })
}

/// What a cache has done since it was made or cleared.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_cache_statistics(cache: u32, out: *mut f64, out_numbers: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_CACHE_NUMBERS) }?;
        with_cache(cache, |cache| {
            let done = cache.compare.statistics();
            let numbers = [
                done.hits,
                done.misses,
                done.evictions,
                done.oversized,
                done.entries as u64,
                done.bytes as u64,
            ];
            out[..MS_CACHE_NUMBERS].copy_from_slice(&numbers.map(|number| number as f64));
            Ok(0)
        })
    })
}

/// Forgets all answers, and what was counted.
#[unsafe(no_mangle)]
pub extern "C" fn ms_cache_clear(cache: u32) -> i32 {
    wall(|| {
        with_cache(cache, |cache| {
            cache.compare.clear();
            Ok(0)
        })
    })
}

/// Closes a cache.
#[unsafe(no_mangle)]
pub extern "C" fn ms_cache_close(cache: u32) -> i32 {
    wall(|| objects::close(cache, |object| matches!(object, Object::Cache(_))))
}

//! Every bound of the crate in one place. Reaching one is an error or [`crate::Verdict::Unknown`], never a silent cut.

/// Longest formula text, bytes.
pub const TEXT_BYTES: usize = 16 * 1024;
/// Most nodes of a formula, counted as a tree (a shared node counts once per use).
pub const TREE_NODES: u32 = 4096;
/// Deepest nesting of a formula.
pub const DEPTH: u16 = 256;
/// Most atoms of a vocabulary: a letter is one `u64`.
pub const ATOMS: usize = 64;
/// Longest name of an atom, bytes.
pub const NAME_BYTES: usize = 128;
/// Most states of a monitor's table, before and after minimisation (issue 3, section 4).
pub const STATES: usize = 4096;
/// Most atoms of a formula that becomes a table: a row has `2^n` columns.
pub const TABLE_ATOMS: usize = 8;
/// Most cells of a table (states times letters): 128 KiB of `u16`.
pub const TABLE_CELLS: usize = 1 << 16;
/// Expansions that building one table may use; a formula that needs more is progressed instead.
pub const TABLE_WORK: usize = 400_000;
/// Distinct "must hold at the next position" obligations of a formula's normal form: one bit each.
pub const OBLIGATIONS: usize = 64;
/// Step bounds up to this are written out with X and Y, so that a table can hold them.
pub const UNROLL: u64 = 16;
/// Conjunctions that a progressed formula may have between two steps.
pub const CONJUNCTIONS: usize = 32;
/// Conjunctions that one step of a progression may create on its way.
pub const POOL: usize = 256;
/// Pending timed obligations of a progressed formula.
pub const SLOTS: usize = 64;
/// Remembered moments of one past operator with a lower bound above zero.
pub const MOMENTS: usize = 64;
/// Longest bound of an interval: 2^53 ns, or 2^53 steps.
pub const BOUND: u64 = 1 << 53;
/// Longest trace of a certificate, positions. Windows are walked from each position, so formulas with
/// bounds get less.
pub const fn certificate_positions(bounded: bool) -> usize {
    if bounded { 1 << 12 } else { 1 << 16 }
}
/// Most positions times nodes and claims of a certificate.
pub const CERTIFICATE_CELLS: usize = 1 << 20;
/// Most states of a certificate's argument about the open part of a trace.
pub const TAIL_STATES: usize = 256;
/// Most atoms of rules that are checked together: the search tries all letters.
pub const SEARCH_ATOMS: usize = 10;
/// As [`POOL`], for searches and tables.
pub const SEARCH_POOL: usize = 4096;

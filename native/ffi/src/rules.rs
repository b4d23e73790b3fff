//! Temporal rules: a set is compiled once (typed ABI), a bank of monitors watches one answer or session (flat ABI).

use std::sync::Arc;

use midstream_temporal_neural_solver::rule_set::{self, Finding};
use midstream_temporal_neural_solver::{
    Atom, Class, Error, Formula, Position, Program, Recorder, Semantics, Verdict, Vocabulary,
    compile,
};

use crate::memory;
use crate::objects::{self, Object};
use crate::status::Fault;
use crate::wall::wall;

/// Words of a change: index of the rule, verdict.
pub const MS_RULE_CHANGE_WORDS: usize = 2;

/// Changes of a rule's atoms that are remembered for its certificate, 24 bytes each.
const HISTORY: usize = 64;
/// Steps that each search for a conflict may take: a few milliseconds at most.
const SEARCH_BUDGET: usize = 20_000;
/// Longest set. A bank of 64 steps in well under a microsecond.
const MAX_RULES: usize = 256;

/// Which continuations a rule's verdict counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RuleSemantics {
    /// Infinite ones: for streams of unknown length.
    Stream,
    /// Finite ones: for what certainly ends.
    Finite,
}

/// A rule as it is written.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RuleSource {
    /// Name, for errors.
    pub id: String,
    /// Formula: `G(tool-call -> F[0,30s] tool-result)`.
    pub formula: String,
    /// Which continuations count.
    pub semantics: RuleSemantics,
}

/// A rule that cannot be compiled.
#[derive(Clone, Debug, uniffi::Error)]
pub enum RuleError {
    /// The formula is refused.
    Invalid {
        /// Name of the rule.
        id: String,
        /// Byte of the formula; -1 where it is the whole.
        at: i32,
        /// What is wrong.
        message: String,
        /// What to do about it; may be empty.
        remedy: String,
    },
    /// No handle is left, or the set has more than 256 rules.
    Full,
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { message, .. } => f.write_str(message),
            Self::Full => f.write_str("All handles are open, or the set is too long"),
        }
    }
}

impl std::error::Error for RuleError {}

impl RuleError {
    fn of(id: &str, error: Error) -> Self {
        Self::Invalid {
            id: id.to_owned(),
            at: error
                .at
                .map_or(-1, |at| i32::try_from(at).unwrap_or(i32::MAX)),
            message: error.message,
            remedy: error.remedy,
        }
    }
}

/// What one bit of a letter says.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RuleAtom {
    /// Name of the proposition or of the signal.
    pub name: String,
    /// `<`, `<=`, `>`, `>=`, `==` or `!=` for a comparison on a signal; empty for a proposition.
    pub comparison: String,
    /// What the signal is compared with.
    pub bound: f64,
}

/// Which final verdicts a rule's monitor can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RuleClass {
    /// Nothing violates it.
    AlwaysTrue,
    /// Nothing satisfies it.
    AlwaysFalse,
    /// Violations only.
    Safety,
    /// Satisfaction only.
    CoSafety,
    /// Both.
    Both,
    /// Only the end of the stream decides.
    Never,
    /// Not computed.
    Unclear,
}

/// What compiling a rule found out.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RuleReport {
    /// The formula as it was understood.
    pub formula: String,
    /// Which verdicts can be expected.
    pub class: RuleClass,
    /// What to tell the rule's author, with a remedy; empty if all is well.
    pub warning: String,
}

/// What is wrong with a rule, or with two of them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RuleConflictKind {
    /// Nothing violates the rule.
    NeverFires,
    /// Everything violates the rule.
    AlwaysFires,
    /// Nothing satisfies both.
    Contradiction,
    /// What satisfies both never meets the first one's condition.
    ContradictionOnTrigger,
    /// Whatever satisfies the first satisfies the second.
    Implies,
    /// The search had no budget left.
    Undecided,
}

/// A remark on one rule or two, with a trace that shows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RuleConflict {
    /// What is wrong.
    pub kind: RuleConflictKind,
    /// Index of the rule.
    pub first: u32,
    /// Index of the other rule; the same where it is about one.
    pub second: u32,
    /// Names of the atoms that hold at each position of a trace that shows it; empty for `undecided`.
    pub witness: Vec<Vec<String>>,
}

/// Rules that share their atoms, compiled.
#[derive(uniffi::Object)]
pub struct RuleSet {
    rules: Arc<Rules>,
    handle: u32,
}

pub(crate) struct Rules {
    words: Vocabulary,
    programs: Vec<Arc<Program>>,
}

#[uniffi::export]
impl RuleSet {
    /// Compiles rules; the first one that is refused is the error.
    ///
    /// # Errors
    /// A formula is refused, or there are too many.
    #[uniffi::constructor]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "uniffi hands over what it read"
    )]
    pub fn compile(sources: Vec<RuleSource>) -> Result<Arc<Self>, RuleError> {
        if sources.len() > MAX_RULES {
            return Err(RuleError::Full);
        }
        let mut words = Vocabulary::new();
        let mut formulas = Vec::with_capacity(sources.len());
        for source in &sources {
            let formula = Formula::parse(&source.formula, &mut words)
                .map_err(|e| RuleError::of(&source.id, e))?;
            formulas.push(formula);
        }
        let mut programs = Vec::with_capacity(sources.len());
        for (source, formula) in sources.iter().zip(&formulas) {
            let semantics = match source.semantics {
                RuleSemantics::Stream => Semantics::Stream,
                RuleSemantics::Finite => Semantics::Finite,
            };
            let program =
                compile(formula, &words, semantics).map_err(|e| RuleError::of(&source.id, e))?;
            programs.push(program);
        }
        let rules = Arc::new(Rules { words, programs });
        let handle =
            objects::insert(Object::Rules(Arc::clone(&rules))).map_err(|_| RuleError::Full)?;
        Ok(Arc::new(Self { rules, handle }))
    }

    /// The bits of a letter, in order; at most 64.
    pub fn atoms(&self) -> Vec<RuleAtom> {
        let atoms = self.rules.words.atoms().iter();
        atoms
            .map(|atom| match atom {
                Atom::Proposition(name) => RuleAtom {
                    name: name.clone(),
                    comparison: String::new(),
                    bound: 0.0,
                },
                Atom::Signal {
                    name,
                    comparison,
                    bound,
                } => RuleAtom {
                    name: name.clone(),
                    comparison: comparison.sign().to_owned(),
                    bound: *bound,
                },
            })
            .collect()
    }

    /// One report a rule, in their order.
    pub fn reports(&self) -> Vec<RuleReport> {
        let programs = self.rules.programs.iter();
        programs
            .map(|program| {
                let report = program.report();
                let warning = report.warning.as_ref();
                RuleReport {
                    formula: program.formula().text(&self.rules.words),
                    class: class(report.class),
                    warning: warning.map_or_else(String::new, |warning| {
                        format!("{}; {}", warning.message, warning.remedy)
                    }),
                }
            })
            .collect()
    }

    /// What is wrong with the rules before any stream is seen: each alone, and all pairs. Takes up to milliseconds a pair.
    pub fn conflicts(&self) -> Vec<RuleConflict> {
        let formulas: Vec<&Formula> = self.rules.programs.iter().map(|p| p.formula()).collect();
        let names = self.rules.words.names();
        let found = rule_set::check(&formulas, &self.rules.words, SEARCH_BUDGET);
        found
            .into_iter()
            .map(|finding| conflict(finding, &names))
            .collect()
    }

    /// The set's handle in the flat ABI; unknown once the set is dropped.
    pub fn handle(&self) -> u32 {
        self.handle
    }
}

fn conflict(finding: Finding, names: &[String]) -> RuleConflict {
    let (kind, [first, second], witness) = match finding {
        Finding::NeverFires { rule, witness } => {
            (RuleConflictKind::NeverFires, [rule, rule], witness)
        }
        Finding::AlwaysFires { rule, witness } => {
            (RuleConflictKind::AlwaysFires, [rule, rule], witness)
        }
        Finding::Contradiction { rules, witness } => {
            (RuleConflictKind::Contradiction, rules, witness)
        }
        Finding::ContradictionOnTrigger { rules, witness } => {
            (RuleConflictKind::ContradictionOnTrigger, rules, witness)
        }
        Finding::Implies { rules, witness } => (RuleConflictKind::Implies, rules, witness),
        Finding::Undecided { rules } => (RuleConflictKind::Undecided, rules, Vec::new()),
    };
    let holding = |position: Position| {
        let bits = names.iter().enumerate();
        bits.filter(|(bit, _)| position.letter >> bit & 1 == 1)
            .map(|(_, name)| name.clone())
            .collect()
    };
    RuleConflict {
        kind,
        first: first as u32,
        second: second as u32,
        witness: witness.into_iter().map(holding).collect(),
    }
}

impl Drop for RuleSet {
    fn drop(&mut self) {
        // The handle is the set's own and nobody else closes it.
        let _ = objects::close(self.handle, |object| matches!(object, Object::Rules(_)));
    }
}

const fn class(class: Class) -> RuleClass {
    match class {
        Class::AlwaysTrue => RuleClass::AlwaysTrue,
        Class::AlwaysFalse => RuleClass::AlwaysFalse,
        Class::Safety => RuleClass::Safety,
        Class::CoSafety => RuleClass::CoSafety,
        Class::Both => RuleClass::Both,
        Class::Never => RuleClass::Never,
        Class::Unclear => RuleClass::Unclear,
    }
}

/// The monitors of one answer or session.
pub(crate) struct Bank {
    rules: Arc<Rules>,
    recorders: Vec<Recorder>,
    verdicts: Vec<Verdict>,
    /// Rules whose verdict has changed and was not reported yet.
    changed: Vec<u32>,
}

impl Bank {
    fn new(rules: Arc<Rules>) -> Self {
        let programs = rules.programs.iter();
        let recorders: Vec<Recorder> = programs.map(|p| Recorder::new(p, HISTORY)).collect();
        Self {
            verdicts: recorders.iter().map(|r| r.monitor().verdict()).collect(),
            changed: Vec::with_capacity(recorders.len()),
            recorders,
            rules,
        }
    }

    fn step(&mut self, time_ns: u64, letter: u64) {
        self.each(|recorder| recorder.step(time_ns, letter));
    }

    fn each(&mut self, move_on: impl Fn(&mut Recorder) -> Verdict) {
        let recorders = self.recorders.iter_mut().zip(&mut self.verdicts);
        for (index, (recorder, known)) in recorders.enumerate() {
            if known.is_final() {
                continue;
            }
            let verdict = move_on(recorder);
            if verdict != *known {
                *known = verdict;
                let rule = index as u32;
                if !self.changed.contains(&rule) {
                    self.changed.push(rule);
                }
            }
        }
    }

    /// Proof of a rule's final verdict as JSON; nothing where the trace was longer than is remembered.
    fn certificate(&self, rule: u32) -> Result<String, Fault> {
        let recorder = self
            .recorders
            .get(rule as usize)
            .ok_or(Fault::argument("Rule is not one of the set"))?;
        let certificate = recorder.certificate(&self.rules.words);
        Ok(certificate.map_or_else(|_| String::new(), |certificate| certificate.to_json()))
    }

    /// Moves changes to the caller's array; those that have no room wait.
    fn report(&mut self, out: &mut [u32]) -> i32 {
        let count = self.changed.len().min(out.len() / MS_RULE_CHANGE_WORDS);
        let places = out.chunks_exact_mut(MS_RULE_CHANGE_WORDS);
        for (rule, words) in self.changed.drain(..count).zip(places) {
            words.copy_from_slice(&[rule, self.verdicts[rule as usize] as u32]);
        }
        memory::count(count)
    }
}

/// Milliseconds as nanoseconds; what is no time counts as 0.
fn nanoseconds(time_ms: f64) -> u64 {
    // A float that is negative, too large or no number saturates.
    #[expect(clippy::cast_sign_loss, reason = "`as` saturates at 0")]
    let nanoseconds = (time_ms * 1e6) as u64;
    nanoseconds
}

/// Opens a bank of monitors on a set. The bank keeps the set alive.
#[unsafe(no_mangle)]
pub extern "C" fn ms_rules_open(set: u32) -> i32 {
    wall(|| {
        let rules = objects::with(set, |object| match object {
            Object::Rules(rules) => Ok(Arc::clone(rules)),
            _ => Err(Fault::BAD_HANDLE),
        })?;
        objects::open(Object::Bank(Box::new(Bank::new(rules))))
    })
}

/// One position: its time and its letter.
///
/// # Safety
/// `out` is valid for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_rules_step(
    bank: u32,
    time_ms: f64,
    letter_low: u32,
    letter_high: u32,
    out: *mut u32,
    cap_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, cap_words, MS_RULE_CHANGE_WORDS) }?;
        with_bank(bank, |bank| {
            let letter = u64::from(letter_high) << 32 | u64::from(letter_low);
            bank.step(nanoseconds(time_ms), letter);
            Ok(bank.report(out))
        })
    })
}

/// Time passes without a position; also moves changes that had no room.
///
/// # Safety
/// `out` is valid for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_rules_advance(
    bank: u32,
    time_ms: f64,
    out: *mut u32,
    cap_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, cap_words, MS_RULE_CHANGE_WORDS) }?;
        with_bank(bank, |bank| {
            let now = nanoseconds(time_ms);
            bank.each(|recorder| recorder.advance(now));
            Ok(bank.report(out))
        })
    })
}

/// The stream ends here: open verdicts become final.
///
/// # Safety
/// `out` is valid for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_rules_finish(bank: u32, out: *mut u32, cap_words: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, cap_words, MS_RULE_CHANGE_WORDS) }?;
        with_bank(bank, |bank| {
            bank.each(Recorder::finish);
            Ok(bank.report(out))
        })
    })
}

/// Proof of a rule's final verdict: JSON; its length, or 0 where there is none.
///
/// # Safety
/// `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_rules_certificate(bank: u32, rule: u32, out: *mut u8, cap: u32) -> i32 {
    wall(|| {
        let json = with_bank(bank, |bank| bank.certificate(rule))?;
        // SAFETY: the caller's duty.
        unsafe { memory::write(out, cap, json.as_bytes()) }
    })
}

/// Closes a bank; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_rules_close(bank: u32) -> i32 {
    wall(|| objects::close(bank, |object| matches!(object, Object::Bank(_))))
}

fn with_bank<R>(handle: u32, body: impl FnOnce(&mut Bank) -> Result<R, Fault>) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Bank(bank) => body(bank),
        _ => Err(Fault::BAD_HANDLE),
    })
}

//! Compiled formulas, and one stream's monitor of one.

use crate::classify::{self, Report};
use crate::error::Error;
use crate::formula::Formula;
use crate::normal::{Bounds, Normal};
use crate::progress::Progress;
use crate::table::Table;
use crate::unroll::unroll;
use crate::verdict::{Semantics, Verdict};
use crate::vocabulary::Vocabulary;
use alloc::boxed::Box;
use alloc::sync::Arc;

#[derive(Debug)]
pub(crate) enum Engine {
    Table(Table),
    Progress(Box<Normal>),
}

/// A compiled formula: immutable, shared by the monitors of all streams.
#[derive(Debug)]
pub struct Program {
    formula: Formula,
    semantics: Semantics,
    atoms: u64,
    report: Report,
    pub(crate) engine: Engine,
}

/// Compiles `formula`, whose atoms are those of `words`. A table where it fits, progression otherwise.
///
/// ```
/// use midstream_temporal_neural_solver::{Formula, Monitor, Semantics, Verdict, Vocabulary, compile};
/// let mut words = Vocabulary::new();
/// let rule = Formula::parse("!answer U citation", &mut words)?;
/// let program = compile(&rule, &words, Semantics::Stream)?;
/// let mut monitor = Monitor::new(&program);
/// assert_eq!(monitor.step(0, 0), Verdict::PresumablyFalse);
/// assert_eq!(monitor.step(1, words.letter(&["answer"])?), Verdict::False);
/// # Ok::<(), midstream_temporal_neural_solver::Error>(())
/// ```
///
/// # Errors
/// [`crate::Code::TooLarge`] for more than 63 temporal obligations in normal form.
pub fn compile(
    formula: &Formula,
    words: &Vocabulary,
    semantics: Semantics,
) -> Result<Arc<Program>, Error> {
    let atoms = formula.atoms();
    let plain = unroll(formula);
    let engine = match Table::new(&plain, &words.patterns(atoms), semantics) {
        Ok(table) => Engine::Table(table),
        Err(_) => progression(formula)?,
    };
    Ok(program(formula, words, semantics, engine))
}

/// As [`compile`], but never a table. For comparison, and for formulas that are used once.
///
/// # Errors
/// As [`compile`].
pub fn compile_progression(
    formula: &Formula,
    words: &Vocabulary,
    semantics: Semantics,
) -> Result<Arc<Program>, Error> {
    Ok(program(formula, words, semantics, progression(formula)?))
}

fn progression(formula: &Formula) -> Result<Engine, Error> {
    Ok(Engine::Progress(Box::new(Normal::new(
        formula,
        Bounds::Keep,
    )?)))
}

fn program(
    formula: &Formula,
    words: &Vocabulary,
    semantics: Semantics,
    engine: Engine,
) -> Arc<Program> {
    let report = classify::report(formula, words, semantics, &engine);
    Arc::new(Program {
        formula: formula.clone(),
        semantics,
        atoms: formula.atoms(),
        report,
        engine,
    })
}

impl Program {
    /// The formula as it was compiled.
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// Which continuations the verdicts count.
    pub fn semantics(&self) -> Semantics {
        self.semantics
    }

    /// Bits of the letters that matter.
    pub fn atoms(&self) -> u64 {
        self.atoms
    }

    /// What kind of verdicts can be expected, and what to write where none can.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

#[derive(Debug, Clone)]
enum State {
    /// `offset << 3 | verdict`, as in the table's cells.
    Table(u32),
    Progress(Box<Progress>),
}

/// One formula watching one stream. `step` never allocates and never panics; a table's monitor is 40 bytes.
#[derive(Debug, Clone)]
pub struct Monitor {
    program: Arc<Program>,
    state: State,
    time: u64,
    index: u64,
}

impl Monitor {
    /// A monitor before the first position.
    pub fn new(program: &Arc<Program>) -> Self {
        let state = match &program.engine {
            Engine::Table(table) => State::Table(table.verdicts[0] as u32),
            Engine::Progress(normal) => State::Progress(Progress::new(normal)),
        };
        Self {
            program: Arc::clone(program),
            state,
            time: 0,
            index: 0,
        }
    }

    /// Back to before the first position, without allocating for tables.
    pub fn reset(&mut self) {
        *self = Self::new(&self.program);
    }

    /// The program that this monitor runs.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Reads one position: nanoseconds since any fixed moment, and the letter (bit `i` = atom `i` of the vocabulary).
    /// A time before the last one counts as the last one.
    #[inline]
    pub fn step(&mut self, time_ns: u64, letter: u64) -> Verdict {
        match (&self.program.engine, &mut self.state) {
            (Engine::Table(table), State::Table(cell)) => {
                *cell = table.step(*cell >> 3, letter);
                Verdict::from_code(*cell)
            }
            (Engine::Progress(normal), State::Progress(progress)) => {
                self.time = self.time.max(time_ns);
                let verdict = progress.step(normal, self.time, self.index, letter);
                self.index += 1;
                verdict
            }
            // The state is made from the program and neither is ever exchanged.
            _ => Verdict::Unknown,
        }
    }

    /// The clock moves on without a position: `F[0,30s] p` fails as soon as its window has closed.
    pub fn advance(&mut self, time_ns: u64) -> Verdict {
        if let (Engine::Progress(normal), State::Progress(progress)) =
            (&self.program.engine, &mut self.state)
        {
            self.time = self.time.max(time_ns);
            return progress.advance(normal, self.time);
        }
        self.verdict()
    }

    /// The first time at which [`Monitor::advance`] may change the verdict; for a timer.
    pub fn deadline(&self) -> Option<u64> {
        match (&self.program.engine, &self.state) {
            (Engine::Progress(normal), State::Progress(progress)) => progress.deadline(normal),
            _ => None,
        }
    }

    /// The verdict of the positions read so far.
    pub fn verdict(&self) -> Verdict {
        match &self.state {
            State::Table(cell) => Verdict::from_code(*cell),
            State::Progress(progress) => progress.verdict(),
        }
    }

    /// The verdict if the stream ends here: true, false, or unknown.
    pub fn finish(&self) -> Verdict {
        self.verdict().at_end()
    }

    /// State of the table, for a forecast; `None` while the formula is progressed.
    pub(crate) fn offset(&self) -> Option<u32> {
        match self.state {
            State::Table(cell) => Some(cell >> 3),
            State::Progress(_) => None,
        }
    }

    /// Whether what the formula asks of the rest is what it asked of the whole.
    pub(crate) fn is_at_start(&self) -> bool {
        match (&self.program.engine, &self.state) {
            (Engine::Progress(normal), State::Progress(progress)) => progress.is_at_start(normal),
            (_, State::Table(cell)) => cell >> 3 == 0,
            _ => false,
        }
    }

    /// Bytes that this monitor uses, without its program.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match &self.state {
                State::Table(_) => 0,
                State::Progress(progress) => progress.bytes(),
            }
    }
}

/// Verdict of a whole trace of letters, one nanosecond apart, and the number of positions that were needed for it.
pub fn verify(program: &Arc<Program>, letters: &[u64]) -> (Verdict, usize) {
    let mut monitor = Monitor::new(program);
    if let Engine::Table(table) = &program.engine {
        let mut cell = table.verdicts[0] as u32;
        for (at, letter) in letters.iter().enumerate() {
            if Verdict::from_code(cell).is_final() {
                return (Verdict::from_code(cell), at);
            }
            cell = table.step(cell >> 3, *letter);
        }
        return (Verdict::from_code(cell), letters.len());
    }
    for (at, letter) in letters.iter().enumerate() {
        if monitor.verdict().is_final() {
            return (monitor.verdict(), at);
        }
        monitor.step(at as u64, *letter);
    }
    (monitor.verdict(), letters.len())
}

//! Compiles rules into what scanners share.
//!
//! Rules without keywords are united by analyser and left boundary, so that one thread tries them all; rules with keywords, with
//! required context or with a span have an automaton each, which is asleep until a word wakes it.

use std::collections::HashMap;

use regex_syntax::hir::Hir;

use crate::check::{self, Place};
use crate::fold::lower;
use crate::machine::{DEAD, MAX_RULES, MAX_STATES, Machine};
use crate::normalise::{Char, Normaliser, Sink};
use crate::pattern::{parse, parse_class, parse_match};
use crate::rule::{Rest, Rule, Span, Support};
use crate::spec::{AnalyserSpec, AtBound, Context, Ends, LiteralRule, PatternRule, SpanMode};
use crate::words::{TooManyWords, Words};
use crate::{PlanError, TextKind, boundary, verify};

/// How much larger than its rules' own automata a united one may be before it is split in two.
const MAX_GROWTH: usize = 3;
/// Automata whose threads may start anywhere and are asked for by one 64-bit mask a byte.
const MAX_OPEN: usize = 64;

/// Name of one compiled rule; findings refer to it by its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Index of the analyser among those given to [`Plan::compile`].
    pub analyser: u32,
    /// The rule's id.
    pub id: String,
    /// The rule's redaction label.
    pub tag: String,
}

/// Compiled rules; immutable, shared by all scanners.
#[derive(Debug)]
pub struct Plan {
    infos: Vec<RuleInfo>,
    pub(crate) analysers: usize,
    pub(crate) rules: Vec<Rule>,
    pub(crate) parts: Vec<Part>,
    /// Parts whose threads may start at any byte.
    pub(crate) open: Vec<u32>,
    /// Per byte, which of `open` it can begin.
    pub(crate) begins: Box<[u64; 256]>,
    /// Per set of violated left boundaries, which of `open` may begin.
    pub(crate) allowed: Box<[u64; 64]>,
    /// Parts that are awake only behind a context word.
    pub(crate) gates: Vec<Gate>,
    /// Per context group, its gates.
    pub(crate) gates_of: Vec<Vec<u32>>,
    pub(crate) words: Words,
    pub(crate) uses: Vec<Vec<Use>>,
}

/// One automaton and the rules that it matches.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) machine: Machine,
    pub(crate) analyser: u32,
    /// Rule of each pattern of the machine.
    pub(crate) rules: Vec<u32>,
    /// The rules' different `max_bytes`, ascending.
    pub(crate) bounds: Vec<u64>,
}

/// A part that a context word wakes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    pub(crate) part: u32,
    pub(crate) left: u8,
    /// Lane bytes behind a word for which the part stays awake; `u64::MAX`: always, without a word.
    pub(crate) within: u64,
}

/// What a word of the plan is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Use {
    /// The word is a finding.
    Literal {
        rule: u32,
        whole: bool,
        /// The normalised word where case counts.
        exact: Option<Vec<u8>>,
    },
    /// The word begins a match, or its lead.
    Keyword { rule: u32 },
    /// The word supports matches of the rules of a context group.
    Context { group: u16 },
}

impl Plan {
    /// Compiles the rules of all analysers. Takes time linear in the size of the automata; the largest rules decide.
    ///
    /// # Errors
    /// [`PlanError`] names the first rule and field at fault, and the remedy.
    pub fn compile(analysers: &[AnalyserSpec]) -> Result<Self, PlanError> {
        for spec in analysers {
            check::analyser(spec)?;
        }
        let mut compiler = Compiler::default();
        for (index, spec) in analysers.iter().enumerate() {
            for rule in &spec.rules {
                compiler.pattern(index as u32, spec, rule)?;
            }
            for rule in &spec.literals {
                compiler.literal(index as u32, spec, rule)?;
            }
        }
        compiler.finish(analysers)
    }

    /// The rules: patterns, then literals, of the first analyser, then of the second, ...
    pub fn rules(&self) -> &[RuleInfo] {
        &self.infos
    }

    /// Bytes of the compiled automata.
    pub fn memory_bytes(&self) -> usize {
        let parts: usize = self
            .parts
            .iter()
            .map(|part| part.machine.memory_bytes())
            .sum();
        parts + self.words.memory_bytes() + size_of_val(&*self.begins) + size_of_val(&*self.allowed)
    }
}

/// A rule that waits to be united with others.
struct Loose {
    rule: u32,
    hir: Hir,
    states: usize,
}

#[derive(Default)]
struct Compiler {
    infos: Vec<RuleInfo>,
    rules: Vec<Rule>,
    parts: Vec<Part>,
    leads: HashMap<String, u32>,
    loose: Vec<((u32, u8), Vec<Loose>)>,
    gates: Vec<Gate>,
    gates_of: Vec<Vec<u32>>,
    groups: HashMap<Vec<Vec<u8>>, u16>,
    words: Vec<Vec<u8>>,
    ids: HashMap<Vec<u8>, usize>,
    uses: Vec<Vec<Use>>,
}

impl Compiler {
    fn pattern(
        &mut self,
        analyser: u32,
        spec: &AnalyserSpec,
        rule: &PatternRule,
    ) -> Result<(), PlanError> {
        let place = Place {
            analyser: &spec.id,
            rule: &rule.id,
        };
        let index = self.name(analyser, &rule.id, &rule.tag);
        let hir = parse_match(&rule.pattern).map_err(|message| place.fault("pattern", message))?;
        let machine = build_one(&hir).map_err(|message| place.fault("pattern", message))?;
        let lead = rule
            .lead
            .as_deref()
            .map(|lead| self.lead(lead, &machine, place))
            .transpose()?;
        for keyword in &rule.keywords {
            let word = normalised(keyword, lower);
            self.check_keyword(&word, keyword, lead.is_some(), &machine, place)?;
            self.use_word(word, Use::Keyword { rule: index });
        }
        let context = rule.context.as_ref().map(|context| self.context(context));
        let span = rule
            .span
            .as_ref()
            .map(|span| compile_span(span, place))
            .transpose()?;
        let left = boundary::bit(rule.left);
        let awake = rule.keywords.is_empty();
        let gated = awake && context.is_some_and(|support| support.required);
        let united = awake && !gated && span.is_none();
        self.rules.push(Rule {
            analyser,
            left,
            right: boundary::bit(rule.right),
            max_bytes: u64::from(rule.max_bytes),
            ends: rule.ends,
            find_at_bound: rule.at_bound == AtBound::Find,
            verifiers: rule
                .verify
                .iter()
                .filter_map(|name| verify::find(name))
                .collect(),
            min_entropy: rule.min_entropy,
            stop: rule
                .stop
                .iter()
                .map(|word| word.clone().into_bytes())
                .collect(),
            context,
            score: rule.score,
            min_score: spec.min_score,
            span,
            part: None,
            lead,
        });
        if united {
            let loose = Loose {
                rule: index,
                hir,
                states: machine.states(),
            };
            self.unite((analyser, left), loose);
            return Ok(());
        }
        let part = self.part(machine, analyser, vec![index]);
        if awake {
            let within = context
                .filter(|_| gated)
                .map_or(u64::MAX, |support| support.within);
            let gate = self.gates.len() as u32;
            self.gates.push(Gate { part, left, within });
            if let Some(support) = context.filter(|_| gated) {
                self.gates_of[usize::from(support.group)].push(gate);
            }
        }
        Ok(())
    }

    fn literal(
        &mut self,
        analyser: u32,
        spec: &AnalyserSpec,
        rule: &LiteralRule,
    ) -> Result<(), PlanError> {
        let place = Place {
            analyser: &spec.id,
            rule: &rule.id,
        };
        let index = self.name(analyser, &rule.id, &rule.tag);
        for word in &rule.words {
            let folded = normalised(word, lower);
            if folded.is_empty() {
                return Err(place.fault(
                    "words",
                    "has a word of invisible characters only; remove it",
                ));
            }
            let exact = rule.case_sensitive.then(|| normalised(word, |c| c));
            self.use_word(
                folded,
                Use::Literal {
                    rule: index,
                    whole: rule.whole_word,
                    exact,
                },
            );
        }
        self.rules.push(Rule {
            analyser,
            left: 0,
            right: 0,
            max_bytes: u64::MAX,
            ends: Ends::Longest,
            find_at_bound: false,
            verifiers: Vec::new(),
            min_entropy: 0.0,
            stop: Vec::new(),
            context: None,
            score: rule.score,
            min_score: spec.min_score,
            span: None,
            part: None,
            lead: None,
        });
        Ok(())
    }

    fn name(&mut self, analyser: u32, id: &str, tag: &str) -> u32 {
        self.infos.push(RuleInfo {
            analyser,
            id: id.to_owned(),
            tag: tag.to_owned(),
        });
        self.infos.len() as u32 - 1
    }

    /// Rules often share a lead; it is built once.
    fn lead(&mut self, lead: &str, pattern: &Machine, place: Place<'_>) -> Result<u32, PlanError> {
        let part = if let Some(&part) = self.leads.get(lead) {
            part
        } else {
            let hir = parse(lead).map_err(|message| place.fault("lead", message))?;
            let machine = build_one(&hir).map_err(|message| place.fault("lead", message))?;
            let part = self.part(machine, u32::MAX, Vec::new());
            self.leads.insert(lead.to_owned(), part);
            part
        };
        match self.parts[part as usize].machine.continues_into(pattern) {
            None => Ok(part),
            Some(byte) => Err(place.fault(
                "lead",
                format!(
                    "can go on with {:?}, which also begins `pattern`, so that it is unclear where the match \
                     starts; take the character out of one of them",
                    char::from(byte)
                ),
            )),
        }
    }

    fn check_keyword(
        &self,
        word: &[u8],
        keyword: &str,
        has_lead: bool,
        machine: &Machine,
        place: Place<'_>,
    ) -> Result<(), PlanError> {
        if word.is_empty() {
            return Err(place.fault(
                "keywords",
                "has a word of invisible characters only; remove it",
            ));
        }
        if has_lead || !word.is_ascii() || machine.can_begin_with(word) {
            return Ok(());
        }
        let message = format!(
            "{keyword:?} never begins a match of `pattern`; write the keyword into the pattern, or add a `lead`"
        );
        Err(place.fault("keywords", message))
    }

    fn context(&mut self, context: &Context) -> Support {
        let mut words: Vec<Vec<u8>> = context
            .words
            .iter()
            .map(|word| normalised(word, lower))
            .collect();
        words.retain(|word| !word.is_empty());
        words.sort_unstable();
        words.dedup();
        let group = match self.groups.get(&words) {
            Some(&group) => group,
            None => {
                let group = self.gates_of.len() as u16;
                self.gates_of.push(Vec::new());
                for word in &words {
                    self.use_word(word.clone(), Use::Context { group });
                }
                self.groups.insert(words, group);
                group
            }
        };
        Support {
            group,
            within: u64::from(context.within),
            required: context.required,
            boost: context.boost,
        }
    }

    fn use_word(&mut self, word: Vec<u8>, purpose: Use) {
        let id = *self.ids.entry(word.clone()).or_insert(self.words.len());
        if id == self.words.len() {
            self.words.push(word);
            self.uses.push(Vec::new());
        }
        if !self.uses[id].contains(&purpose) {
            self.uses[id].push(purpose);
        }
    }

    fn part(&mut self, machine: Machine, analyser: u32, rules: Vec<u32>) -> u32 {
        let id = self.parts.len() as u32;
        let mut bounds: Vec<u64> = rules
            .iter()
            .map(|&rule| self.rules[rule as usize].max_bytes)
            .collect();
        bounds.sort_unstable();
        bounds.dedup();
        for &rule in &rules {
            self.rules[rule as usize].part = Some(id);
        }
        self.parts.push(Part {
            machine,
            analyser,
            rules,
            bounds,
        });
        id
    }

    fn unite(&mut self, key: (u32, u8), loose: Loose) {
        match self.loose.iter_mut().find(|(known, _)| *known == key) {
            Some((_, list)) => list.push(loose),
            None => self.loose.push((key, vec![loose])),
        }
    }

    fn finish(mut self, analysers: &[AnalyserSpec]) -> Result<Plan, PlanError> {
        let mut open = Vec::new();
        for ((analyser, left), list) in std::mem::take(&mut self.loose) {
            let mut built = Vec::new();
            build_united(list, &mut built);
            for (machine, rules) in built {
                let part = self.part(machine, analyser, rules);
                if open.len() < MAX_OPEN {
                    open.push(part);
                } else {
                    self.gates.push(Gate {
                        part,
                        left,
                        within: u64::MAX,
                    });
                }
            }
        }
        let holds: Vec<bool> = self.uses.iter().map(|uses| self.holds(uses)).collect();
        let words = Words::build(&self.words, &holds).map_err(|TooManyWords(bytes)| {
            let analyser = analysers.last().map_or("", |spec| spec.id.as_str());
            let message = format!(
                "all words together need a table of {bytes} bytes; shorten the lists or use a lookup elsewhere"
            );
            Place { analyser, rule: "" }.fault("literals", message)
        })?;
        let mut plan = Plan {
            infos: self.infos,
            analysers: analysers.len(),
            rules: self.rules,
            parts: self.parts,
            open,
            begins: Box::new([0; 256]),
            allowed: Box::new([0; 64]),
            gates: self.gates,
            gates_of: self.gates_of,
            words,
            uses: self.uses,
        };
        plan.fill_masks();
        Ok(plan)
    }

    /// Whether the beginnings of a word may be beginnings of a finding.
    fn holds(&self, uses: &[Use]) -> bool {
        uses.iter().any(|purpose| match purpose {
            Use::Literal { .. } => true,
            Use::Keyword { rule } => self.rules[*rule as usize].lead.is_none(),
            Use::Context { .. } => false,
        })
    }
}

impl Plan {
    fn fill_masks(&mut self) {
        for (at, &part) in self.open.iter().enumerate() {
            let part = &self.parts[part as usize];
            for byte in 0..=u8::MAX {
                if part.machine.step(part.machine.start, byte) != DEAD {
                    self.begins[usize::from(byte)] |= 1 << at;
                }
            }
            let left = self.rules[part.rules[0] as usize].left;
            for blocked in 0..=boundary::ALL {
                if blocked & left == 0 {
                    self.allowed[usize::from(blocked)] |= 1 << at;
                }
            }
        }
    }
}

fn build_one(hir: &Hir) -> Result<Machine, String> {
    Machine::build(&[hir], MAX_STATES).map_err(|_| {
        format!(
            "needs an automaton of more than {MAX_STATES} states; shorten counted repetitions such as \
             {{10,500}}, or split the rule"
        )
    })
}

/// Unites rules as long as the common automaton stays near the sum of their own.
fn build_united(mut list: Vec<Loose>, built: &mut Vec<(Machine, Vec<u32>)>) {
    let limit = MAX_GROWTH * list.iter().map(|loose| loose.states).sum::<usize>() + 64;
    let limit = if list.len() == 1 {
        MAX_STATES
    } else {
        limit.min(MAX_STATES)
    };
    if list.len() <= MAX_RULES {
        let hirs: Vec<&Hir> = list.iter().map(|loose| &loose.hir).collect();
        if let Ok(machine) = Machine::build(&hirs, limit) {
            built.push((machine, list.iter().map(|loose| loose.rule).collect()));
            return;
        }
    }
    // A single rule was built before with the same limit, so the list has two at least.
    let second = list.split_off(list.len() / 2);
    build_united(list, built);
    build_united(second, built);
}

fn compile_span(span: &SpanMode, place: Place<'_>) -> Result<Span, PlanError> {
    let rest = match (&span.while_class, &span.until) {
        (Some(class), _) => {
            Rest::While(parse_class(class).map_err(|message| place.fault("span.while", message))?)
        }
        (None, until) => Rest::Until(normalised(until.as_deref().unwrap_or_default(), |c| c)),
    };
    Ok(Span {
        rest,
        max_bytes: u64::from(span.max_bytes),
    })
}

/// A word as the lane shows it, each character mapped.
fn normalised(word: &str, map: fn(char) -> char) -> Vec<u8> {
    struct Collect(Vec<u8>);
    impl Sink for Collect {
        fn ascii(&mut self, bytes: &[u8], _raw: u64) {
            self.0.extend_from_slice(bytes);
        }
        fn char(&mut self, c: Char) {
            self.0.extend_from_slice(c.bytes());
        }
    }
    let mut sink = Collect(Vec::new());
    Normaliser::new(TextKind::Plain).push(word.as_bytes(), &mut sink);
    let text = String::from_utf8(sink.0).unwrap_or_default();
    text.chars().map(map).collect::<String>().into_bytes()
}

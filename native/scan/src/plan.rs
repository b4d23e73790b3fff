//! Compiles rules into what scanners share.

use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};

use crate::PlanError;
use crate::spec::{AnalyserSpec, PatternRule};

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

pub(crate) struct Compiled {
    pub(crate) rule: PatternRule,
    pub(crate) index: u32,
    pub(crate) pattern: dense::DFA<Vec<u32>>,
    pub(crate) lead: Option<dense::DFA<Vec<u32>>>,
    pub(crate) min_score: f32,
}

/// Compiled rules; immutable, shared by all scanners.
pub struct Plan {
    rules: Vec<RuleInfo>,
    pub(crate) compiled: Vec<Compiled>,
}

impl Plan {
    /// Compiles the rules of all analysers.
    ///
    /// # Errors
    /// [`PlanError`] names the first rule and field at fault, and the remedy.
    pub fn compile(analysers: &[AnalyserSpec]) -> Result<Self, PlanError> {
        let mut plan = Self {
            rules: Vec::new(),
            compiled: Vec::new(),
        };
        for (analyser, spec) in analysers.iter().enumerate() {
            for rule in &spec.rules {
                let index = plan.rules.len() as u32;
                let fail = |field: &str, message: String| PlanError {
                    analyser: spec.id.clone(),
                    rule: rule.id.clone(),
                    field: field.to_owned(),
                    message,
                };
                let pattern = build(&rule.pattern).map_err(|m| fail("pattern", m))?;
                let lead = rule
                    .lead
                    .as_deref()
                    .map(build)
                    .transpose()
                    .map_err(|m| fail("lead", m))?;
                plan.rules.push(info(analyser, &rule.id, &rule.tag));
                let min_score = spec.min_score;
                plan.compiled.push(Compiled {
                    rule: rule.clone(),
                    index,
                    pattern,
                    lead,
                    min_score,
                });
            }
            for rule in &spec.literals {
                plan.rules.push(info(analyser, &rule.id, &rule.tag));
            }
        }
        Ok(plan)
    }

    /// The rules: patterns, then literals, of the first analyser, then of the second, ...
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// Bytes of the compiled automata.
    pub fn memory_bytes(&self) -> usize {
        self.compiled.iter().map(|c| c.pattern.memory_usage()).sum()
    }
}

fn info(analyser: usize, id: &str, tag: &str) -> RuleInfo {
    RuleInfo {
        analyser: analyser as u32,
        id: id.to_owned(),
        tag: tag.to_owned(),
    }
}

fn build(pattern: &str) -> Result<dense::DFA<Vec<u32>>, String> {
    dense::Builder::new()
        .configure(
            dense::Config::new()
                .match_kind(MatchKind::All)
                .start_kind(regex_automata::dfa::StartKind::Anchored)
                .dfa_size_limit(Some(16 << 20)),
        )
        .syntax(
            syntax::Config::new()
                .unicode(!pattern.is_ascii())
                .utf8(false),
        )
        .thompson(thompson::Config::new().utf8(false))
        .build(pattern)
        .map_err(|error| error.to_string())
}

pub(crate) const ANCHORED: Anchored = Anchored::Yes;

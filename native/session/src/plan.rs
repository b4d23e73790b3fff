//! The compiled plan: automata by channel, names of all rules, and what to do about each.

use std::collections::{HashMap, HashSet};
use std::mem::size_of;
use std::sync::Arc;

use midstream_scan::spec::AnalyserSpec;

use crate::engine::ScanPlan;
use crate::error::PlanError;
use crate::finding::{Channel, Kind};
use crate::replacement::Template;
use crate::spec::{self, ActionSpec, AnalyserPlan, Replacement};
use crate::time::Time;
use crate::watch::WatchPlan;

/// Name of one rule; findings refer to it by its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Instance id of the analyser.
    pub analyser: String,
    /// Name of the rule.
    pub rule: String,
    /// Label of a redaction, without brackets.
    pub tag: String,
    /// Whether its findings are long objects whose text is not kept: a mask, hash or pseudonym of them is `[TAG]`.
    pub span: bool,
    /// Whether its findings are seen only when their text has left: a verdict can end the choice but rewrite nothing.
    pub late: bool,
}

/// One policy's verdict for findings of one rule.
#[derive(Clone, Debug)]
pub struct Action {
    /// Instance id of the policy.
    pub policy: String,
    /// Index into [`Plan::rules`].
    pub rule: u32,
    /// What to do.
    pub kind: Kind,
    /// Findings with a lower score are not acted on.
    pub min_score: f32,
    /// The verdict comes with the n-th such finding of the choice and holds for all further ones.
    pub min_count: u32,
    /// Recorded, not done.
    pub monitor: bool,
    /// Text that the client gets before the end of a blocked choice; may be empty.
    pub message: String,
    pub(crate) template: Template,
}

/// Automata for one set of analysers.
pub(crate) struct ScanSet {
    pub plan: ScanPlan,
    /// Rule of `plan` -> index into [`Plan::rules`].
    pub global: Vec<u32>,
}

/// A watcher to run on a channel.
#[derive(Clone, Debug)]
pub(crate) struct WatchSet {
    pub plan: Arc<dyn WatchPlan>,
    pub first_rule: u32,
    pub min_score: f32,
}

/// A compiled plan, shared by all sessions of a pipeline.
pub struct Plan {
    rules: Vec<RuleInfo>,
    actions: Vec<Action>,
    by_rule: Vec<Vec<u32>>,
    sets: Vec<ScanSet>,
    set_of: [Option<usize>; 4],
    watches_of: [Vec<WatchSet>; 4],
    is_timed: bool,
}

impl Plan {
    /// Compiles the JSON of `NativePlanSpec` (core/native/native-core.ts).
    ///
    /// # Errors
    /// The first fault found, with its place and a remedy.
    pub fn compile_json(json: &str) -> Result<Arc<Self>, PlanError> {
        let spec = spec::parse(json)?;
        let (rules, first_watch) = name_rules(&spec.analysers)?;
        let (sets, set_of) = compile_sets(&spec.analysers)?;
        let watches_of = watch_sets(&spec.analysers, &first_watch);
        let actions = resolve_actions(spec.actions, &rules)?;
        let mut by_rule = vec![Vec::new(); rules.len()];
        for (i, action) in actions.iter().enumerate() {
            by_rule[action.rule as usize].push(i as u32);
        }
        let is_timed = watches_of.iter().flatten().any(|set| set.plan.is_timed());
        Time::prepare(is_timed);
        Ok(Arc::new(Self {
            rules,
            actions,
            by_rule,
            sets,
            set_of,
            watches_of,
            is_timed,
        }))
    }

    /// Names of all rules: patterns, then literals of the first analyser, then of the second, ...; after them those of
    /// each analyser's watchers.
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// All actions in the order of the specification; verdicts refer to them by index.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Bytes of the compiled automata.
    pub fn memory_bytes(&self) -> usize {
        let automata: usize = self.sets.iter().map(|set| set.plan.memory_bytes()).sum();
        automata
            + self.watched_bytes()
            + self.rules.len() * size_of::<RuleInfo>()
            + self.actions.len() * size_of::<Action>()
    }

    /// Whether any action may change what the client gets.
    pub fn enforces(&self) -> bool {
        self.actions.iter().any(|action| !action.monitor)
    }

    pub(crate) fn actions_of(&self, rule: u32) -> &[u32] {
        self.by_rule.get(rule as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn scan_set(&self, channel: Channel) -> Option<&ScanSet> {
        self.set_of[channel as usize].map(|i| &self.sets[i])
    }

    pub(crate) fn watch_sets(&self, channel: Channel) -> &[WatchSet] {
        &self.watches_of[channel as usize]
    }

    /// Whether any watcher wants to know the time.
    pub(crate) fn is_timed(&self) -> bool {
        self.is_timed
    }

    /// Bytes that watchers share; one on several channels counts once.
    fn watched_bytes(&self) -> usize {
        let mut counted = HashSet::new();
        let sets = self.watches_of.iter().flatten();
        sets.filter(|set| counted.insert(set.first_rule))
            .map(|set| set.plan.memory_bytes())
            .sum()
    }
}

/// Names all rules and says where those of each analyser's watchers begin.
fn name_rules(analysers: &[AnalyserPlan]) -> Result<(Vec<RuleInfo>, Vec<u32>), PlanError> {
    let mut rules = Vec::new();
    let named = |analyser: &str, rule: &str, tag: &str| RuleInfo {
        analyser: analyser.to_owned(),
        rule: rule.to_owned(),
        tag: tag.to_owned(),
        span: false,
        late: false,
    };
    for AnalyserPlan { spec, .. } in analysers {
        rules.extend(spec.rules.iter().map(|rule| RuleInfo {
            span: rule.span.is_some(),
            ..named(&spec.id, &rule.id, &rule.tag)
        }));
        let literals = spec.literals.iter();
        rules.extend(literals.map(|rule| named(&spec.id, &rule.id, &rule.tag)));
    }
    let mut first_watch = vec![0; analysers.len()];
    for (first, AnalyserPlan { spec, watches, .. }) in first_watch.iter_mut().zip(analysers) {
        *first = rules.len() as u32;
        for rule in watches.iter().flat_map(|watch| watch.rules()) {
            rules.push(RuleInfo {
                late: rule.late,
                ..named(&spec.id, rule.id, rule.tag)
            });
        }
    }
    let mut seen = HashSet::new();
    for rule in &rules {
        if !seen.insert((&rule.analyser, &rule.rule)) {
            let message =
                "Two rules have this id; rename one (or one of two analysers with one id)";
            return Err(PlanError::new(&rule.analyser, &rule.rule, "id", message));
        }
    }
    Ok((rules, first_watch))
}

/// Compiles one automaton for each distinct set of analysers that a channel has, so that a channel pays only for its own.
fn compile_sets(
    analysers: &[AnalyserPlan],
) -> Result<(Vec<ScanSet>, [Option<usize>; 4]), PlanError> {
    let mut sets: Vec<(Vec<usize>, ScanSet)> = Vec::new();
    let mut set_of = [None; 4];
    for channel in Channel::ALL {
        let members: Vec<usize> = (0..analysers.len())
            .filter(|&i| analysers[i].channels & (1 << channel as u8) != 0)
            .filter(|&i| rule_count(&analysers[i].spec) > 0)
            .collect();
        if members.is_empty() {
            continue;
        }
        let known = sets.iter().position(|(list, _)| *list == members);
        set_of[channel as usize] = Some(if let Some(i) = known {
            i
        } else {
            let set = compile_set(analysers, &members)?;
            sets.push((members, set));
            sets.len() - 1
        });
    }
    Ok((sets.into_iter().map(|(_, set)| set).collect(), set_of))
}

fn compile_set(analysers: &[AnalyserPlan], members: &[usize]) -> Result<ScanSet, PlanError> {
    let specs: Vec<AnalyserSpec> = members.iter().map(|&i| analysers[i].spec.clone()).collect();
    let plan = ScanPlan::compile(&specs)
        .map_err(|e| PlanError::new(&e.analyser, &e.rule, &e.field, e.message.clone()))?;
    let mut global = Vec::new();
    let mut first = 0;
    for (i, analyser) in analysers.iter().enumerate() {
        let count = rule_count(&analyser.spec) as u32;
        if members.contains(&i) {
            global.extend(first..first + count);
        }
        first += count;
    }
    Ok(ScanSet { plan, global })
}

fn rule_count(spec: &AnalyserSpec) -> usize {
    spec.rules.len() + spec.literals.len()
}

fn watch_sets(analysers: &[AnalyserPlan], first_watch: &[u32]) -> [Vec<WatchSet>; 4] {
    Channel::ALL.map(|channel| {
        let mut sets = Vec::new();
        for (analyser, &first) in analysers.iter().zip(first_watch) {
            let mut first_rule = first;
            for plan in &analyser.watches {
                if analyser.channels & (1 << channel as u8) != 0 {
                    sets.push(WatchSet {
                        plan: Arc::clone(plan),
                        first_rule,
                        min_score: analyser.spec.min_score,
                    });
                }
                first_rule += plan.rules().len() as u32;
            }
        }
        sets
    })
}

fn resolve_actions(specs: Vec<ActionSpec>, rules: &[RuleInfo]) -> Result<Vec<Action>, PlanError> {
    let index: HashMap<(&str, &str), u32> = rules
        .iter()
        .enumerate()
        .map(|(i, rule)| ((rule.analyser.as_str(), rule.rule.as_str()), i as u32))
        .collect();
    specs
        .into_iter()
        .map(|spec| {
            let Some(&rule) = index.get(&(spec.analyser.as_str(), spec.rule.as_str())) else {
                let message = format!(
                    "Policy \"{}\" names a rule that no analyser of the plan has",
                    spec.policy
                );
                return Err(PlanError::new(
                    &spec.analyser,
                    &spec.rule,
                    "actions",
                    message,
                ));
            };
            check_action(&spec)?;
            let info = &rules[rule as usize];
            let replacement = spec.replacement.clone().unwrap_or(Replacement::Remove);
            let template = Template::new(&replacement, &info.tag, info.span);
            Ok(Action {
                policy: spec.policy,
                rule,
                kind: spec.action,
                min_score: spec.min_score,
                min_count: spec.min_count,
                monitor: spec.monitor,
                message: spec.message.unwrap_or_default(),
                template,
            })
        })
        .collect()
}

fn check_action(spec: &ActionSpec) -> Result<(), PlanError> {
    let fault = |field: &str, message: &str| {
        Err(PlanError::new(
            &spec.analyser,
            &spec.rule,
            field,
            format!("Policy \"{}\": {message}", spec.policy),
        ))
    };
    if !(0.0..=1.0).contains(&spec.min_score) {
        return fault("minScore", "minScore must be between 0 and 1");
    }
    if spec.min_count == 0 {
        return fault("minCount", "minCount must be 1 or more");
    }
    if spec.kind_needs_replacement() {
        return fault("replacement", "a rewrite needs a replacement");
    }
    match &spec.replacement {
        Some(Replacement::Hash { length, .. }) if !(1..=64).contains(length) => {
            fault("replacement", "length must be between 1 and 64 hex digits")
        }
        Some(Replacement::Hash { key, .. }) if key.is_empty() => {
            fault("replacement", "key must not be empty")
        }
        _ => Ok(()),
    }
}

impl ActionSpec {
    fn kind_needs_replacement(&self) -> bool {
        self.action == Kind::Rewrite && self.replacement.is_none()
    }
}

//! Builds a [`Plan`] from rules.
//!
//! Rules without keywords are united, so that one thread tries them all; rules with keywords, with required context or with a span
//! have an automaton each, which is asleep until a word wakes it.

use std::collections::HashMap;

use regex_syntax::hir::Hir;

use crate::cells::{cells, kinds};
use crate::check::Place;
use crate::fold::lower;
use crate::machine::{MAX_STATES, Machine};
use crate::normalise::{Char, Normaliser, Sink};
use crate::pattern::{parse, parse_class, parse_match};
use crate::plan::{Open, Part, Plan, RuleInfo, Use};
use crate::rule::{Rest, Rule, Span, Support};
use crate::site::ones;
use crate::spec::{AnalyserSpec, AtBound, Context, Ends, LiteralRule, PatternRule, SpanMode};
use crate::unite::{Loose, United, neighbourhoods, unite};
use crate::verify::{Refusal, Refused};
use crate::wake::merge;
use crate::words::{TooManyWords, Words};
use crate::{PlanError, TextKind, boundary, verify, wide};

/// A plan in the making.
#[derive(Default)]
pub(crate) struct Compiler {
    infos: Vec<RuleInfo>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) parts: Vec<Part>,
    leads: HashMap<String, u32>,
    /// Rules whose attempts may start at any byte; those that a context word must wake; and heads of long objects of both kinds.
    loose: Vec<Loose>,
    sleeping: Vec<Loose>,
    heads: Vec<Loose>,
    pub(crate) groups: HashMap<Vec<Vec<u8>>, u16>,
    words: Vec<Vec<u8>>,
    ids: HashMap<Vec<u8>, usize>,
    uses: Vec<Vec<Use>>,
}

impl Compiler {
    pub(crate) fn pattern(
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
            Self::check_keyword(&word, keyword, lead.is_some(), &machine, place)?;
            self.use_word(word, Use::Keyword { rule: index });
        }
        let context = rule.context.as_ref().map(|context| self.context(context));
        let span = rule
            .span
            .as_ref()
            .map(|span| compile_span(span, place))
            .transpose()?;
        let left = boundary::bit(rule.left);
        let is_head = span.is_some();
        let find_at_bound = rule.at_bound == AtBound::Find;
        let awake = rule.keywords.is_empty();
        let asleep = context.is_some_and(|support| support.required);
        self.rules.push(Rule {
            analyser,
            left,
            right: boundary::bit(rule.right),
            max_bytes: u64::from(rule.max_bytes),
            ends: rule.ends,
            find_at_bound,
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
        if awake {
            // An attempt that fails closed at its bound is a finding without any verifier.
            let refusals = if find_at_bound {
                Vec::new()
            } else {
                refusals(rule)
            };
            // The earliest end of a head counts, and then its attempt is over: it is not united with others.
            let list = if is_head {
                &mut self.heads
            } else if asleep {
                &mut self.sleeping
            } else {
                &mut self.loose
            };
            list.push(Loose {
                rule: index,
                left,
                hir,
                states: machine.states(),
                refusals,
            });
        } else {
            self.part(machine, vec![index]);
        }
        Ok(())
    }

    pub(crate) fn literal(
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
            let part = self.part(machine, Vec::new());
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
        let group = if let Some(&group) = self.groups.get(&words) {
            group
        } else {
            let group = self.groups.len() as u16;
            for word in &words {
                self.use_word(word.clone(), Use::Context { id: group });
            }
            self.groups.insert(words, group);
            group
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

    fn part(&mut self, machine: Machine, rules: Vec<u32>) -> u32 {
        let id = self.parts.len() as u32;
        for &rule in &rules {
            self.rules[rule as usize].part = Some(id);
        }
        let rule_of = |local: u32| &self.rules[rules[local as usize] as usize];
        let locals = 0..rules.len() as u32;
        let greatest = |&set: &u64| {
            let bounds = ones(set).filter(|&local| local < locals.end);
            bounds
                .map(|local| rule_of(local).max_bytes)
                .max()
                .unwrap_or(0)
        };
        let may_end = |blocked: u8| {
            let free = locals
                .clone()
                .filter(|&local| rule_of(local).right & blocked == 0);
            free.fold(0, |mask, local| mask | 1 << local)
        };
        let part = Part {
            least_bound: locals
                .clone()
                .map(|local| rule_of(local).max_bytes)
                .min()
                .unwrap_or(u64::MAX),
            bounds: machine.alive_sets().iter().map(greatest).collect(),
            rights: (0..=boundary::ALL).map(may_end).collect(),
            finds_at_bound: locals.clone().any(|local| rule_of(local).find_at_bound),
            machine,
            rules,
        };
        self.parts.push(part);
        id
    }

    pub(crate) fn finish(mut self, analysers: &[AnalyserSpec]) -> Result<Plan, PlanError> {
        let (lefts, next) = neighbourhoods(self.asked());
        let mut built = Vec::new();
        for mut loose in [
            std::mem::take(&mut self.loose),
            std::mem::take(&mut self.sleeping),
        ] {
            // Rules with one left boundary resemble each other, so that a split separates unlike ones.
            loose.sort_by_key(|loose| loose.left);
            if !loose.is_empty() {
                unite(loose, &lefts, &mut built);
            }
        }
        for head in std::mem::take(&mut self.heads) {
            unite(vec![head], &lefts, &mut built);
        }
        let open: Vec<Open> = built.into_iter().map(|united| self.open(united)).collect();
        let gates = self.gates(&open);
        let contexts = merge(&mut self.uses, &gates);
        let cells = cells(&self.parts, &open, &next);
        let holds: Vec<bool> = self.uses.iter().map(|uses| self.holds(uses)).collect();
        let words = Words::build(&self.words, &holds).map_err(|TooManyWords(bytes)| {
            let analyser = analysers.last().map_or("", |spec| spec.id.as_str());
            let message = format!(
                "all words together need a table of {bytes} bytes; shorten the lists or use a lookup elsewhere"
            );
            Place { analyser, rule: "" }.fault("literals", message)
        })?;
        let machine = open
            .first()
            .map(|open| &self.parts[open.part as usize].machine);
        let inner = self.inner(&words);
        let class_of = |byte: u8| machine.map_or(0, |machine| machine.class(byte) as u8);
        let classes = std::array::from_fn(|byte| [words.class(byte as u8), class_of(byte as u8)]);
        let classes = Box::new(classes);
        let plain = open.first().is_some_and(|open| !open.sleeps) && words.small().is_some();
        let wide = wide::table(&words);
        Ok(Plan {
            infos: self.infos,
            analysers: analysers.len(),
            rules: self.rules,
            parts: self.parts,
            open,
            plain,
            lefts,
            cells,
            classes,
            wide,
            contexts,
            words,
            inner,
            uses: self.uses,
        })
    }

    /// What refusals of verifiers ask of the left neighbourhood.
    fn asked(&self) -> u32 {
        let refusals = self
            .loose
            .iter()
            .chain(&self.sleeping)
            .chain(&self.heads)
            .flat_map(|loose| &loose.refusals);
        refusals.fold(0, |bits, refusal| bits | refusal.after)
    }

    fn open(&mut self, united: United) -> Open {
        let support = |rule: &u32| self.rules[*rule as usize].context;
        let sleeps = |rule: &u32| support(rule).is_some_and(|support| support.required);
        Open {
            sleeps: united.rules.iter().any(sleeps),
            kinds: kinds(&united),
            part: self.part(united.machine, united.rules),
            entries: united.entries,
        }
    }

    /// Words that mean nothing behind a letter: those of contexts.
    fn inner(&self, words: &Words) -> Vec<u16> {
        let is_context = |purpose: &Use| matches!(purpose, Use::Context { .. });
        let length = |ended: &[u32]| match ended {
            [word] if self.uses[*word as usize].iter().all(is_context) => {
                words.length(*word) as u16
            }
            _ => 0,
        };
        words.all_ended().map(length).collect()
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

fn build_one(hir: &Hir) -> Result<Machine, String> {
    Machine::build(&[hir], MAX_STATES).map_err(|_| {
        format!(
            "needs an automaton of more than {MAX_STATES} states; shorten counted repetitions such as \
             {{10,500}}, or split the rule"
        )
    })
}

/// What the verifiers of a rule refuse.
fn refusals(rule: &PatternRule) -> Vec<Refusal> {
    let mut list: Vec<Refusal> = Vec::new();
    for refusal in rule.verify.iter().flat_map(|name| verify::refusals(name)) {
        let excludes = |refusal: &Refusal| matches!(refusal.what, Refused::With(_));
        // A rule has one pattern without some byte at most; a refusal left out costs time only.
        if !excludes(refusal) || !list.iter().any(excludes) {
            list.push(*refusal);
        }
    }
    list
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
        fn text(&mut self, bytes: &[u8], _raw: u64) {
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

//! One text, window by window.

use std::cell::Cell;

use midstream_classify::{Features, fold};
use midstream_segment::Sentences;
use midstream_text_detector::{Found, Origin, Reader};
use serde_json::{Map, Value};

use crate::phrases::Words;
use crate::settings::Settings;
use crate::{decode, model, phrases, rule, surface};

/// Bytes that are judged together.
pub(crate) const WINDOW: usize = 16_384;
/// What an attack in text that nobody sees, or that is encoded, gains: the share of the doubt that is left.
const DOUBT_LEFT: f32 = 0.3;
/// Fewest bytes of a message that the model of messages judges: of less it knows nothing.
const MIN_MESSAGE: usize = 40;

/// Something seen in a window.
#[derive(Clone, Copy, Debug)]
struct Signal {
    rule: u32,
    score: f32,
    start: usize,
    end: usize,
}

/// Reads one text.
#[derive(Debug)]
pub(crate) struct InjectionReader {
    settings: Settings,
    origin: Origin,
    window: String,
    /// Bytes before the window.
    passed: u64,
    /// Empty but while a window is judged.
    scratch: Scratch,
}

/// What is written anew for each window or sentence.
#[derive(Debug, Default)]
struct Scratch {
    sentences: Sentences,
    /// Places of the window's sentences.
    units: Vec<(usize, usize)>,
    signals: Vec<Signal>,
    features: Features,
    folded: String,
    words: Words,
}

/// Signals and units for which a thread keeps room.
const KEPT: usize = 1024;

thread_local! {
    /// One for all readers of a thread: a text of one sentence would spend a quarter of its time on getting its own.
    static SCRATCH: Cell<Scratch> = Cell::default();
}

impl InjectionReader {
    pub(crate) fn new(settings: Settings, origin: Origin) -> Self {
        Self {
            settings,
            origin,
            window: String::new(),
            passed: 0,
            scratch: Scratch::default(),
        }
    }

    /// Whether nobody may give orders in this text.
    const fn is_data(&self) -> bool {
        matches!(self.origin, Origin::Tool | Origin::Document)
    }

    /// Phrases of a text: rule and probability of each.
    fn phrases(&mut self, text: &str, mut show: impl FnMut(u32, f32)) {
        fold(text, &mut self.scratch.folded);
        self.scratch.words.read(&self.scratch.folded);
        phrases::find(self.scratch.words.plain(), &mut show);
    }

    /// The most that phrases of any rule say of a text.
    fn strongest(&mut self, text: &str) -> f32 {
        let mut most = 0.0_f32;
        self.phrases(text, |_, score| most = most.max(score));
        if self.is_data() && self.settings.model {
            let score = model::judge(&self.scratch.folded, &mut self.scratch.features).instruction;
            if score >= self.settings.model_score {
                most = most.max(score);
            }
        }
        most
    }

    fn judge_window(&mut self, found: &mut Vec<Found>) {
        let text = std::mem::take(&mut self.window);
        self.scratch = SCRATCH.take();
        let mut signals = std::mem::take(&mut self.scratch.signals);
        let mut units = std::mem::take(&mut self.scratch.units);
        let sentences = &mut self.scratch.sentences;
        sentences.begin();
        sentences.push(&text, |unit, _| {
            units.push((unit.start as usize, unit.end as usize));
        });
        sentences.finish(|unit, _| units.push((unit.start as usize, unit.end as usize)));
        for (start, end) in &units {
            self.judge_unit(&text, *start, *end, &mut signals);
        }
        // Around a unit there is only space: the normal form of the only one is that of the text.
        self.judge_message(&text, units.len() == 1, &mut signals);
        self.judge_surface(&text, &mut signals);
        if self.settings.decode {
            self.judge_payloads(&text, &mut signals);
        }
        self.report(&units, &mut signals, found);
        signals.clear();
        units.clear();
        signals.shrink_to(KEPT);
        units.shrink_to(KEPT);
        (self.scratch.signals, self.scratch.units) = (signals, units);
        SCRATCH.set(std::mem::take(&mut self.scratch));
        self.passed += text.len() as u64;
        self.window = text;
        self.window.clear();
    }

    fn judge_unit(&mut self, text: &str, start: usize, end: usize, signals: &mut Vec<Signal>) {
        let unit = &text[start..end];
        self.phrases(unit, |rule, score| {
            signals.push(Signal {
                rule,
                score,
                start,
                end,
            });
        });
        if self.settings.decode {
            phrases::find(self.scratch.words.turned(), |_, score| {
                signals.push(Signal {
                    rule: rule::ENCODED,
                    score: raised(score),
                    start,
                    end,
                });
            });
        }
        if self.is_data() && self.settings.model {
            let score = model::judge(&self.scratch.folded, &mut self.scratch.features).instruction;
            let rule = rule::DATA_INSTRUCTION;
            signals.extend(self.sure(Signal {
                rule,
                score,
                start,
                end,
            }));
        }
    }

    fn judge_surface(&mut self, text: &str, signals: &mut Vec<Signal>) {
        if !surface::may_have_any(text.as_bytes()) {
            return;
        }
        let lower = text.to_ascii_lowercase();
        surface::marks(&lower, |(rule, score, start, end)| {
            signals.push(Signal {
                rule,
                score,
                start,
                end,
            });
        });
        let mut hidden = Vec::new();
        surface::hidden(text, &lower, |start, end, inner| {
            hidden.push((start, end, inner.to_owned()));
        });
        hidden.extend(surface::tags(text));
        for (start, end, inner) in hidden {
            let is_tags = text[start..].starts_with(|first: char| first as u32 >= 0xe_0000);
            let score = raised(self.strongest(&inner)).max(if is_tags { 0.9 } else { 0.0 });
            signals.push(Signal {
                rule: rule::HIDDEN_TEXT,
                score,
                start,
                end,
            });
        }
    }

    fn judge_payloads(&mut self, text: &str, signals: &mut Vec<Signal>) {
        let mut payloads = Vec::new();
        decode::payloads(text, |start, end, inner| {
            payloads.push((start, end, inner.to_owned()));
        });
        for (start, end, inner) in payloads {
            let mut most = 0.0_f32;
            self.phrases(&inner, |_, score| most = most.max(score));
            signals.push(Signal {
                rule: rule::ENCODED,
                score: raised(most),
                start,
                end,
            });
        }
    }

    /// The model of messages judges the beginning of what a user says. Its normal form may be there already.
    fn judge_message(&mut self, text: &str, is_folded: bool, signals: &mut Vec<Signal>) {
        if self.is_data() || !self.settings.model || text.len() < MIN_MESSAGE {
            return;
        }
        if !is_folded {
            fold(text, &mut self.scratch.folded);
        }
        let score = model::judge(&self.scratch.folded, &mut self.scratch.features).jailbreak;
        let (rule, end) = (rule::JAILBREAK, text.len());
        signals.extend(self.sure(Signal {
            rule,
            score,
            start: 0,
            end,
        }));
    }

    /// A model's word counts where it is sure: what honest users write is not what it learned from (MODEL.md).
    fn sure(&self, signal: Signal) -> Option<Signal> {
        (signal.score >= self.settings.model_score).then_some(signal)
    }

    /// One finding for each rule and place; signals in one sentence add up, as independent ones do.
    fn report(&self, units: &[(usize, usize)], signals: &mut Vec<Signal>, found: &mut Vec<Found>) {
        signals.retain(|signal| signal.score > 0.05);
        signals.sort_by(|one, other| {
            (one.start, one.rule)
                .cmp(&(other.start, other.rule))
                .then(other.score.total_cmp(&one.score))
        });
        signals.dedup_by_key(|signal| (signal.start, signal.rule));
        let is_whole = |signal: &&Signal| signal.rule == rule::JAILBREAK;
        for signal in signals.iter().filter(is_whole) {
            self.report_one(signal, &[], found);
        }
        signals.retain(|signal| signal.rule != rule::JAILBREAK);
        let unit_of = |signal: &Signal| units.partition_point(|(start, _)| *start <= signal.start);
        for unit in signals.chunk_by(|one, other| unit_of(one) == unit_of(other)) {
            for signal in unit {
                self.report_one(signal, unit, found);
            }
        }
    }

    /// Reports a signal with what stands beside it in its sentence, where that is enough.
    fn report_one(&self, signal: &Signal, unit: &[Signal], found: &mut Vec<Found>) {
        let (mut doubt, mut count) = (1.0 - signal.score, 1);
        for other in unit.iter().filter(|other| other.rule != signal.rule) {
            doubt *= 1.0 - other.score;
            count += 1;
        }
        let least = self.settings.min_score;
        if signal.score < least.min(0.5) || 1.0 - doubt < least {
            return;
        }
        let own = (f64::from(signal.score) * 1000.0).round() / 1000.0;
        let mut data = Map::new();
        data.insert("signals".to_owned(), Value::from(count));
        data.insert("own".to_owned(), Value::from(own));
        let (start, end) = (
            self.passed + signal.start as u64,
            self.passed + signal.end as u64,
        );
        found.push(Found {
            rule: signal.rule,
            start,
            end,
            from: end,
            score: 1.0 - doubt,
            data,
        });
    }
}

fn raised(score: f32) -> f32 {
    if score > 0.0 {
        1.0 - (1.0 - score) * DOUBT_LEFT
    } else {
        0.0
    }
}

impl Reader for InjectionReader {
    fn push(&mut self, mut text: &str, found: &mut Vec<Found>) {
        while !text.is_empty() {
            // A window ends with the character that fills it: no cutting of the text changes where that is.
            let room = WINDOW.saturating_sub(self.window.len());
            let mut cut = text.len().min(room);
            while !text.is_char_boundary(cut) {
                cut += 1;
            }
            self.window.push_str(&text[..cut]);
            text = &text[cut..];
            if self.window.len() >= WINDOW {
                self.judge_window(found);
            }
        }
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        if !self.window.is_empty() {
            self.judge_window(found);
        }
    }

    fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.window.capacity()
    }
}

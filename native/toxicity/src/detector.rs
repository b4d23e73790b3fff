//! Sentences in a row: debounce, running maximum, findings.

use std::cell::Cell;
use std::sync::Arc;

use midstream_segment::{Kind, Sentences, Unit};
use midstream_text_detector::{
    Answer, Context, Detector, Found, Origin, Reader, Rule, SettingsError,
};
use serde_json::{Map, Value, json};

use crate::Category;
use crate::judge::{Judge, combine};
use crate::settings::Settings;

const RULES: [Rule; 6] = {
    let mut rules = [Rule {
        id: "",
        tag: "TOXIC",
    }; 6];
    let mut index = 0;
    while index < rules.len() {
        rules[index].id = Category::ALL[index].id();
        index += 1;
    }
    rules
};

pub(crate) fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    let settings: Settings = serde_json::from_value(settings).map_err(|error| SettingsError {
        field: "settings".to_owned(),
        message: error.to_string(),
    })?;
    settings.validate()?;
    Ok(Arc::new(Toxicity { settings }))
}

#[derive(Debug)]
struct Toxicity {
    settings: Settings,
}

impl Detector for Toxicity {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, _context: &Context) -> Box<dyn Answer> {
        Box::new(ToxicityAnswer {
            settings: self.settings,
        })
    }
}

struct ToxicityAnswer {
    settings: Settings,
}

impl Answer for ToxicityAnswer {
    fn open(&mut self, _origin: Origin) -> Box<dyn Reader> {
        Box::new(ToxicityReader {
            sentences: Sentences::new(),
            state: State {
                settings: self.settings,
                sentence: 0,
                runs: [Run::default(); 6],
            },
        })
    }
}

/// Sentences in a row that count for one category.
#[derive(Clone, Copy, Default)]
struct Run {
    length: u32,
    start: u64,
    /// Decayed maximum over all sentences.
    running: f32,
    /// Highest score that was reported; only a higher one is reported again. A new run begins after a sentence that does not count.
    told: f32,
}

thread_local! {
    /// One for all readers of a thread: between sentences its buffers hold nothing that counts.
    static JUDGE: Cell<Judge> = Cell::default();
}

struct State {
    settings: Settings,
    sentence: u32,
    runs: [Run; 6],
}

struct ToxicityReader {
    sentences: Sentences,
    state: State,
}

impl State {
    fn take(&mut self, unit: Unit, text: &str, found: &mut Vec<Found>) {
        if unit.kind == Kind::Code {
            return;
        }
        self.sentence += 1;
        let mut judge = JUDGE.take();
        let evidence = judge.read(text);
        JUDGE.set(judge);
        let scores = combine(&evidence);
        let thresholds = self.settings.thresholds.all();
        for (index, run) in self.runs.iter_mut().enumerate() {
            let score = scores[index];
            run.running = score.max(run.running * self.settings.decay);
            if score < thresholds[index] || score <= 0.0 {
                run.length = 0;
                run.told = 0.0;
                continue;
            }
            if run.length == 0 {
                run.start = unit.start;
            }
            run.length += 1;
            let is_enough = run.length >= self.settings.debounce || score >= self.settings.at_once;
            if !is_enough || score <= run.told {
                continue;
            }
            run.told = score;
            found.push(Found {
                rule: index as u32,
                start: run.start,
                end: unit.end,
                from: unit.end,
                score: run.running,
                data: data(&scores, evidence.severity[index], self.sentence, run.length),
            });
        }
    }
}

fn data(scores: &[f32; 6], severity: u8, sentence: u32, sentences: u32) -> Map<String, Value> {
    let rounded = |score: f32| (f64::from(score) * 1000.0).round() / 1000.0;
    let categories: Map<String, Value> = Category::ALL
        .iter()
        .zip(scores)
        .map(|(category, score)| (category.id().to_owned(), json!(rounded(*score))))
        .collect();
    let mut data = Map::new();
    data.insert("categories".to_owned(), Value::Object(categories));
    data.insert("severity".to_owned(), json!(severity));
    data.insert("sentence".to_owned(), json!(sentence));
    data.insert("sentences".to_owned(), json!(sentences));
    data
}

impl Reader for ToxicityReader {
    fn push(&mut self, text: &str, found: &mut Vec<Found>) {
        let Self { sentences, state } = self;
        sentences.push(text, |unit, sentence| state.take(unit, sentence, found));
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        let Self { sentences, state } = self;
        sentences.finish(|unit, sentence| state.take(unit, sentence, found));
    }

    fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.sentences.memory_bytes()
    }
}

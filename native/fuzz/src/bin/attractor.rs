//! Any numbers under any settings: an error or finite numbers, in batches and in streams.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::Reader;
use midstream_temporal_attractor_studio::{
    Classifier, Embedding, ExponentSettings, PermutationStream, RecurrenceSettings,
    RecurrenceStream, RegimeStream, Settings, StreamSettings, correlation_dimension, delay,
    determinism, dimension, exponent, false_neighbours, mutual_information, permutation_entropy,
    recurrence, zero_one,
};

/// Points of a series: enough for every verdict, few enough for many runs.
const POINTS: usize = 400;

fn finite<E>(what: &str, answer: &Result<impl Debug, E>) {
    if let Ok(answer) = answer {
        let text = format!("{answer:?}");
        assert!(
            !text.contains("NaN") && !text.contains("inf"),
            "{what}: {text}"
        );
    }
}

fn optional(input: &mut Reader, limit: usize) -> Option<usize> {
    let number = input.below(limit + 1);
    (number < limit).then_some(number)
}

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let which = input.byte() % 12;
    let embedding = Embedding {
        delay: input.below(24),
        dimension: input.below(10),
    };
    let (theiler, other, more) = (input.below(300), input.below(300), input.below(70));
    let start = optional(&mut input, 300);
    let length = optional(&mut input, 300);
    let real = 2_f64.powi(input.below(400) as i32 - 200);
    let values = input.series(POINTS);
    let values = &values[..];
    match which {
        0 => {
            let settings = Settings {
                embedding: (theiler % 2 == 0).then_some(embedding),
                theiler: start,
                most_delay: other,
                most_dimension: more % 10,
            };
            if let Ok(mut classifier) = Classifier::new(POINTS, settings) {
                let first = classifier.classify(values);
                finite("classify", &first);
                // What it keeps of one series is nothing to the next.
                assert_eq!(
                    format!("{first:?}"),
                    format!("{:?}", classifier.classify(values))
                );
            }
        }
        1 => finite("mutual information", &mutual_information(values, other)),
        2 => finite("delay", &delay(values, other)),
        3 => {
            finite(
                "dimension",
                &dimension(values, embedding.delay, theiler, more),
            );
            finite(
                "false neighbours",
                &false_neighbours(values, embedding.delay, theiler, more),
            );
        }
        4 => finite(
            "exponent",
            &exponent(
                values,
                ExponentSettings {
                    embedding,
                    theiler,
                    start,
                    length,
                },
            ),
        ),
        5 => finite(
            "determinism",
            &determinism(values, embedding, theiler, other),
        ),
        6 => finite(
            "permutation entropy",
            &permutation_entropy(values, embedding.dimension, embedding.delay),
        ),
        7 => finite(
            "recurrence",
            &recurrence(
                values,
                RecurrenceSettings {
                    embedding,
                    radius: real,
                    theiler,
                    diagonal: more,
                    vertical: other,
                },
            ),
        ),
        8 => finite(
            "correlation dimension",
            &correlation_dimension(values, embedding, theiler),
        ),
        9 => finite("zero-one", &zero_one(values, more)),
        10 => {
            if let Ok(mut stream) =
                PermutationStream::new(embedding.dimension, embedding.delay, other)
            {
                for value in values {
                    finite("permutation stream", &stream.push(*value));
                }
            }
            let centre = values.first().copied().unwrap_or(0.0);
            if let Ok(mut stream) = RecurrenceStream::new(centre, real, more) {
                for value in values {
                    let _ = stream.push(*value);
                }
                finite("recurrence stream", &Ok::<_, ()>(stream.measures()));
            }
        }
        _ => {
            let settings = StreamSettings {
                window: other,
                embedding,
                theiler,
                horizon: more,
                refit: start.unwrap_or(1),
            };
            if let Ok(mut stream) = RegimeStream::new(settings) {
                for value in values {
                    finite("regime stream", &stream.push(*value));
                    finite("its exponent", &Ok::<_, ()>(stream.exponent()));
                }
                assert!(stream.window().len() <= settings.window);
            }
        }
    }
});

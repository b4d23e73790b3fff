//! The linear models: whole messages that are jailbreaks, sentences of data that are instructions. MODEL.md says what they were trained on.

use std::sync::LazyLock;

use midstream_classify::{Features, Model};

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    Model::from_bytes(include_bytes!("../model.bin")).expect("the model beside this file is whole")
});

/// Probabilities of a text.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// A message that wants the model to leave its role.
    pub jailbreak: f32,
    /// A sentence that is an instruction or question, where data should be.
    pub instruction: f32,
}

/// Judges a text by its normal form ([`fold`](midstream_classify::fold)), which has the first 4,096 bytes of a long one.
pub(crate) fn judge(folded: &str, features: &mut Features) -> Judged {
    let mut out = [0.0; 2];
    MODEL.predict_hashes(features.read_folded(folded), &mut out);
    Judged {
        jailbreak: out[0],
        instruction: out[1],
    }
}

/// Bytes of the weights.
pub(crate) fn memory_bytes() -> usize {
    MODEL.memory_bytes()
}

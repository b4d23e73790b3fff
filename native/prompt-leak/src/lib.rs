//! A system prompt in the answer: canaries, runs in common, phrases that reveal.
#![forbid(unsafe_code)]

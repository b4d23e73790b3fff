//! Prompt injection in requests, tool results and retrieved context.
#![forbid(unsafe_code)]

//! A compiled schema with its settings, shared by the streams that it guards.

use std::sync::Arc;

use serde_json::Value;

use crate::schema::{self, Deferred, Schema, SchemaError, TRUE};
use crate::seen::Keys;
use crate::settings::Settings;
use crate::stream::Stream;

/// Most of `Settings::max_depth`: a level takes about a hundred bytes.
const DEPTH_LIMIT: u32 = 10_000;

/// Guards any number of streams. Cheap to clone; may be shared between threads.
#[derive(Clone, Debug)]
pub struct Guard {
    shared: Arc<Shared>,
}

/// What all streams of a guard read.
#[derive(Debug)]
pub(crate) struct Shared {
    pub settings: Settings,
    /// `None`: any value will do.
    schema: Option<Schema>,
    pub keys: Keys,
}

impl Shared {
    /// The schema; called by the engine only, which there is none of without a schema.
    pub fn schema(&self) -> &Schema {
        self.schema.as_ref().expect("an engine has a schema")
    }

    pub fn has_schema(&self) -> bool {
        self.schema.is_some()
    }

    /// Whether repeated names must be told from new ones.
    pub fn tells_names(&self) -> bool {
        self.settings.duplicate_keys == crate::DuplicateKeys::Refuse
            || self
                .schema
                .as_ref()
                .is_some_and(|schema| schema.counts_members)
    }
}

impl Guard {
    /// Compiles a schema once for any number of streams; without one, any well-formed JSON passes.
    ///
    /// Settings are clamped to what they allow. What the schema says beyond the subset is in [`Guard::deferred`].
    ///
    /// # Errors
    ///
    /// The first keyword, by its JSON Pointer, whose value is not what the keyword takes; an unknown dialect; a local
    /// reference that leads nowhere or to itself; a schema over the bounds of [`SchemaErrorKind::TooLarge`].
    ///
    /// [`SchemaErrorKind::TooLarge`]: crate::SchemaErrorKind::TooLarge
    pub fn compile(schema: Option<&Value>, settings: Settings) -> Result<Self, SchemaError> {
        let schema = schema.map(schema::compile).transpose()?;
        let settings = Settings {
            max_depth: settings.max_depth.min(DEPTH_LIMIT),
            max_states: settings.max_states.clamp(1, 1 << 20),
            // Offsets inside one JSON text are kept in 32 bits.
            max_bytes: settings.max_bytes.min(1 << 31),
            ..settings
        };
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                schema,
                keys: Keys::default(),
            }),
        })
    }

    /// Starts one stream. It lives on when the guard is dropped.
    #[must_use]
    pub fn start(&self) -> Stream {
        Stream::new(Arc::clone(&self.shared))
    }

    /// Keywords of the schema that are left to the final verdict of a full validator, sorted by pointer; and unknown ones.
    #[must_use]
    pub fn deferred(&self) -> &[Deferred] {
        self.shared
            .schema
            .as_ref()
            .map_or(&[], |schema| &schema.deferred)
    }

    /// Whether any valid JSON passes: there is no schema, or it is `true`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared
            .schema
            .as_ref()
            .is_none_or(|schema| schema.root == TRUE)
    }
}

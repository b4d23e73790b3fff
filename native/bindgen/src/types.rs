//! Types: how they are written in TypeScript, and which converter carries them.

use anyhow::{Result, bail};
use uniffi_bindgen::interface::Type;

use crate::names;

/// The TypeScript type.
pub(crate) fn written(kind: &Type) -> Result<String> {
    Ok(match kind {
        Type::UInt8
        | Type::Int8
        | Type::UInt16
        | Type::Int16
        | Type::UInt32
        | Type::Int32
        | Type::Float32
        | Type::Float64 => "number".into(),
        Type::UInt64 | Type::Int64 => "bigint".into(),
        Type::Boolean => "boolean".into(),
        Type::String => "string".into(),
        Type::Bytes => "Uint8Array".into(),
        Type::Object { name, .. }
        | Type::Record { name, .. }
        | Type::Enum { name, .. }
        | Type::Custom { name, .. } => names::class(name),
        Type::Box { inner_type } => written(inner_type)?,
        Type::Optional { inner_type } => format!("{} | undefined", written(inner_type)?),
        Type::Sequence { inner_type } => {
            let inner = written(inner_type)?;
            if inner.contains('|') {
                format!("readonly ({inner})[]")
            } else {
                readonly_list(&inner)
            }
        }
        Type::Map {
            key_type,
            value_type,
        } => {
            format!(
                "ReadonlyMap<{}, {}>",
                written(key_type)?,
                written(value_type)?
            )
        }
        Type::Set { inner_type } => format!("ReadonlySet<{}>", written(inner_type)?),
        Type::Timestamp | Type::Duration | Type::CallbackInterface { .. } => {
            bail!("{kind:?} is not supported: pass a number, or poll")
        }
    })
}

/// `readonly readonly T[][]` is not TypeScript.
fn readonly_list(inner: &str) -> String {
    if inner.starts_with("readonly ") {
        format!("readonly ({inner})[]")
    } else {
        format!("readonly {inner}[]")
    }
}

/// The expression of the converter in `typed.ts` or in the generated file.
pub(crate) fn converter(kind: &Type) -> Result<String> {
    Ok(match kind {
        Type::UInt8 => "t.u8".into(),
        Type::Int8 => "t.i8".into(),
        Type::UInt16 => "t.u16".into(),
        Type::Int16 => "t.i16".into(),
        Type::UInt32 => "t.u32".into(),
        Type::Int32 => "t.i32".into(),
        Type::UInt64 => "t.u64".into(),
        Type::Int64 => "t.i64".into(),
        Type::Float32 => "t.f32".into(),
        Type::Float64 => "t.f64".into(),
        Type::Boolean => "t.boolean".into(),
        Type::String => "t.text".into(),
        Type::Bytes => "t.bytes".into(),
        Type::Object { name, .. } | Type::Record { name, .. } | Type::Enum { name, .. } => {
            names::converter(name)
        }
        Type::Custom { builtin, .. } => converter(builtin)?,
        Type::Box { inner_type } => converter(inner_type)?,
        Type::Optional { inner_type } => format!("t.optional({})", converter(inner_type)?),
        Type::Sequence { inner_type } => format!("t.sequence({})", converter(inner_type)?),
        Type::Set { inner_type } => format!("t.set({})", converter(inner_type)?),
        Type::Map {
            key_type,
            value_type,
        } => {
            format!(
                "t.map({}, {})",
                converter(key_type)?,
                converter(value_type)?
            )
        }
        Type::Timestamp | Type::Duration | Type::CallbackInterface { .. } => {
            bail!("{kind:?} is not supported: pass a number, or poll")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(inner: Type) -> Type {
        Type::Sequence {
            inner_type: Box::new(inner),
        }
    }

    #[test]
    fn lists_of_lists_and_of_unions_are_bracketed() {
        assert_eq!(written(&list(Type::Int32)).unwrap(), "readonly number[]");
        assert_eq!(
            written(&list(list(Type::Int32))).unwrap(),
            "readonly (readonly number[])[]"
        );
        let maybe = Type::Optional {
            inner_type: Box::new(Type::String),
        };
        assert_eq!(
            written(&list(maybe)).unwrap(),
            "readonly (string | undefined)[]"
        );
    }

    #[test]
    fn what_has_no_counterpart_is_refused_by_name() {
        let error = converter(&list(Type::Duration)).unwrap_err().to_string();
        assert!(error.starts_with("Duration is not supported"), "{error}");
    }
}

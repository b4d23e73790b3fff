//! Names and doc comments, from Rust's habits to TypeScript's.

use std::fmt::Write as _;

use heck::{ToKebabCase, ToLowerCamelCase, ToUpperCamelCase};

/// Words that cannot name an argument in a module.
const RESERVED: [&str; 42] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "package",
    "private",
    "protected",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "try",
    "typeof",
    "var",
    "while",
    "with",
];

/// Functions, methods and fields.
pub(crate) fn member(rust: &str) -> String {
    // `new` could name a static method, but would read as `new` without being it.
    if rust == "new" {
        "create".to_owned()
    } else {
        rust.to_lower_camel_case()
    }
}

/// Arguments and free functions, which must not be reserved words.
pub(crate) fn variable(rust: &str) -> String {
    let name = rust.to_lower_camel_case();
    if RESERVED.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

pub(crate) fn class(rust: &str) -> String {
    rust.to_upper_camel_case()
}

/// The constant that converts a type.
pub(crate) fn converter(rust: &str) -> String {
    format!("{}Converter", rust.to_lower_camel_case())
}

/// The literal that names a variant.
pub(crate) fn variant(rust: &str) -> String {
    rust.to_kebab_case()
}

/// A doc comment, indented; nothing where there is no text. `throws` names the error class.
pub(crate) fn doc(text: Option<&str>, throws: Option<&str>, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut reasons = String::new();
    let mut section = "";
    for line in text.unwrap_or_default().trim().lines() {
        let line = line
            .trim_end()
            .replace("*/", "*\\/")
            .replace("[`", "`")
            .replace("`]", "`");
        match line.strip_prefix("# ") {
            Some("Errors") => section = "errors",
            // What panics arrives as NATIVE_PANIC, which every call may throw.
            Some("Panics" | "Safety") => section = "dropped",
            Some(_) => section = "",
            None => {}
        }
        match section {
            "" => lines.push(line),
            "errors" if !line.starts_with("# ") && !line.is_empty() => {
                reasons.push(' ');
                reasons.push_str(&line);
            }
            _ => {}
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if let Some(class) = throws {
        lines.push(
            format!("@throws {class}:{reasons}")
                .trim_end_matches(':')
                .to_owned(),
        );
    }
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let mut comment = format!("{indent}/**\n");
            for line in lines {
                // Writing to a String cannot fail.
                let _ = writeln!(comment, "{}", format!("{indent} * {line}").trim_end());
            }
            comment + indent + " */\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_habits_of_the_language() {
        assert_eq!(member("memory_bytes"), "memoryBytes");
        assert_eq!(member("new"), "create");
        assert_eq!(variable("default"), "default_");
        assert_eq!(variant("ToolInput"), "tool-input");
        assert_eq!(converter("RuleInfo"), "ruleInfoConverter");
    }

    #[test]
    fn a_section_on_errors_becomes_a_tag_and_one_on_panics_goes() {
        let text = "Compiles.\n\n# Errors\nThe first\nfault.\n\n# Panics\nNever.";
        assert_eq!(
            doc(Some(text), Some("PlanError"), ""),
            "/**\n * Compiles.\n * @throws PlanError: The first fault.\n */\n"
        );
    }

    #[test]
    fn a_comment_cannot_be_ended_from_inside() {
        assert_eq!(doc(Some("a */ b"), None, "  "), "  /** a *\\/ b */\n");
    }
}

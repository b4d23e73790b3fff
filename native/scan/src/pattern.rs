//! Regular expressions of rules to syntax trees, with the restrictions that make them boundable.

use regex_syntax::ast::{
    self, Ast, ClassAscii, ClassAsciiKind, ClassPerlKind, ClassSet, ClassSetItem,
};
use regex_syntax::hir::{Class, Hir, HirKind, translate::TranslatorBuilder};

/// Parses a pattern.
///
/// # Errors
/// A message with the remedy.
pub(crate) fn parse(pattern: &str) -> Result<Hir, String> {
    let hir = translate(pattern, needs_unicode(pattern))?;
    if !hir.properties().look_set().is_empty() {
        return Err(
            "anchors and \\b are not available: say with `left` and `right` what may not stand \
                    next to a match"
                .to_owned(),
        );
    }
    Ok(hir)
}

/// Parses a pattern that must match something, and something in every case.
///
/// # Errors
/// A message with the remedy.
pub(crate) fn parse_match(pattern: &str) -> Result<Hir, String> {
    let hir = parse(pattern)?;
    match hir.properties().minimum_len() {
        None => Err("can never match: an empty class is part of it; remove it".to_owned()),
        Some(0) => Err(
            "can match nothing at all: make at least one part of it required (`+` for `*`)"
                .to_owned(),
        ),
        Some(_) => Ok(hir),
    }
}

/// Parses a class such as `[A-Za-z0-9_.-]` to sorted ranges of characters.
///
/// # Errors
/// A message with the remedy.
pub(crate) fn parse_class(class: &str) -> Result<Vec<(char, char)>, String> {
    let not_a_class =
        || "must be one class such as [A-Za-z0-9_.-], without a repetition".to_owned();
    match translate(class, true)?.into_kind() {
        HirKind::Class(Class::Unicode(set)) => Ok(set
            .ranges()
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect()),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|_| not_a_class())?;
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => Ok(vec![(one, one)]),
                _ => Err(not_a_class()),
            }
        }
        _ => Err(not_a_class()),
    }
}

/// Bytes are enough for ASCII, and give smaller automata than code points.
fn needs_unicode(pattern: &str) -> bool {
    !pattern.is_ascii()
        || ["\\p", "\\P", "\\u", "\\U", "\\x{"]
            .iter()
            .any(|mark| pattern.contains(mark))
}

fn translate(pattern: &str, unicode: bool) -> Result<Hir, String> {
    let mut ast = ast::parse::Parser::new()
        .parse(pattern)
        .map_err(|error| remedy(&error.kind().to_string()))?;
    if unicode {
        asciify(&mut ast);
    }
    TranslatorBuilder::new()
        .unicode(unicode)
        .utf8(false)
        .build()
        .translate(pattern, &ast)
        .map_err(|error| remedy(&error.kind().to_string()))
}

fn remedy(fault: &str) -> String {
    let advice = if fault.contains("look-around") {
        "say with `left` and `right` what may not stand next to a match, or name a verifier"
    } else if fault.contains("backreference") {
        "write the repeated part out, or name a verifier"
    } else {
        "see https://docs.rs/regex/#syntax"
    };
    format!("{fault}; {advice}")
}

/// `\d`, `\w` and `\s` mean ASCII in every pattern, also in those that hold other letters.
fn asciify(ast: &mut Ast) {
    match ast {
        Ast::ClassPerl(class) => {
            let item = ClassSetItem::Ascii(ascii(class));
            *ast = Ast::class_bracketed(ast::ClassBracketed {
                span: class.span,
                negated: false,
                kind: ClassSet::Item(item),
            });
        }
        Ast::ClassBracketed(class) => asciify_set(&mut class.kind),
        Ast::Repetition(repetition) => asciify(&mut repetition.ast),
        Ast::Group(group) => asciify(&mut group.ast),
        Ast::Alternation(list) => list.asts.iter_mut().for_each(asciify),
        Ast::Concat(list) => list.asts.iter_mut().for_each(asciify),
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_) => {}
    }
}

fn asciify_set(set: &mut ClassSet) {
    match set {
        ClassSet::Item(item) => asciify_item(item),
        ClassSet::BinaryOp(operation) => {
            asciify_set(&mut operation.lhs);
            asciify_set(&mut operation.rhs);
        }
    }
}

fn asciify_item(item: &mut ClassSetItem) {
    match item {
        ClassSetItem::Perl(class) => *item = ClassSetItem::Ascii(ascii(class)),
        ClassSetItem::Bracketed(class) => asciify_set(&mut class.kind),
        ClassSetItem::Union(union) => union.items.iter_mut().for_each(asciify_item),
        _ => {}
    }
}

fn ascii(class: &ast::ClassPerl) -> ClassAscii {
    let kind = match class.kind {
        ClassPerlKind::Digit => ClassAsciiKind::Digit,
        ClassPerlKind::Space => ClassAsciiKind::Space,
        ClassPerlKind::Word => ClassAsciiKind::Word,
    };
    ClassAscii {
        span: class.span,
        kind,
        negated: class.negated,
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_class, parse_match};

    #[test]
    fn what_cannot_be_bounded_is_refused_with_a_remedy() {
        for (pattern, remedy) in [
            ("a(?=b)", "`left` and `right`"),
            (r"(a)\1", "write the repeated part out"),
            (r"\bfoo", "`left` and `right`"),
            ("^foo", "`left` and `right`"),
            ("foo$", "`left` and `right`"),
            ("a*", "required"),
            ("[a&&b]", "never match"),
            ("a(", "syntax"),
        ] {
            let message = parse_match(pattern).unwrap_err();
            assert!(message.contains(remedy), "{pattern}: {message}");
        }
    }

    #[test]
    fn classes_are_ascii_even_where_the_pattern_is_not() {
        assert_eq!(parse_class(r"[\dж]").unwrap(), [('0', '9'), ('ж', 'ж')]);
        assert_eq!(parse_class("x").unwrap(), [('x', 'x')]);
        assert!(parse_class("[a-z]+").is_err());
    }
}

//! URLs and domains in running text, and what can be known to be wrong with them.

use crate::lexicon;

/// Longest link that is read.
const MAX_LINK: usize = 2048;
/// Ends of bare domains; a link with a scheme or "www." needs none.
const SUFFIXES: &[&str] = &[
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "io",
    "co",
    "uk",
    "de",
    "fr",
    "ru",
    "eu",
    "info",
    "dev",
    "app",
    "ai",
    "us",
    "ca",
    "au",
    "nl",
    "ch",
    "jp",
    "cn",
    "br",
    "it",
    "es",
    "se",
    "pl",
    "in",
    "me",
    "tv",
    "biz",
    "mil",
    "int",
    "online",
    "site",
    "tech",
    "cloud",
    "xyz",
    "test",
    "example",
    "invalid",
    "localhost",
];
/// Top-level domains that no one can register (RFC 2606, RFC 6761).
const RESERVED: &[&str] = &["test", "example", "invalid", "localhost"];

/// The link that begins at `start`: where it ends, hash of host and path, hash of the host.
pub fn at(text: &str, start: usize) -> Option<(usize, u32, u32)> {
    let bytes = text.as_bytes();
    let rest = &bytes[start..bytes.len().min(start + MAX_LINK)];
    let scheme = [&b"https://"[..], b"http://", b"ftp://"]
        .into_iter()
        .find(|scheme| starts_with(rest, scheme))
        .map_or(0, <[u8]>::len);
    let is_www = starts_with(&rest[scheme..], b"www.");
    let host_start = scheme + if is_www { 4 } else { 0 };
    let host_len = rest[host_start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        .count();
    let mut host = &rest[host_start..host_start + host_len];
    while let [head @ .., b'.' | b'-'] = host {
        host = head;
    }
    let suffix = host
        .iter()
        .rposition(|&byte| byte == b'.')
        .map(|dot| &host[dot + 1..])?;
    let is_known = scheme > 0 || is_www || SUFFIXES.iter().any(|known| known.as_bytes() == suffix);
    if host.len() < 4 || !is_known || host.windows(2).any(|pair| pair == b"..") {
        return None;
    }
    let mut end = host_start + host.len();
    if matches!(rest.get(end), Some(b'/' | b':' | b'?' | b'#')) {
        end += rest[end..]
            .iter()
            .take_while(|byte| {
                byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'|' | b'`' | b'*')
            })
            .count();
        while matches!(
            rest[end - 1],
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b')' | b']' | b'/' | b'#'
        ) {
            end -= 1;
        }
    }
    let folded =
        |bytes: &[u8]| lexicon::hash(&bytes.iter().map(u8::to_ascii_lowercase).collect::<Vec<_>>());
    Some((start + end, folded(&rest[host_start..end]), folded(host)))
}

/// Whether a link leads to a name that can never exist in public; `example.com` and its kin are meant as examples and pass.
pub fn is_reserved(link: &str) -> bool {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    // "localhost" alone is somebody's own machine.
    host.rsplit_once('.').is_some_and(|(_, suffix)| {
        RESERVED
            .iter()
            .any(|name| suffix.eq_ignore_ascii_case(name))
    })
}

fn starts_with(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes
        .get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> Option<&str> {
        at(text, 0).map(|(end, ..)| &text[..end])
    }

    #[test]
    fn a_link_ends_before_the_marks_of_its_sentence() {
        assert_eq!(
            link("https://a.org/x?y=1). Then"),
            Some("https://a.org/x?y=1")
        );
        assert_eq!(link("example.com, and"), Some("example.com"));
        assert_eq!(link("www.a-b.nu/"), Some("www.a-b.nu"));
        for none in [
            "etc. Then",
            "e.g. this",
            "end.The next",
            "a..com",
            "http:",
            "version-2.0",
        ] {
            assert_eq!(link(none), None, "{none}");
        }
    }

    #[test]
    fn scheme_www_case_and_a_last_slash_make_no_other_link() {
        let whole = |text| at(text, 0).map(|(_, whole, _)| whole);
        assert_eq!(whole("https://www.A.org/B/"), whole("a.org/b"));
        assert_ne!(whole("a.org/b"), whole("a.org/c"));
    }

    #[test]
    fn reserved_names_are_told_from_names_for_examples() {
        assert!(is_reserved("https://shop.invalid/x") && is_reserved("db.test"));
        assert!(!is_reserved("https://example.com/test") && !is_reserved("a.org/x.test"));
    }
}

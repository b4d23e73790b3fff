//! Addresses of the net: e-mail, IP, MAC, credentials in URLs.

use super::{Candidate, Check, Refusal, Refused, accept_if};
use crate::boundary;

/// Words with colons that go on what stands before them are no address.
pub(super) static IP_REFUSALS: &[Refusal] = &[Refusal {
    after: boundary::AFTER_COLON,
    what: Refused::With(b':'),
}];
/// The middle of a fingerprint is no address.
pub(super) static MAC_REFUSALS: &[Refusal] = &[Refusal {
    after: boundary::AFTER_HEX,
    what: Refused::All,
}];

/// Longest address, local part and label: RFC 5321 section 4.5.3.1, RFC 1035 section 2.3.4.
const ADDRESS_BYTES: usize = 254;
const LOCAL_BYTES: usize = 64;
const LABEL_BYTES: usize = 63;

/// An address of e-mail. The pattern has found `local@domain`; here are the rules about dots, hyphens, lengths and the last label.
pub(super) fn email(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    let Some(at) = text.iter().rposition(|byte| *byte == b'@') else {
        return Check::Reject;
    };
    let (local, domain) = (
        text.get(..at).unwrap_or(&[]),
        text.get(at + 1..).unwrap_or(&[]),
    );
    let dots_right = !local.starts_with(b".")
        && !local.ends_with(b".")
        && !local.windows(2).any(|two| two == b"..");
    accept_if(
        text.len() <= ADDRESS_BYTES
            && (1..=LOCAL_BYTES).contains(&local.len())
            && dots_right
            && domain_is_right(domain)
            && !is_scaled_image(domain),
    )
}

/// `2x.png`: the name of a picture for dense screens has an at sign before its scale.
fn is_scaled_image(domain: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 7] = [b"png", b"jpg", b"jpeg", b"gif", b"webp", b"svg", b"pdf"];
    let scale = domain.split(|byte| *byte == b'.').next().unwrap_or(&[]);
    let ending = domain.rsplit(|byte| *byte == b'.').next().unwrap_or(&[]);
    matches!(scale, [digit, b'x'] if digit.is_ascii_digit())
        && ENDINGS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending))
}

fn domain_is_right(domain: &[u8]) -> bool {
    let label_is_right = |label: &[u8]| {
        (1..=LABEL_BYTES).contains(&label.len())
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
    };
    let mut labels = domain.rsplit(|byte| *byte == b'.');
    let Some(top) = labels.next() else {
        return false;
    };
    let mut rest = labels.peekable();
    rest.peek().is_some() && top_level(top) && label_is_right(top) && rest.all(label_is_right)
}

/// Letters of one kind, two or more, or a punycode label; never digits, as in `file@2x.png2` or `user@10.0.0.1`.
fn top_level(label: &[u8]) -> bool {
    let punycode = label
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"xn--"));
    let ascii = label.len() >= 2 && label.iter().all(u8::is_ascii_alphabetic);
    let wide = label.len() >= 4 && label.iter().all(|byte| *byte > 0x7F);
    ascii || wide || (punycode && label.len() > 4)
}

/// A scale for addresses that are also version numbers, list numbers or slices of arrays.
const CLEAR: f32 = 0.75;
const DOUBTFUL: f32 = 0.3;

/// An IPv4 or IPv6 address, also with a prefix length (`10.0.0.0/8`). The candidate is the longest run of the pattern: dotted numbers of
/// more than four parts are object identifiers and are none, a colon at the end is punctuation, a number over the greatest prefix
/// length is a path.
pub(super) fn ip_address(candidate: &Candidate<'_>) -> Check {
    let text = match candidate.text {
        [rest @ .., b':'] if !rest.ends_with(b":") => rest,
        text => text,
    };
    let (address, prefix) = match text.iter().position(|byte| *byte == b'/') {
        Some(slash) => text.split_at(slash),
        None => (text, &b""[..]),
    };
    let colons = address.contains(&b':');
    let fits = prefix
        .get(1..)
        .and_then(decimal)
        .is_some_and(|length| length <= if colons { 128 } else { 32 });
    let score = if colons {
        six(address, candidate, fits)
    } else {
        four(address, candidate.before)
    };
    let len = if fits { text.len() } else { address.len() };
    match score {
        None => Check::Reject,
        Some(score) if len == candidate.text.len() => Check::Score(score),
        Some(score) => Check::Head { len, score },
    }
}

/// The number that one to three digits write; `None` for anything else.
fn decimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')),
    )
}

/// Dotted quad without leading zeros (RFC 6943 section 3.1.1 names them a hazard, and dates and versions have them).
fn quad(text: &[u8]) -> Option<[u32; 4]> {
    let mut octets = [0; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let part = parts.next()?;
        let value = decimal(part).filter(|value| *value <= 255)?;
        if part.len() > 1 && part.starts_with(b"0") {
            return None;
        }
        *octet = value;
    }
    parts.next().is_none().then_some(octets)
}

/// Score of a dotted quad; `None` where it is none, goes on a longer dotted number or stands where versions stand.
fn four(text: &[u8], before: &[u8]) -> Option<f32> {
    let octets = quad(text)?;
    let inside = matches!(before, [.., digit, b'.'] if digit.is_ascii_digit());
    if inside || after_version_word(before) {
        return None;
    }
    let [first, rest @ ..] = octets;
    let small = rest.iter().all(|octet| *octet < 10);
    // `1.2.3.4` is a list or a section; `12.2.0.1` and `19.3.0.0` are releases. 10.0.0.0/8 is a network (RFC 1918).
    let list_like = small && first < 10 && rest.iter().any(|octet| *octet != first);
    let release_like = small && matches!(first, 11..=30);
    let doubtful = list_like || release_like || after_package_name(before);
    Some(if doubtful { DOUBTFUL } else { CLEAR })
}

/// `name-1.20.3.4`, `libname.so.1.20.3.4`, `name==1.20.3.4`, `^1.20.3.4`.
fn after_package_name(before: &[u8]) -> bool {
    match before {
        [.., letter, b'-'] => letter.is_ascii_alphabetic(),
        [.., b'=' | b'~' | b'>' | b'<' | b'!', b'='] | [.., b'^' | b'~'] => true,
        _ => before.ends_with(b".so."),
    }
}

/// `version 1.2.3.4`, `Chrome/91.0.4472.124`, `section 4.3.2.1`.
fn after_version_word(before: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"v",
        b"ver",
        b"version",
        b"versions",
        b"release",
        b"rev",
        b"revision",
        b"build",
        b"section",
        b"chapter",
        b"clause",
        b"oid",
        b"firmware",
        b"sdk",
        b"assembly",
        b"assemblyversion",
    ];
    if let [.., letter, b'/'] = before {
        return letter.is_ascii_alphabetic();
    }
    let end = before.len()
        - before
            .iter()
            .rev()
            .take_while(|byte| b" .:=\"'".contains(byte))
            .count();
    let head = before.get(..end).unwrap_or(&[]);
    let word = head
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = head.get(end - word..).unwrap_or(&[]);
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Score of an IPv6 address; `None` where it is none, or is a part of something longer with colons.
fn six(text: &[u8], candidate: &Candidate<'_>, has_prefix: bool) -> Option<f32> {
    let hexadecimal = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let punctuation = candidate.text.ends_with(b":") && !candidate.text.ends_with(b"::");
    if candidate.before.ends_with(b":")
        || candidate.next == Some(b':')
        || (punctuation && candidate.next.is_some_and(hexadecimal))
    {
        return None;
    }
    let address = text
        .iter()
        .position(|byte| *byte == b'%')
        .map_or(text, |zone| &text[..zone]);
    let (words, tail_is_quad) = match address.iter().rposition(|byte| *byte == b':') {
        Some(colon) if address[colon..].contains(&b'.') => {
            quad(&address[colon + 1..])?;
            (&address[..=colon], true)
        }
        _ => (address, false),
    };
    if !words_are_right(words, tail_is_quad) {
        return None;
    }
    // `::ffff:256.0.0.1`: a broken dotted quad must not pass as the word before its first dot.
    let last = address.rsplit(|byte| *byte == b':').next().unwrap_or(&[]);
    if candidate.next == Some(b'.') && last.len() == 3 && last.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = address
        .iter()
        .filter(|byte| byte.is_ascii_hexdigit())
        .count();
    let decimal = address.iter().any(u8::is_ascii_digit);
    let clear = address == b"::1" || has_prefix || (digits >= 5 && decimal) || candidate.context;
    Some(if clear { CLEAR } else { DOUBTFUL - 0.2 })
}

/// The colon-separated words of an IPv6 address (RFC 4291 section 2.2); with a dotted quad behind, `text` ends in its colon.
fn words_are_right(text: &[u8], quad_follows: bool) -> bool {
    let wanted = if quad_follows { 6 } else { 8 };
    let gaps = text.windows(2).filter(|two| *two == b"::").count();
    let body = match (quad_follows, text.ends_with(b"::")) {
        (true, false) => &text[..text.len() - 1],
        _ => text,
    };
    if (body.starts_with(b":") && !body.starts_with(b"::"))
        || (body.ends_with(b":") && !body.ends_with(b"::"))
    {
        return false;
    }
    let mut count = 0;
    for word in body
        .split(|byte| *byte == b':')
        .filter(|word| !word.is_empty())
    {
        if word.len() > 4 || !word.iter().all(u8::is_ascii_hexdigit) {
            return false;
        }
        count += 1;
    }
    match gaps {
        0 => count == wanted,
        1 => count < wanted,
        _ => false,
    }
}

/// A MAC or EUI-64 address with one kind of separator. Runs of other lengths are fingerprints of keys.
pub(super) fn mac_address(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    let digits = text.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    let blank = text
        .iter()
        .all(|byte| !byte.is_ascii_hexdigit() || *byte == b'0');
    let goes_on = matches!(candidate.before, [.., digit, b':' | b'-'] if digit.is_ascii_hexdigit())
        || matches!(candidate.next, Some(b':'));
    accept_if(
        (digits == 12 || digits == 16) && super::digits::one_separator(text) && !blank && !goes_on,
    )
}

/// A MAC address behind its name, also without separators: six bytes, letters and digits among them, not all the same.
pub(super) fn mac_address_joined(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    let digits = text.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    let decimal = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let first = text.first();
    let blank = text
        .iter()
        .filter(|byte| byte.is_ascii_hexdigit())
        .all(|byte| Some(byte) == first);
    accept_if(digits == 12 && decimal > 0 && !blank && candidate.next != Some(b':'))
}

/// `user:password` directly before the `@` of a URL. Placeholders of templates (`$USER`, `{password}`, `***`) are none.
pub(super) fn url_credentials(candidate: &Candidate<'_>) -> Check {
    let mut parts = candidate.text.splitn(2, |byte| *byte == b':');
    let (Some(_), Some(password)) = (parts.next(), parts.next()) else {
        return Check::Reject;
    };
    let template = password.iter().any(|byte| b"{}$".contains(byte));
    let masked = password.iter().all(|byte| b"*x.".contains(byte));
    accept_if(candidate.next == Some(b'@') && !template && !masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(before: &'a str, text: &'a str, next: Option<u8>) -> Candidate<'a> {
        Candidate {
            text: text.as_bytes(),
            before: before.as_bytes(),
            next,
            context: false,
        }
    }

    #[test]
    fn addresses_of_email_follow_the_rules_of_dots_hyphens_and_lengths() {
        let check = |text: &str| email(&at("", text, None)) == Check::Accept;
        for good in [
            "simple@example.com",
            "very.common+tag@mail.example.co.uk",
            "user@xn--80ak6aa92e.com",
            "a@xn--d1acufc.xn--p1ai",
            "иван@почта.рф",
            "o'hara@example.org",
            "x@e.io",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in [
            ".dot@example.com",
            "dot.@example.com",
            "a..b@example.com",
            "a@example",
            "a@-example.com",
            "a@example-.com",
            "a@example.c",
            "a@10.0.0.1",
            "icon@2x.png2",
            "icon@3x.webp",
            "a@example..com",
            "@example.com",
        ] {
            assert!(!check(bad), "{bad}");
        }
        assert!(!check(&format!("{}@example.com", "a".repeat(65))));
    }

    #[test]
    fn a_quad_in_a_longer_dotted_number_or_behind_a_package_name_is_no_address() {
        let judge = |before: &str, text: &str| ip_address(&at(before, text, None));
        assert_eq!(judge("2.16.840.", "1.101.3.4"), Check::Reject);
        assert_eq!(judge("", "2.5.29.37.0"), Check::Reject);
        for before in ["libssl-", "libm.so.", "django==", "\"^"] {
            assert_eq!(
                judge(before, "1.20.30.4"),
                Check::Score(DOUBTFUL),
                "{before}"
            );
        }
        for release in ["12.2.0.1", "19.3.0.0", "11.1.4.4"] {
            assert_eq!(judge("Oracle ", release), Check::Score(DOUBTFUL));
        }
        for before in ["root@", "10.0.0.1-", "host=", "step 2. "] {
            assert_eq!(judge(before, "10.20.30.4"), Check::Score(CLEAR), "{before}");
        }
    }

    #[test]
    fn punctuation_and_a_path_behind_an_address_are_not_part_of_it() {
        let head = |text: &str, next: u8| match ip_address(&at("", text, Some(next))) {
            Check::Head { len, .. } => len,
            Check::Score(_) => text.len(),
            _ => 0,
        };
        assert_eq!(head("10.0.0.1/99", b' '), 8);
        assert_eq!(head("10.0.0.1/24", b' '), 11);
        assert_eq!(head("2001:db8::8a2e/200", b' '), 14);
        assert_eq!(head("2001:db8::8a2e:", b' '), 14);
        assert_eq!(head("2001:db8::8a2e:", b'7'), 0);
        assert_eq!(head("fe80::8a2e:1%br-lan", b'.'), 19);
    }

    #[test]
    fn dotted_quads_are_addresses_and_versions_are_not() {
        let score = |before: &str, text: &str| match ip_address(&at(before, text, None)) {
            Check::Score(score) => score,
            _ => 0.0,
        };
        for good in [
            "192.168.1.1",
            "8.8.8.8",
            "10.0.0.0/8",
            "255.255.255.255",
            "0.0.0.0/0",
            "1.1.1.1",
        ] {
            assert!(score("", good) > 0.5, "{good}");
        }
        for bad in [
            "256.1.1.1",
            "192.168.1",
            "1.2.3.4.5",
            "01.2.3.4",
            "10.0.0.0/33",
            "10.0.0.0/",
        ] {
            assert!(score("", bad) == 0.0, "{bad}");
        }
        assert!(score("version ", "10.20.30.40") == 0.0);
        assert!(score("Chrome/", "91.0.4472.124") == 0.0);
        assert!(score("http://", "91.0.44.124") > 0.5);
        assert!(score("see ", "3.1.2.4") < 0.5);
    }

    #[test]
    fn six_follows_rfc_4291() {
        let score = |text: &str, next: Option<u8>| match ip_address(&at("", text, next)) {
            Check::Score(score) => score,
            _ => 0.0,
        };
        for good in [
            "2001:DB8:0:0:8:800:200C:417A",
            "FF01::101",
            "::1",
            "0:0:0:0:0:FFFF:129.144.52.38",
            "::FFFF:129.144.52.38",
            "2001:0DB8::CD30:0:0:0:0/60",
            "fe80::1%eth0",
            "2001:db8::/32",
        ] {
            assert!(score(good, None) > 0.5, "{good}");
        }
        for bad in [
            "2001::db8::1",
            "12345:db8::1",
            "1:2:3:4:5:6:7",
            "12:20:39",
            "::ffff:256.0.0.1",
        ] {
            assert!(score(bad, None) == 0.0, "{bad}");
        }
        assert!(score("::ffff:256", Some(b'.')) == 0.0);
        assert!(score("2001:db8::1", Some(b'.')) > 0.5);
        assert!(score("2400:c401::5054:ff:fe1b:b031", Some(b'.')) > 0.5);
        assert!(score("::2", None) < 0.5, "a slice of an array");
    }

    #[test]
    fn mac_addresses_have_one_separator_and_are_no_fingerprints() {
        let check =
            |before: &str, text: &str| mac_address(&at(before, text, None)) == Check::Accept;
        assert!(
            check("", "00:1A:2b:3C:4D:5E")
                && check("", "0012.3456.789a")
                && check("", "01-23-45-67-89-AB")
        );
        assert!(!check("", "10:2F:33-AC-29-C3") && !check("", "00:00:00:00:00:00"));
        assert!(!check("43:51:", "00:1A:2b:3C:4D:5E") && !check("", "00:1A:2b:3C:4D:5E:6F"));
    }

    #[test]
    fn a_named_mac_address_may_stand_without_separators() {
        let check = |text: &str, next| mac_address_joined(&at("MAC: ", text, next));
        assert_eq!(check("001A2B3C4D5E", None), Check::Accept);
        assert_eq!(check("00:1a:2b:3c:4d:5e", Some(b',')), Check::Accept);
        assert_eq!(check("00:1a:2b:3c:4d:5e", Some(b':')), Check::Reject);
        assert_eq!(check("000000000000", None), Check::Reject);
        assert_eq!(check("deadbeefcafe", None), Check::Reject);
    }

    #[test]
    fn credentials_stand_before_an_at_and_are_no_templates() {
        let check = |text: &str, next| url_credentials(&at("://", text, next)) == Check::Accept;
        assert!(check("admin:hunter2", Some(b'@')));
        assert!(!check("example.com:8080", Some(b'/')) && !check("user:${PASS}", Some(b'@')));
    }
}

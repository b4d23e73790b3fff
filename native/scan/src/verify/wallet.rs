//! Addresses of crypto wallets: `Base58Check`, `Bech32(m)`, EIP-55.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::{Candidate, Check};

/// The address carries a checksum of 30 bits or more.
const PROVEN: f32 = 0.95;
/// The shape only; a finding with a context word.
const SHAPE: f32 = 0.3;

/// An address of any of the chains below.
pub(super) fn crypto_address(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    if let Some(hex) = text.strip_prefix(b"0x") {
        return ethereum(hex);
    }
    if bech32(text) || base58_check(text) {
        return Check::Score(PROVEN);
    }
    // Solana, Polkadot and others have no checksum that tells them from any long word of this alphabet: context only.
    let mixed = text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_digit);
    let thirty_two_bytes =
        (43..=44).contains(&text.len()) && text.iter().all(|byte| place(BITCOIN, *byte).is_some());
    if candidate.context && mixed && thirty_two_bytes {
        Check::Score(SHAPE)
    } else {
        Check::Reject
    }
}

/// Alphabets: Bitcoin's, and that of the XRP ledger, which begins with `r`.
const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// Version bytes of 25-byte payloads: Bitcoin 0x00 0x05, Litecoin 0x30 0x32, Dogecoin 0x1E 0x16, Dash 0x4C 0x10, TRON 0x41,
/// Bitcoin test nets 0x6F 0xC4 (chain parameters of the reference clients).
const VERSIONS: &[u8] = &[
    0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41, 0x6F, 0xC4,
];
const PAYLOAD: usize = 25;

fn place(alphabet: &[u8; 58], byte: u8) -> Option<u32> {
    alphabet
        .iter()
        .position(|known| *known == byte)
        .map(|place| place as u32)
}

fn base58_check(text: &[u8]) -> bool {
    let alphabet = if text.starts_with(b"r") {
        RIPPLE
    } else {
        BITCOIN
    };
    let Some(payload) = base58(text, alphabet) else {
        return false;
    };
    let (body, check) = payload.split_at(PAYLOAD - 4);
    VERSIONS.contains(&payload[0]) && Sha256::digest(Sha256::digest(body))[..4] == *check
}

/// Decodes to exactly 25 bytes, with as many leading zero bytes as leading zero digits.
fn base58(text: &[u8], alphabet: &[u8; 58]) -> Option<[u8; PAYLOAD]> {
    if !(26..=35).contains(&text.len()) {
        return None;
    }
    let mut payload = [0_u8; PAYLOAD];
    for byte in text {
        let mut carry = place(alphabet, *byte)?;
        for slot in payload.iter_mut().rev() {
            carry += u32::from(*slot) * 58;
            *slot = (carry & 0xFF) as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    let zeros = text.iter().take_while(|byte| **byte == alphabet[0]).count();
    (payload.iter().take_while(|byte| **byte == 0).count() == zeros).then_some(payload)
}

/// Human-readable parts that belong to chains with Bech32 addresses (SLIP-0173).
const PARTS: &[&[u8]] = &[
    b"bc",
    b"tb",
    b"ltc",
    b"addr",
    b"cosmos",
    b"osmo",
    b"celestia",
    b"inj",
    b"zs",
    b"bnb",
];

/// BIP-173 and BIP-350: constants 1 and 0x2bc830a3.
fn bech32(text: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
    let Some(one) = text.iter().rposition(|byte| *byte == b'1') else {
        return false;
    };
    let (part, values) = (&text[..one], &text[one + 1..]);
    if mixed || values.len() < 6 || !PARTS.iter().any(|known| part.eq_ignore_ascii_case(known)) {
        return false;
    }
    let high = part
        .iter()
        .map(|byte| u32::from(byte.to_ascii_lowercase() >> 5));
    let low = part
        .iter()
        .map(|byte| u32::from(byte.to_ascii_lowercase() & 31));
    let head = high.chain([0]).chain(low).fold(1, step);
    let end = values.iter().try_fold(head, |sum, byte| {
        let value = ALPHABET
            .iter()
            .position(|known| *known == byte.to_ascii_lowercase())?;
        Some(step(sum, value as u32))
    });
    matches!(end, Some(1 | 0x2bc8_30a3))
}

/// One step of the BCH code of BIP-173.
fn step(sum: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let top = sum >> 25;
    let mixed = ((sum & 0x01ff_ffff) << 5) ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| (top >> bit) & 1 == 1)
        .fold(mixed, |sum, (_, term)| sum ^ term)
}

/// Forty hexadecimal digits: in mixed case they carry the checksum of EIP-55, else the shape is all there is.
fn ethereum(hex: &[u8]) -> Check {
    if hex.len() != 40 || !hex.iter().all(u8::is_ascii_hexdigit) {
        return Check::Reject;
    }
    if hex.windows(2).all(|two| two[0] == two[1]) {
        return Check::Reject;
    }
    let lower = hex.iter().any(u8::is_ascii_lowercase);
    let upper = hex.iter().any(u8::is_ascii_uppercase);
    if !(lower && upper) {
        return Check::Accept;
    }
    let mut folded = [0_u8; 40];
    for (slot, byte) in folded.iter_mut().zip(hex) {
        *slot = byte.to_ascii_lowercase();
    }
    let hash = Keccak256::digest(folded);
    let agrees = hex
        .iter()
        .zip(hash.iter().flat_map(|byte| [byte >> 4, byte & 15]))
        .all(|(byte, nibble)| {
            !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble >= 8)
        });
    if agrees {
        Check::Score(PROVEN)
    } else {
        Check::Reject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Check {
        crypto_address(&Candidate {
            text: text.as_bytes(),
            before: b"",
            next: None,
            context: false,
        })
    }

    /// Bitcoin wiki, BIP-173, BIP-350, EIP-55, TRON and XRP documentation, Litecoin wiki.
    #[test]
    fn published_addresses_prove_themselves() {
        for address in [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        ] {
            assert_eq!(check(address), Check::Score(PROVEN), "{address}");
        }
    }

    #[test]
    fn one_wrong_character_is_no_address() {
        for address in [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
            "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ2",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed",
            "0x0000000000000000000000000000000000000000",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi",
        ] {
            assert_eq!(check(address), Check::Reject, "{address}");
        }
    }

    #[test]
    fn an_address_without_a_checksum_has_the_score_of_its_rule() {
        assert_eq!(
            check("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
            Check::Accept
        );
    }
}

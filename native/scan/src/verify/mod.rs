//! Verifiers: what a pattern cannot say (check digits, ranges, number plans).
//!
//! Each is a pure function of one candidate, found by the name that a rule writes. None of them knows rules, plans or lanes.

mod americas;
mod asia;
mod cards;
mod date;
mod digits;
mod europe;
mod iban;
mod named;
mod net;
mod password;
mod phone;
mod phone_metadata;
#[cfg(test)]
mod published;
mod russia;
mod secret;
mod south;
mod wallet;

/// A match that its pattern and boundaries allow, before any test.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The match on the normalised lane.
    pub text: &'a [u8],
    /// Up to 64 bytes of the normalised lane directly before the match.
    pub before: &'a [u8],
    /// The byte of the normalised lane directly after the match; `None` at the end of the block.
    pub next: Option<u8>,
    /// Whether a context word of the rule stands before the match.
    pub context: bool,
}

/// What a verifier says of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// Not a match.
    Reject,
    /// A match, with the rule's score.
    Accept,
    /// A match with this score in [0, 1] in place of the rule's (the context's boost is still added).
    Score(f32),
    /// Only the first `len` bytes of the candidate (1 to all of them) are the match, with this score in [0, 1] in place of the
    /// rule's; the rest was right context and may belong to another finding. Only for a rule's single verifier.
    Head {
        /// Bytes of [`Candidate::text`].
        len: usize,
        /// Confidence in [0, 1].
        score: f32,
    },
}

/// A verifier. Must not allocate, must be linear in the candidate's length.
pub type Verifier = fn(&Candidate<'_>) -> Check;

/// Whether a verifier lets a text pass that stands between these two, away from any context word.
#[cfg(test)]
fn passes(verifier: Verifier, before: &str, text: &str, next: Option<u8>) -> bool {
    verifier(&Candidate {
        text: text.as_bytes(),
        before: before.as_bytes(),
        next,
        context: false,
    }) != Check::Reject
}

/// Finds a verifier by the name that rules use; `None` for an unknown name.
pub fn find(name: &str) -> Option<Verifier> {
    TABLE
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, verifier)| *verifier)
}

/// Names of all verifiers, for error messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// What a verifier rejects whatever comes, because of what stands before the candidate. It is no second rule: a verifier rejects
/// the same candidates without it. But attempts that only lead to such candidates need not be begun, which counts in long runs of
/// digits, where one could start at every group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// Bit of [`crate::boundary::left`].
    pub(crate) after: u32,
    pub(crate) what: Refused,
}

/// Which candidates a verifier rejects behind some text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    All,
    /// All that do not begin with one of these bytes.
    Unless(&'static [u8]),
    /// Those that contain this byte.
    With(u8),
}

/// What the verifier of this name refuses.
pub(crate) fn refusals(name: &str) -> &'static [Refusal] {
    match name {
        "phone" => phone::REFUSALS,
        "payment-card" => cards::REFUSALS,
        "ip-address" => net::IP_REFUSALS,
        "mac-address" => net::MAC_REFUSALS,
        _ => &[],
    }
}

/// For verifiers that only decide.
fn accept_if(right: bool) -> Check {
    if right { Check::Accept } else { Check::Reject }
}

static TABLE: &[(&str, Verifier)] = &[
    ("ar-cuit", americas::ar_cuit),
    ("au-abn", south::au_abn),
    ("au-medicare", south::au_medicare),
    ("au-tfn", south::au_tfn),
    ("base64-pair", secret::base64_pair),
    ("base64-uuid-pair", secret::base64_uuid_pair),
    ("be-nrn", europe::be_nrn),
    ("before-at", secret::before_at),
    ("bg-egn", europe::bg_egn),
    ("br-cnpj", americas::br_cnpj),
    ("br-cpf", americas::br_cpf),
    ("ca-sin", americas::ca_sin),
    ("ch-ahv", europe::ch_ahv),
    ("cl-rut", americas::cl_rut),
    ("closing-quote", secret::closing_quote),
    ("cn-resident-id", asia::cn_resident_id),
    ("crypto-address", wallet::crypto_address),
    ("cz-birth-number", europe::cz_birth_number),
    ("date-of-birth", date::date_of_birth),
    ("de-pension", europe::de_pension),
    ("de-tax-id", europe::de_tax_id),
    ("dk-cpr", europe::dk_cpr),
    ("eg-national-id", europe::eg_national_id),
    ("email", net::email),
    ("es-nif", europe::es_nif),
    ("fi-hetu", europe::fi_hetu),
    ("fr-nir", europe::fr_nir),
    ("hk-hkid", asia::hk_hkid),
    ("hr-oib", europe::hr_oib),
    ("iban", iban::iban),
    ("id-nik", asia::id_nik),
    ("il-id", europe::il_id),
    ("in-aadhaar", asia::in_aadhaar),
    ("in-gstin", asia::in_gstin),
    ("in-pan", asia::in_pan),
    ("ip-address", net::ip_address),
    ("it-fiscal-code", europe::it_fiscal_code),
    ("jp-my-number", asia::jp_my_number),
    ("jwt", secret::jwt),
    ("kr-rrn", asia::kr_rrn),
    ("kz-iin", europe::kz_iin),
    ("luhn", cards::luhn_only),
    ("mac-address", net::mac_address),
    ("mac-address-joined", net::mac_address_joined),
    ("mx-curp", americas::mx_curp),
    ("named-key", named::named_key),
    ("ng-nin", south::ng_nin),
    ("nl-bsn", europe::nl_bsn),
    ("no-fnr", europe::no_fnr),
    ("not-code", password::not_code),
    ("password-bare", password::password_bare),
    ("password-literal", password::password_literal),
    ("password-strong", password::password_strong),
    ("payment-card", cards::payment_card),
    ("phone", phone::phone),
    ("pk-cnic", asia::pk_cnic),
    ("pl-pesel", europe::pl_pesel),
    ("pt-nif", europe::pt_nif),
    ("ro-cnp", europe::ro_cnp),
    ("ru-bank-account", russia::bank_account),
    ("ru-bic", russia::bic),
    ("ru-inn", russia::inn),
    ("ru-ogrn", russia::ogrn),
    ("ru-ogrnip", russia::ogrnip),
    ("ru-oms", russia::oms),
    ("ru-passport", russia::passport),
    ("ru-phone", phone::ru_phone),
    ("ru-snils", russia::snils),
    ("se-personnummer", europe::se_personnummer),
    ("secret-classes", secret::classes),
    ("secret-digit", secret::digit),
    ("secret-mixed", secret::mixed),
    ("secret-start", secret::run_start),
    ("secret-strong", secret::strong),
    ("sg-nric", asia::sg_nric),
    ("th-tnin", asia::th_tnin),
    ("tr-tckn", europe::tr_tckn),
    ("tw-national-id", asia::tw_national_id),
    ("ua-rnokpp", europe::ua_rnokpp),
    ("uk-nhs", europe::uk_nhs),
    ("uk-nino", europe::uk_nino),
    ("url-credentials", net::url_credentials),
    ("us-aba", americas::us_aba),
    ("us-dea", americas::us_dea),
    ("us-itin", americas::us_itin),
    ("us-npi", americas::us_npi),
    ("us-ssn", americas::us_ssn),
    ("za-id", south::za_id),
];

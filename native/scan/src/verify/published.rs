//! Published examples of national identifiers, and neighbours of them that are none.
//!
//! Most are examples of issuers, Wikipedia and python-stdnum, written down from memory, or test rows of Presidio (MIT); none was made
//! with this code. That a remembered number passes a check digit speaks for both. It does not for `dk-cpr`, `eg-national-id` (made up),
//! `id-nik`, `ng-nin` and `pk-cnic`, which have no check digit, and `kz-iin` has no example at all.

use super::{Candidate, Check, find};

/// Name of the verifier, examples that it must not reject, examples that it must reject.
const EXAMPLES: &[(&str, &[&str], &[&str])] = &[
    (
        "ar-cuit",
        &["20-05536168-2"],
        &["20-05536168-3", "10-05536168-2"],
    ),
    (
        "au-abn",
        &["83 914 571 673", "51824753556"],
        &["52 824 753 556", "00000000560"],
    ),
    (
        "au-medicare",
        &["2123 45670 1"],
        &["212345680221", "1123 45670 1"],
    ),
    (
        "au-tfn",
        &["876 543 210", "123 456 782"],
        &["824 753 557", "876 543 211"],
    ),
    (
        "be-nrn",
        &["85.07.30-033.28", "85073003328"],
        &["85.07.30-033.29", "85.13.30-033.28"],
    ),
    ("bg-egn", &["7523169263", "6101057509"], &["7523169264"]),
    (
        "br-cnpj",
        &["16.727.230/0001-97", "12.ABC.345/01DE-35"],
        &["16.727.230/0001-98", "12.ABC.345/01DE-36"],
    ),
    (
        "br-cpf",
        &["390.533.447-05", "39053344705"],
        &["231.002.999-00", "111.111.111-11"],
    ),
    (
        "ca-sin",
        &["130-692-544", "948 584 792"],
        &["130692545", "046 454 286", "046-454 286", "111 111 111"],
    ),
    (
        "ch-ahv",
        &["756.9217.0769.85", "7569217076985"],
        &["756.9217.0769.84", "757.9217.0769.85"],
    ),
    (
        "cl-rut",
        &["12.531.909-2", "76086428-5"],
        &["12.531.909-3", "12531909-3"],
    ),
    (
        "cn-resident-id",
        &["11010519491231002X", "440524188001010014"],
        &["110105194912310021", "11010519491331002X"],
    ),
    (
        "cz-birth-number",
        &["710319/2745", "710319/2790"],
        &["710319/2746", "711519/2745", "000319/2740"],
    ),
    (
        "de-pension",
        &["15070649C103"],
        &["15071349C103", "15070649C104"],
    ),
    (
        "de-tax-id",
        &["86095742719", "36574261809", "65 929 970 489"],
        &[
            "86095742710",
            "02345678901",
            "11111111111",
            "98765432106",
            "11145678908",
        ],
    ),
    ("dk-cpr", &["211062-5629"], &["511062-5629", "211362-5629"]),
    (
        "eg-national-id",
        &["29001011234567"],
        &["19001011234567", "29013011234567"],
    ),
    (
        "es-nif",
        &[
            "54362315K",
            "12345678z",
            "55555555-K",
            "1111111G",
            "X2482300W",
            "Y8063915-Z",
        ],
        &["12345678a", "X2482300A"],
    ),
    (
        "fi-hetu",
        &["131052-308T", "010594Y9032", "020516C902J"],
        &["020516C902K", "131052-308U", "310252-308T"],
    ),
    (
        "fr-nir",
        &[
            "2 95 10 99 126 111 93",
            "253072B07300470",
            "253072A07300443",
        ],
        &["295109912611199", "253072B07300443"],
    ),
    ("hk-hkid", &["A123456(3)", "G123456(A)"], &["A123456(4)"]),
    ("hr-oib", &["33392005961"], &["33392005962"]),
    (
        "id-nik",
        &["3171011708450001"],
        &["0071011708450001", "3171013213450001"],
    ),
    ("il-id", &["039337423"], &["039337422"]),
    (
        "in-aadhaar",
        &["234123412346", "3123-4567-8909"],
        &["234123412347", "1234 5678 9012"],
    ),
    (
        "in-gstin",
        &["27AAPFU0939F1ZV", "27ABCDE1234F1Z5"],
        &["00AAPFU0939F1ZV"],
    ),
    ("in-pan", &["ACUPA7085R"], &["ACUXA7085R", "ACUKA7085R"]),
    (
        "it-fiscal-code",
        &["RCCMNL83S18D969H"],
        &["RCCMNL83S18D969"],
    ),
    ("jp-my-number", &["1234 5678 9018"], &["1234 5678 9017"]),
    (
        "kr-rrn",
        &["9111245678906", "960121-1234567"],
        &["960303-0021413", "961321-1234567"],
    ),
    ("mx-curp", &["BOXW310820HNERXN09"], &["BOXW311320HNERXN09"]),
    ("ng-nin", &["12345678901"], &["1234567890", "11111111111"]),
    ("nl-bsn", &["111222333"], &["111252333"]),
    ("no-fnr", &["15108695088"], &["15108695077", "15138695088"]),
    ("pk-cnic", &["34201-0891231-8"], &["94201-0891231-8"]),
    (
        "pl-pesel",
        &["44051401359", "02070803628"],
        &["44051401358", "11110021111"],
    ),
    ("pt-nif", &["501964843"], &["501964842", "401964843"]),
    (
        "ro-cnp",
        &["1630615123457"],
        &["1630615123458", "0800101221142"],
    ),
    (
        "se-personnummer",
        &["880320-0016", "811228-9874", "200109022392"],
        &["880320-0018", "19001309-2393"],
    ),
    (
        "sg-nric",
        &["S1234567D", "F1234567N", "S2740116C"],
        &["S123456D"],
    ),
    (
        "th-tnin",
        &["1-2345-45678-78-1", "5678901234560"],
        &["2345678901235", "0234567890124"],
    ),
    (
        "tr-tckn",
        &["10000000146", "17291716060"],
        &["17291716050", "00000000000", "62286775983"],
    ),
    (
        "tw-national-id",
        &["A123456789"],
        &["A123456788", "A323456789"],
    ),
    ("ua-rnokpp", &["1759013776"], &["1759013770"]),
    (
        "uk-nhs",
        &["943 476 5919", "401-023-2137", "0032698674"],
        &["943 476 5918", "401-023-2138"],
    ),
    (
        "uk-nino",
        &["AB 12 34 56 C", "PR 123612C", "ab123456c"],
        &["QQ 12 34 56 C", "BG123456A", "UV 98 76 54 B"],
    ),
    (
        "us-aba",
        &["111000025", "0711-0130-7"],
        &["421042111", "111000026"],
    ),
    ("us-dea", &["BB1388568", "GL0285191"], &["BG8207031"]),
    (
        "us-itin",
        &["912-90-3456", "911701234"],
        &["123-45-6789", "911-89-1234"],
    ),
    (
        "us-npi",
        &["1234567893", "1245319599"],
        &["1234567894", "3234567893"],
    ),
    (
        "us-ssn",
        &["536-90-4399", "078-05-1123"],
        &[
            "000-12-3456",
            "666-12-3456",
            "912-34-5678",
            "078-05-0000",
            "693-09.4444",
        ],
    ),
    (
        "za-id",
        &["7503305044089", "8001015009087"],
        &["8001015009086", "9913326789285"],
    ),
];

#[test]
fn published_identifiers_pass_and_their_neighbours_are_rejected() {
    for (name, good, bad) in EXAMPLES {
        let verifier = find(name).expect(name);
        let check = |text: &str| {
            verifier(&Candidate {
                text: text.as_bytes(),
                before: b"",
                next: None,
                context: false,
            })
        };
        let rejected = |text: &&&str| check(text) == Check::Reject;
        let missed: Vec<_> = good.iter().filter(rejected).collect();
        let passed: Vec<_> = bad.iter().filter(|text| !rejected(text)).collect();
        assert!(
            missed.is_empty() && passed.is_empty(),
            "{name} missed {missed:?}, passed {passed:?}"
        );
    }
}

#[test]
fn wrong_check_characters_of_telling_shapes_score_below_right_ones() {
    for (name, text) in [
        ("it-fiscal-code", "RCCMNL83S18D967H"),
        ("mx-curp", "BOXW310820HNERXN08"),
        ("in-gstin", "27AAPFU0939F1Z0"),
    ] {
        let verifier = find(name).expect(name);
        let check = verifier(&Candidate {
            text: text.as_bytes(),
            before: b"",
            next: None,
            context: false,
        });
        assert!(matches!(check, Check::Score(_)), "{name} {text}");
    }
}

#[test]
fn no_verifier_panics_on_any_short_text() {
    let texts = [
        "",
        "0",
        "-",
        "@",
        ":",
        "::",
        "0x",
        "(",
        "+",
        "00",
        "é",
        "1",
        "A",
        "a1",
        "9999999999999999999999999999999999999999999",
    ];
    for name in super::names() {
        let verifier = find(name).expect(name);
        for text in texts {
            for before in texts {
                verifier(&Candidate {
                    text: text.as_bytes(),
                    before: before.as_bytes(),
                    next: Some(b'@'),
                    context: true,
                });
            }
        }
    }
}

//! The phrases and topic words: threats, self-harm, graphic violence.

/// One position of a phrase: any of these words.
pub(super) type Slot = &'static [&'static str];

/// A phrase and how sure it makes, 0 to 1.
pub(super) struct Phrase {
    pub slots: &'static [Slot],
    pub score: f32,
}

const KILL: Slot = &[
    "kill",
    "murder",
    "shoot",
    "stab",
    "strangle",
    "behead",
    "burn",
    "rape",
    "hang",
    "butcher",
    "lynch",
    "beat",
    "slaughter",
];
const SHALL: Slot = &[
    "will", "i'll", "we'll", "gonna", "gon", "shall", "wanna", "ll",
];
const YOU: Slot = &[
    "you", "u", "your", "ur", "ya", "him", "her", "them", "y'all",
];
const SELF: Slot = &["myself", "yourself", "urself", "yourselves"];
const PEOPLE: Slot = &["you", "u", "ur", "they", "them", "all", "he", "she"];

const THREATS: &[Phrase] = &[
    Phrase {
        slots: &[SHALL, KILL, YOU],
        score: 0.9,
    },
    Phrase {
        slots: &[
            SHALL,
            &["fucking", "fuckin", "personally", "find", "come"],
            &["kill", "murder", "and", "you"],
        ],
        score: 0.8,
    },
    Phrase {
        slots: &[&["going"], &["to"], KILL, YOU],
        score: 0.9,
    },
    Phrase {
        slots: &[&["want", "wanna", "love"], &["to"], KILL, YOU],
        score: 0.7,
    },
    Phrase {
        slots: &[
            PEOPLE,
            &["should", "must", "deserve", "need", "deserves"],
            &["to", "be", "all", "die"],
            &[
                "die", "killed", "shot", "hanged", "hung", "die", "be", "beaten",
            ],
        ],
        score: 0.85,
    },
    Phrase {
        slots: &[PEOPLE, &["should", "must"], &["die", "hang", "burn"]],
        score: 0.8,
    },
    Phrase {
        slots: &[
            &["you", "you're", "u", "ur"],
            &["are", "a", "re"],
            &["dead"],
        ],
        score: 0.6,
    },
    Phrase {
        slots: &[&["hope"], PEOPLE, &["die", "dies", "rot", "suffer", "burn"]],
        score: 0.8,
    },
    Phrase {
        slots: &[&["watch"], &["your", "ur"], &["back"]],
        score: 0.6,
    },
    Phrase {
        slots: &[&["i"], &["know"], &["where"], &["you", "u"], &["live"]],
        score: 0.8,
    },
];

const SELF_HARM: &[Phrase] = &[
    Phrase {
        slots: &[
            &[
                "kill", "hang", "cut", "hurt", "harm", "starve", "cutting", "hurting", "killing",
                "end",
            ],
            SELF,
        ],
        score: 0.85,
    },
    Phrase {
        slots: &[
            &["end", "ending", "take", "taking"],
            &["my", "your", "ur"],
            &["own", "life"],
        ],
        score: 0.8,
    },
    Phrase {
        slots: &[
            &["want", "wanna", "wish", "ready"],
            &["to", "i"],
            &["die", "be"],
            &["", "dead"],
        ],
        score: 0.7,
    },
    Phrase {
        slots: &[&["wanna", "gonna"], &["die"]],
        score: 0.7,
    },
    Phrase {
        slots: &[&["want"], &["to"], &["die"]],
        score: 0.75,
    },
    Phrase {
        slots: &[
            &["commit", "committing", "committed", "attempt"],
            &["suicide"],
        ],
        score: 0.6,
    },
    Phrase {
        slots: &[&["kys"]],
        score: 0.9,
    },
    Phrase {
        slots: &[
            &["slit", "slitting"],
            &["my", "your", "ur"],
            &["wrists", "wrist", "throat"],
        ],
        score: 0.9,
    },
    Phrase {
        slots: &[&["suicidal"], &["thoughts", "ideation", "plan"]],
        score: 0.6,
    },
];

const VIOLENCE: &[Phrase] = &[
    Phrase {
        slots: &[&[
            "disembowel",
            "disemboweled",
            "disembowelled",
            "decapitate",
            "decapitated",
            "dismember",
            "dismembered",
            "beheaded",
            "eviscerated",
            "mutilated",
        ]],
        score: 0.75,
    },
    Phrase {
        slots: &[
            &["blood", "brains", "guts", "intestines", "entrails"],
            &[
                "spilled",
                "splattered",
                "sprayed",
                "gushed",
                "gushing",
                "everywhere",
                "poured",
                "spurted",
            ],
        ],
        score: 0.8,
    },
    Phrase {
        slots: &[
            &["slit", "slashed", "cut", "ripped"],
            &["his", "her", "their", "my", "the"],
            &["throat", "throats", "stomach", "eyes", "head", "intestines"],
        ],
        score: 0.8,
    },
    Phrase {
        slots: &[&["pool", "pools"], &["of"], &["blood"]],
        score: 0.7,
    },
    Phrase {
        slots: &[
            &["severed"],
            &["head", "heads", "limbs", "limb", "hand", "arm", "leg"],
        ],
        score: 0.8,
    },
    Phrase {
        slots: &[
            &["tortured", "stabbed", "shot", "beaten"],
            &["to"],
            &["death"],
        ],
        score: 0.65,
    },
];

/// Words that are about something, with how sure one of them makes: several in one sentence add up (noisy or).
pub(super) struct Topic {
    pub words: &'static [(&'static str, f32)],
}

const ABOUT_SELF_HARM: Topic = Topic {
    words: &[
        ("suicide", 0.3),
        ("suicidal", 0.4),
        ("selfharm", 0.5),
        ("self-harm", 0.5),
        ("overdose", 0.3),
        ("overdosing", 0.35),
        ("anorexia", 0.3),
        ("anorexic", 0.3),
        ("bulimia", 0.3),
        ("bulimic", 0.3),
        ("thinspo", 0.6),
        ("proana", 0.6),
        ("starve", 0.2),
        ("starving", 0.15),
        ("purge", 0.2),
        ("purging", 0.25),
        ("razor", 0.2),
        ("razors", 0.25),
        ("blade", 0.15),
        ("noose", 0.4),
        ("wrist", 0.2),
        ("wrists", 0.3),
        ("cutting", 0.15),
        ("cut", 0.1),
        ("cuts", 0.1),
        ("scars", 0.15),
        ("bleed", 0.15),
        ("bleeding", 0.1),
        ("die", 0.2),
        ("dying", 0.15),
        ("dead", 0.1),
        ("death", 0.1),
        ("kill", 0.15),
        ("hang", 0.15),
        ("hanging", 0.15),
        ("jump", 0.05),
        ("pills", 0.2),
        ("bridge", 0.1),
        ("worthless", 0.2),
        ("hopeless", 0.25),
        ("unbearable", 0.2),
        ("pain", 0.1),
        ("numb", 0.15),
        ("burden", 0.15),
        ("goodbye", 0.1),
        ("alone", 0.05),
        ("myself", 0.2),
        ("living", 0.05),
        ("alive", 0.1),
        ("exist", 0.1),
        ("existing", 0.15),
        ("depressed", 0.2),
        ("depression", 0.1),
    ],
};

const ABOUT_VIOLENCE: Topic = Topic {
    words: &[
        ("blood", 0.25),
        ("bloody", 0.25),
        ("bleeding", 0.2),
        ("bled", 0.25),
        ("gore", 0.35),
        ("gory", 0.35),
        ("corpse", 0.3),
        ("corpses", 0.35),
        ("bodies", 0.1),
        ("flesh", 0.2),
        ("skull", 0.25),
        ("skulls", 0.25),
        ("bones", 0.1),
        ("brains", 0.2),
        ("guts", 0.25),
        ("intestines", 0.35),
        ("stab", 0.35),
        ("stabbed", 0.4),
        ("stabbing", 0.35),
        ("slashed", 0.35),
        ("slit", 0.3),
        ("sliced", 0.2),
        ("chopped", 0.15),
        ("ripped", 0.15),
        ("torn", 0.1),
        ("beheaded", 0.45),
        ("behead", 0.45),
        ("decapitated", 0.5),
        ("dismembered", 0.5),
        ("mutilated", 0.5),
        ("tortured", 0.4),
        ("torture", 0.3),
        ("torturing", 0.4),
        ("murdered", 0.3),
        ("murder", 0.2),
        ("slaughter", 0.3),
        ("slaughtered", 0.4),
        ("massacre", 0.3),
        ("massacred", 0.4),
        ("executed", 0.15),
        ("strangled", 0.4),
        ("choked", 0.2),
        ("shot", 0.15),
        ("shoot", 0.15),
        ("shooting", 0.15),
        ("gun", 0.15),
        ("rifle", 0.15),
        ("bullet", 0.25),
        ("bullets", 0.25),
        ("knife", 0.2),
        ("machete", 0.35),
        ("axe", 0.15),
        ("bomb", 0.15),
        ("exploded", 0.15),
        ("killed", 0.2),
        ("kill", 0.15),
        ("killing", 0.2),
        ("dead", 0.1),
        ("died", 0.05),
        ("screamed", 0.15),
        ("screaming", 0.15),
        ("screams", 0.15),
        ("beaten", 0.2),
        ("beat", 0.1),
        ("punched", 0.2),
        ("smashed", 0.15),
        ("crushed", 0.15),
        ("burned", 0.1),
        ("wound", 0.15),
        ("wounds", 0.15),
        ("agony", 0.25),
        ("victim", 0.1),
        ("victims", 0.1),
        ("throat", 0.2),
        ("severed", 0.3),
        ("raped", 0.4),
        ("rape", 0.25),
    ],
};

/// What harms, for a threat without an object: several of them with a word of intent.
const ABOUT_THREAT: Topic = Topic {
    words: &[
        ("kill", 0.3),
        ("killed", 0.25),
        ("murder", 0.3),
        ("shoot", 0.25),
        ("shot", 0.2),
        ("stab", 0.3),
        ("hang", 0.25),
        ("hanged", 0.3),
        ("burn", 0.25),
        ("bomb", 0.3),
        ("destroy", 0.25),
        ("exterminate", 0.5),
        ("exterminated", 0.5),
        ("eradicate", 0.35),
        ("eradicated", 0.35),
        ("execute", 0.3),
        ("executed", 0.3),
        ("die", 0.25),
        ("dead", 0.2),
        ("beat", 0.2),
        ("lynch", 0.5),
        ("lynched", 0.5),
        ("gas", 0.15),
        ("gassed", 0.5),
        ("slaughter", 0.35),
        ("slaughtered", 0.35),
        ("wiped", 0.2),
        ("deserve", 0.25),
        ("deserves", 0.25),
        ("should", 0.1),
        ("must", 0.1),
        ("gonna", 0.15),
        ("i'll", 0.1),
        ("we'll", 0.1),
        ("regret", 0.15),
        ("pay", 0.05),
        ("revenge", 0.25),
        ("punish", 0.2),
        ("rape", 0.4),
        ("rid", 0.1),
        ("all", 0.05),
        ("every", 0.05),
    ],
};

/// Phrases and words of threat, self-harm and violence.
pub(super) const LISTS: [(&[Phrase], &Topic); 3] = [
    (THREATS, &ABOUT_THREAT),
    (SELF_HARM, &ABOUT_SELF_HARM),
    (VIOLENCE, &ABOUT_VIOLENCE),
];

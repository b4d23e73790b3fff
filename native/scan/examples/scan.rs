//! Prints the findings of a text: `scan RULES.json [minScore] < text`.
//!
//! RULES.json holds `{"rules": [...], "literals": [...]}` in the format of `midstream_scan::spec`.

use std::io::{self, Read};

use midstream_scan::spec::AnalyserSpec;
use midstream_scan::{Event, Plan, Scanner, TextKind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: scan RULES.json [minScore] < text")?;
    let mut value: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    let fields = value
        .as_object_mut()
        .ok_or("the rules must be a JSON object")?;
    fields.retain(|key, _| key == "rules" || key == "literals");
    fields.insert("id".into(), path.into());
    let mut spec: AnalyserSpec = serde_json::from_value(value)?;
    if let Some(score) = arguments.next() {
        spec.min_score = score.parse()?;
    }
    let plan = Plan::compile(&[spec])?;
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    let mut scanner = Scanner::new(&plan, TextKind::Plain);
    let mut events = Vec::new();
    scanner.push(&plan, &text, &mut events);
    scanner.finish(&plan, &mut events);
    for event in events {
        if let Event::Found(finding) | Event::Closed(finding) = event {
            let matched = &text[finding.start as usize..finding.end as usize];
            println!(
                "{}\t{}..{}\t{:.2}\t{}",
                plan.rules()[finding.rule as usize].id,
                finding.start,
                finding.end,
                finding.score,
                String::from_utf8_lossy(matched)
            );
        }
    }
    Ok(())
}

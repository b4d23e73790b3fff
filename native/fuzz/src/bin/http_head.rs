//! The head of a response: a head that is complete is the same however much follows it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use midstream_wire::parse_head;

fuzz_target!(|data: &[u8]| {
    let Ok(Some(head)) = parse_head(data) else {
        return;
    };
    let alone = parse_head(&data[..head.length]);
    assert_eq!(
        format!("{alone:?}"),
        format!("{:?}", Ok::<_, ()>(Some(&head)))
    );
    assert!(head.length <= data.len());
});

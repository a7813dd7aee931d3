//! Where answers go: pipes that close, disks that are full.

use crate::program::{answer, pslens, stderr};

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    for args in [&["ps"][..], &["ps", "--json"], &["free"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = pslens(args).stdout(writer).output().unwrap();
        assert_eq!(stderr(&output), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = pslens(["free"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).starts_with("pslens: cannot write the answer: "));
}

#[test]
fn the_header_can_be_left_out() {
    let with = answer(["free", "--bytes"]);
    let without = answer(["free", "--bytes", "--no-header"]);
    assert_eq!(with.lines().count(), without.lines().count() + 1);
    assert!(without.starts_with("Mem:"));
}

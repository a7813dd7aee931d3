//! `tty` beside tty(1), on a terminal that script(1) makes.

use super::{Comparison, original};

#[test]
fn tty_agrees() {
    const TEST: &str = "originals::tty::tty_agrees";
    let pslens = env!("CARGO_BIN_EXE_pslens");
    let both = format!("tty; {pslens} tty; {pslens} tty $$; {pslens} tty -s && echo silent");
    let Some(told) = original(TEST, "script", &["-qec", &both, "/dev/null"]) else {
        return;
    };
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    let [theirs, ref ours @ .., "silent"] = lines[..] else {
        panic!("{told}");
    };
    let mut comparison = Comparison::of("tty");
    comparison.equal("rows", ours.len(), 2);
    for name in ours {
        comparison.equal("terminal", *name, theirs);
    }
    assert!(theirs.starts_with("/dev/"), "{told}");
    comparison.finish();
}

//! `free` beside free(1).

use super::{Comparison, number, original};
use crate::program::objects;

#[test]
fn free_agrees() {
    const TEST: &str = "originals::free::free_agrees";
    let Some(theirs) = original(TEST, "free", &["-b"]) else {
        return;
    };
    let ours = objects(["free", "--json"]);
    let row = |name: &str| -> Vec<f64> {
        let line = theirs.lines().find(|line| line.starts_with(name)).unwrap();
        let words = line.split_whitespace().skip(1);
        words.map(|word| word.parse().unwrap()).collect()
    };
    let (mem, swap) = (row("Mem:"), row("Swap:"));
    assert_eq!(ours[0]["name"], "virtual");
    assert_eq!(ours[1]["name"], "swap");
    let total = number(&ours[0]["total"]);
    let mut comparison = Comparison::of("free");
    comparison.close("total", total, mem[0], 0.0);
    comparison.close("swap", number(&ours[1]["total"]), swap[0], 0.0);
    for (key, theirs) in [("free", mem[2]), ("shared", mem[3]), ("available", mem[5])] {
        comparison.close(key, number(&ours[0][key]), theirs, total / 20.0);
    }
    let cache = number(&ours[0]["buffers"]) + number(&ours[0]["cached"]);
    comparison.close("buff/cache", cache, mem[4], total / 20.0);
    comparison.finish();
}

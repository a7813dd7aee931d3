//! `free` beside free(1).

use super::{Comparison, number, original};
use crate::program::{answer, objects};

/// The numbers of a line, which begins with `name`.
fn line(table: &str, name: &str) -> Vec<f64> {
    let line = table.lines().find(|line| line.starts_with(name)).unwrap();
    let words = line.split_whitespace().skip(1);
    words.filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn free_agrees() {
    const TEST: &str = "originals::free::free_agrees";
    let Some(theirs) = original(TEST, "free", &["-b"]) else {
        return;
    };
    let ours = objects(["free", "--json"]);
    let (mem, swap) = (line(&theirs, "Mem:"), line(&theirs, "Swap:"));
    assert_eq!(ours[0]["name"], "virtual");
    assert_eq!(ours[1]["name"], "swap");
    let total = number(&ours[0]["total"]);
    let mut comparison = Comparison::of("free");
    comparison.close("total", total, mem[0], 0.0);
    comparison.close("swap", number(&ours[1]["total"]), swap[0], 0.0);
    for (key, theirs) in [("free", mem[2]), ("shared", mem[3]), ("available", mem[5])] {
        comparison.close(key, number(&ours[0][key]), theirs, total / 20.0);
    }
    // Before procps 4.0.2 this was another number.
    if mem[1] == mem[0] - mem[5] {
        comparison.close("used", number(&ours[0]["used"]), mem[1], total / 20.0);
    }
    let cache = number(&ours[0]["buffers"]) + number(&ours[0]["cached"]);
    comparison.close("buff/cache", cache, mem[4], total / 20.0);
    comparison.finish();
}

/// The same options, the same lines: sizes that do not move are equal to the last digit, the others within
/// a twentieth of the memory. Versions of free(1) differ in what is USED.
#[test]
fn free_agrees_in_every_unit() {
    const TEST: &str = "originals::free::free_agrees_in_every_unit";
    let mut comparison = Comparison::of("free");
    for options in [
        "-b", "-k", "-m", "-g", "--tebi", "--kilo", "--mega", "--giga", "-m --si", "-w -k",
        "-t -k", "-wtm",
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        let Some(theirs) = original(TEST, "free", &options) else {
            return;
        };
        let ours = answer([&["free"], &*options].concat());
        comparison.equal(&options, ours.lines().count(), theirs.lines().count());
        for name in theirs
            .lines()
            .skip(1)
            .filter_map(|line| line.split(' ').next())
        {
            let (ours, theirs) = (line(&ours, name), line(&theirs, name));
            comparison.equal((&options, name), ours.len(), theirs.len());
            let total = theirs[0];
            for (at, (&ours, &theirs)) in ours.iter().zip(&theirs).enumerate() {
                let what = (&options, name, at);
                match at {
                    0 => comparison.close(what, ours, theirs, 0.0),
                    1 => {}
                    // Rounding down a size that moves makes one more or less of a unit.
                    _ => comparison.close(what, ours, theirs, total / 20.0 + 1.0),
                }
            }
        }
    }
    comparison.finish();
}

//! `taskset` beside taskset(1).

use super::{Comparison, original};
use crate::program::answer;
use crate::settings::Sleeper;

#[test]
fn taskset_agrees() {
    const TEST: &str = "originals::taskset::taskset_agrees";
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let Some(first) = original(TEST, "taskset", &["-pc", &pid]) else {
        return;
    };
    let all = first.trim().rsplit(' ').next().unwrap().to_owned();
    let lowest = all.split([',', '-']).next().unwrap().to_owned();
    let mask = format!("{:x}", 1_u64 << lowest.parse::<u32>().unwrap());
    let mut comparison = Comparison::of("taskset");
    let mut same = |line: &[&str]| {
        let theirs = original(TEST, "taskset", line).unwrap();
        comparison.equal(line, answer(["taskset"].iter().chain(line)), theirs);
    };
    // What is set is what it is already when the second of the two sets it.
    for (option, cpus) in [
        ("-pc", &*lowest),
        ("-p", &mask),
        ("-cp", &all),
        ("-pc", &format!("{lowest}-{lowest}:2")),
        ("-p", &format!("0x0{mask}")),
        ("-pc", &all),
    ] {
        answer(["taskset", option, cpus, &pid]);
        same(&["-p", &pid]);
        same(&["-pc", &pid]);
        same(&["--pid", "--cpu-list", &pid]);
        same(&[option, cpus, &pid]);
    }
    for command in [&["-c", &*lowest][..], &[&mask], &["--cpu-list", &all]] {
        // The number of the process is another one each time.
        let script = ["sh", "-c", "taskset -pc $$ | sed 's/^pid [0-9]*//'"];
        same(&[command, &script].concat());
    }
    comparison.finish();
}

//! `pmap` beside pmap(1), of a process that does nothing.

use super::lsof::Holder;
use super::{Comparison, original};
use crate::program::answer;

/// A row of `pmap -x`: address, kibibytes, mode and name.
fn rows(told: &str) -> Vec<(String, [f64; 3], String, String)> {
    let rows = told.lines().filter(|line| {
        let first = line.split_whitespace().next();
        first.is_some_and(|word| word.len() == 16 && u64::from_str_radix(word, 16).is_ok())
    });
    rows.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let numbers = [1, 2, 3].map(|at| words[at].parse().unwrap());
        let name = words[5..].join(" ");
        (words[0].to_owned(), numbers, words[4].to_owned(), name)
    })
    .collect()
}

#[test]
fn pmap_has_the_mappings_of_the_original() {
    const TEST: &str = "originals::pmap::pmap_has_the_mappings_of_the_original";
    let Some(holder) = Holder::start(TEST) else {
        return;
    };
    let pid = holder.pid();
    let ask = |options: &[&str]| {
        let args: Vec<&str> = options.iter().chain(&[&*pid]).copied().collect();
        original(TEST, "pmap", &args)
    };
    let (Some(before), Some(whole)) = (ask(&["-x"]), ask(&["-x", "-p"])) else {
        return;
    };
    let ours = answer(["pmap", "-x", "--bytes", &pid]);
    let ours_whole = answer(["pmap", "-x", "-p", "--bytes", &pid]);
    let Some(after) = ask(&["-x"]) else {
        return;
    };
    let mut comparison = Comparison::of("pmap");
    let heading = |told: &str| told.lines().next().unwrap().to_owned();
    comparison.equal("heading", heading(&ours), heading(&before));
    for (ours, before, after) in [(&ours, &before, &after), (&ours_whole, &whole, &after)] {
        let [ours, before, after] = [ours, before, after].map(|told| rows(told));
        comparison.equal("rows", ours.len(), before.len());
        for ((ours, before), after) in ours.iter().zip(&before).zip(&after) {
            comparison.equal(before, &ours.0, &before.0);
            for at in 0..3 {
                // A page may come and go while nothing happens.
                let theirs = [before.1[at] * 1024.0, after.1[at] * 1024.0];
                comparison.between(before, ours.1[at], theirs, 4096.0);
            }
            // The fifth letter of the original is always a dash.
            comparison.equal(before, format!("{}-", ours.2), before.2.as_str());
            // What has no file has names of the kernel's here.
            match before.3.as_str() {
                "[ anon ]" => comparison.equal(before, ours.3.starts_with('['), true),
                "[ stack ]" => comparison.equal(before, ours.3.as_str(), "[stack]"),
                name => comparison.equal(before, ours.3.as_str(), name),
            }
        }
    }
    let total = |told: &str, unit: f64| {
        let line = told.lines().find(|line| line.starts_with("total")).unwrap();
        let numbers = line
            .split_whitespace()
            .filter_map(|word| word.parse::<f64>().ok());
        numbers.map(|number| number * unit).collect::<Vec<_>>()
    };
    let (ours, theirs) = (total(&ours, 1.0), total(&before, 1024.0));
    comparison.equal("totals", ours.len(), theirs.len());
    comparison.close("total size", ours[0], theirs[0], 0.0);
    comparison.close("total rss", ours[1], theirs[1], 65536.0);
    comparison.finish();
}

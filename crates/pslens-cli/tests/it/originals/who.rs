//! `who` beside who(1), where somebody is logged in.

use super::Comparison;
use crate::network::where_somebody_is_logged_in;

#[test]
fn who_agrees() {
    const TEST: &str = "originals::who::who_agrees";
    let script = "who -u; echo; who -q; echo; \
        \"$0\" who --no-header --columns name,terminal,started,pid,host; echo; \"$0\" who -q";
    let Some(told) = where_somebody_is_logged_in(TEST, script) else {
        return;
    };
    let parts: Vec<Vec<&str>> = told
        .split("\n\n")
        .map(|part| part.lines().collect())
        .collect();
    let [theirs, their_count, ours, our_count] = &parts[..] else {
        panic!("{told}");
    };
    let mut comparison = Comparison::of("who");
    comparison.equal("rows", ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        let ours: Vec<&str> = ours.split_whitespace().collect();
        let theirs: Vec<&str> = theirs.split_whitespace().collect();
        let [name, terminal, date, time, pid, host] = ours[..] else {
            panic!("{ours:?}");
        };
        // How long it was idle is what ours does not have.
        let [
            their_name,
            their_terminal,
            month,
            day,
            hour,
            _,
            their_pid,
            ref their_host @ ..,
        ] = theirs[..]
        else {
            panic!("{theirs:?}");
        };
        let started: jiff::civil::DateTime = format!("{date} {time}").parse().unwrap();
        let started = started.strftime("%b %-d %H:%M").to_string();
        comparison.equal("terminal", terminal, their_terminal);
        comparison.equal("started", started, format!("{month} {day} {hour}"));
        comparison.equal("pid", pid, their_pid);
        let their_host = their_host
            .first()
            .map_or("-", |host| host.trim_matches(['(', ')']));
        comparison.equal("host", host, their_host);
        // Names that would act on a terminal are escaped in ours.
        if !name.contains('\\') {
            comparison.equal("name", name, their_name);
        }
    }
    comparison.equal("count", our_count.last(), their_count.last());
    comparison.finish();
}

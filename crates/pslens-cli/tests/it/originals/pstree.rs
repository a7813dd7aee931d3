//! `pstree` beside pstree(1).

use super::{Comparison, original};
use crate::program::{answer, objects};
use crate::puppet::Puppet;

/// Children in two generations, some of them alike. They end when their input does.
const FAMILY: &str = "
    start() { sh -c \"$1\" <&3 & }
    exec 3<&0
    start 'read x; :'
    start 'read x; :'
    start '(read x <&3; :) & (read x <&3; :) & read x; :'
    start 'exec cat'
    start 'exec cat'
    exec sh -c '\
        while test \"$(pgrep -c -P $$ -x cat)\" -lt 2; do :; done; \
        while test \"$(pgrep -c -P \"$(pgrep -d, -P $$)\" -x sh)\" -lt 2; do :; done; \
        echo ready; read x; :'";

#[test]
fn pstree_draws_the_same() {
    const TEST: &str = "originals::pstree::pstree_draws_the_same";
    // It takes pgrep to know that all of them are what they become.
    if original(TEST, "pgrep", &["-c", "."]).is_none() {
        return;
    }
    let family = Puppet::running(FAMILY);
    let pid = family.pid();
    let long_names: Vec<String> = objects(["pstree", "-s", "--json", &pid])
        .iter()
        .filter_map(|object| object["name"].as_str())
        .filter(|name| name.len() > 15)
        .map(str::to_owned)
        .collect();
    let mut comparison = Comparison::of("pstree");
    for options in [
        "-l", "-lA", "-lp", "-la", "-lap", "-lc", "-ln", "-lnp", "-lT", "-lt", "-lU", "-lac",
        "-laU", "-lu", "-lpu", "-lapu", "-ls", "-lsp", "-lsn",
    ] {
        let Some(theirs) = original(TEST, "pstree", &[options, &pid]) else {
            return;
        };
        let mut ours = answer(["pstree", options, &pid]);
        // Theirs end where the kernel cuts them, and what is below them stands further to the left.
        let above = options.contains('s');
        for name in &long_names {
            ours = ours.replace(name, &name[..15]);
        }
        let line = |line: &str| {
            if above {
                line.trim_start().to_owned()
            } else {
                line.to_owned()
            }
        };
        let (ours, theirs): (Vec<String>, Vec<String>) = (
            ours.lines().map(line).collect(),
            theirs.lines().map(line).collect(),
        );
        comparison.equal(options, ours.len(), theirs.len());
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            comparison.equal(options, ours, theirs);
        }
    }
    comparison.finish();
}

//! Calls about a process, for every process there is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::side::Population;
use super::tree::{self, Tree, shape};
use super::{Pair, Subject};

/// What is asked about each process: the call, its arguments, and how its answer is shaped.
pub(super) fn calls() -> Vec<(&'static str, Value, &'static str)> {
    let mut calls: Vec<(&str, Value, &str)> = [
        "ppid",
        "name",
        "exe",
        "cmdline",
        "environ",
        "create_time",
        "status",
        "cwd",
        "username",
        "uids",
        "gids",
        "terminal",
        "nice",
        "ionice",
        "io_counters",
        "num_ctx_switches",
        "num_fds",
        "num_threads",
        "threads",
        "cpu_times",
        "cpu_percent",
        "cpu_affinity",
        "cpu_num",
        "memory_info",
        "memory_full_info",
        "memory_percent",
        "open_files",
        "is_running",
        "parent",
        "parents",
    ]
    .into_iter()
    .map(|name| (name, json!({}), name))
    .collect();
    for name in ["memory_footprint", "memory_info_ex", "page_faults"] {
        calls.push((name, json!({}), name));
    }
    for grouped in [true, false] {
        calls.push(("memory_maps", json!({"grouped": grouped}), "memory_maps"));
    }
    for recursive in [true, false] {
        calls.push(("children", json!({"recursive": recursive}), "children"));
    }
    for kind in super::system::KINDS {
        calls.push(("net_connections", json!({"kind": kind}), "own_connections"));
    }
    calls.push(("as_dict", json!({}), "as_dict"));
    let names: Vec<&str> = WITHOUT_ENVIRON.to_vec();
    calls.push(("as_dict", json!({"attrs": names}), "as_dict"));
    calls.extend(super::actions::calls());
    calls
}

/// psutil fails altogether where `environ` fails, so the others are compared without it as well.
const WITHOUT_ENVIRON: &[&str] = &[
    "cmdline",
    "cpu_affinity",
    "cpu_num",
    "cpu_percent",
    "cpu_times",
    "create_time",
    "cwd",
    "exe",
    "gids",
    "io_counters",
    "ionice",
    "memory_full_info",
    "memory_info",
    "memory_maps",
    "memory_percent",
    "name",
    "net_connections",
    "nice",
    "num_ctx_switches",
    "num_fds",
    "num_threads",
    "open_files",
    "pid",
    "ppid",
    "status",
    "terminal",
    "threads",
    "uids",
    "username",
];

pub(super) fn check(pair: &mut Pair, population: &Population) -> Result<(), String> {
    let request = json!({"verb": "call", "name": "pids", "args": {}});
    let pids = pair.ours.ask(&request)?;
    // Those that answer change with every question.
    let asked = [pair.ours.pid(), pair.theirs.pid()];
    let pids = pids.as_array().cloned().unwrap_or_default();
    let mut others = 0;
    let calls = calls();
    for pid in pids {
        let number = pid
            .as_u64()
            .and_then(|pid| u32::try_from(pid).ok())
            .unwrap_or_default();
        if !asked.contains(&number) {
            let known = population.members.iter().find(|(pid, _)| *pid == number);
            let what = known.map_or("", |(_, what)| what.as_str());
            others += usize::from(known.is_none());
            if known.is_some() || others <= pair.at_most {
                one(pair, number, what, &calls)?;
            } else {
                pair.report.left_out += 1;
            }
        }
    }
    iterate(pair)
}

/// Compares the answers to `calls` about one process.
pub(super) fn one(
    pair: &mut Pair,
    pid: u32,
    what: &str,
    calls: &[(&str, Value, &str)],
) -> Result<(), String> {
    let hold = json!({"verb": "hold", "as": "it", "pid": pid});
    let alive = json!({"verb": "alive", "hold": "it"});
    let held = pair.ours.try_ask(&hold)?.get("ok").is_some()
        && pair.theirs.try_ask(&hold)?.get("ok").is_some();
    let asked: Vec<Value> = calls
        .iter()
        .map(|(name, args, _)| json!({"name": name, "args": args}))
        .collect();
    let whole = json!({"verb": "process", "hold": "it", "calls": asked});
    if !held {
        pair.report.gone += 1;
        return Ok(());
    }
    let before = answers(pair.ours.ask(&whole)?);
    let theirs = answers(pair.theirs.ask(&whole)?);
    let after = answers(pair.ours.ask(&whole)?);
    if pair.ours.ask(&alive)? != true {
        pair.report.gone += 1;
        return Ok(());
    }
    pair.report.processes += 1;
    let mut facts: BTreeMap<String, Tree> = BTreeMap::new();
    for ((_, _, form), answer) in calls.iter().zip(&before) {
        let tree = shape(form, tree::Side::Ours, answer.clone());
        facts.entry((*form).to_owned()).or_insert(tree);
    }
    if let Some(index) = calls
        .iter()
        .position(|(_, args, _)| args["grouped"] == false)
    {
        let answer = before.get(index).cloned().unwrap_or_default();
        facts.insert(
            "mappings".into(),
            shape("memory_maps", tree::Side::Ours, answer),
        );
    }
    let mut subject = Subject {
        answers: facts,
        elsewhere: network(&pid.to_string()) != network("self"),
        ..Subject::default()
    };
    for (index, (name, args, form)) in calls.iter().enumerate() {
        let pick = |answers: &[Value]| answers.get(index).cloned().unwrap_or_default();
        let mut first = Some([
            shape(form, tree::Side::Ours, pick(&before)),
            shape(form, tree::Side::Theirs, pick(&theirs)),
            shape(form, tree::Side::Ours, pick(&after)),
        ]);
        let request =
            json!({"verb": "process", "hold": "it", "calls": [{"name": name, "args": args}]});
        let mut attempt = |pair: &mut Pair| {
            if let Some(trees) = first.take() {
                return Ok(trees);
            }
            let mut ask = |ours: bool| {
                let (side, other) = if ours {
                    (&mut pair.ours, tree::Side::Ours)
                } else {
                    (&mut pair.theirs, tree::Side::Theirs)
                };
                let answer = answers(side.ask(&request)?).into_iter().next();
                Ok::<Tree, String>(shape(form, other, answer.unwrap_or_default()))
            };
            Ok([ask(true)?, ask(false)?, ask(true)?])
        };
        let arguments = if args == &json!({}) {
            String::new()
        } else {
            format!(" {args}")
        };
        subject.name = format!("{pid} ({what}) {name}{}", shortened(&arguments));
        subject.arguments = args.clone();
        pair.settle(&format!("process {form}"), &subject, &mut attempt)?;
    }
    Ok(())
}

/// The network namespace of a process, if it may be known.
fn network(pid: &str) -> Option<std::path::PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/ns/net")).ok()
}

fn shortened(text: &str) -> &str {
    text.get(..60).unwrap_or(text)
}

fn answers(value: Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// All processes in one go.
fn iterate(pair: &mut Pair) -> Result<(), String> {
    // Those that change while they are read are compared process by process.
    let steady = [
        "pid",
        "ppid",
        "name",
        "username",
        "uids",
        "gids",
        "nice",
        "cmdline",
        "create_time",
        "exe",
    ];
    for attrs in [steady.as_slice(), &["pid", "environ"]] {
        let request = json!({"verb": "iterate", "attrs": attrs});
        let subject = Subject {
            arguments: json!({"attrs": attrs}),
            ..Subject::named(format!("process_iter {}", attrs.join(" ")))
        };
        pair.sandwich("iterate", &subject, &request)?;
    }
    Ok(())
}

//! Calls about the machine.

use serde_json::{Value, json};

use super::tree::{self, shape};
use super::{Pair, Subject};

pub(super) const KINDS: [&str; 11] = [
    "all", "inet", "inet4", "inet6", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "unix",
];

pub(super) fn check(pair: &mut Pair) -> Result<(), String> {
    let plain = json!({});
    for name in [
        "cpu_times",
        "cpu_count",
        "cpu_stats",
        "cpu_freq",
        "getloadavg",
        "virtual_memory",
        "swap_memory",
        "disk_partitions",
        "net_io_counters",
        "net_if_addrs",
        "net_if_stats",
        "sensors_temperatures",
        "sensors_fans",
        "sensors_battery",
        "boot_time",
        "users",
        "pids",
    ] {
        pair.call(name, &plain)?;
    }
    pair.call("cpu_times", &json!({"percpu": true}))?;
    pair.call("cpu_freq", &json!({"percpu": true}))?;
    pair.call("cpu_count", &json!({"logical": false}))?;
    pair.call("disk_partitions", &json!({"all": true}))?;
    // What psutil adds to a counter that wrapped depends on its earlier calls.
    for args in [json!({"nowrap": false}), json!({"nowrap": true})] {
        pair.call("disk_io_counters", &args)?;
        pair.call("net_io_counters", &args)?;
    }
    pair.call(
        "disk_io_counters",
        &json!({"nowrap": false, "perdisk": true}),
    )?;
    pair.call("net_io_counters", &json!({"nowrap": false, "pernic": true}))?;
    usage(pair)?;
    connections(pair)?;
    existence(pair)?;
    formulas(pair)?;
    live(pair)
}

/// Sockets of the system, of every kind.
pub(super) fn connections(pair: &mut Pair) -> Result<(), String> {
    for kind in KINDS {
        pair.call("net_connections", &json!({"kind": kind}))?;
    }
    pair.call("net_connections", &json!({"kind": "nonsense"}))
}

/// Every mount point, and what is none.
fn usage(pair: &mut Pair) -> Result<(), String> {
    let request = json!({"verb": "call", "name": "disk_partitions", "args": {"all": true}});
    let mounts = pair.ours.ask(&request)?;
    let mut paths: Vec<Value> = Vec::new();
    for mount in mounts.as_array().into_iter().flatten() {
        let path = &mount["mountpoint"];
        if path.is_string() && !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    paths.extend(["/".into(), "/no/such/path".into(), "/etc/passwd".into()]);
    for path in paths {
        pair.call("disk_usage", &json!({"path": path}))?;
    }
    Ok(())
}

/// Every process, every thread of them (which is none), and numbers that nobody has.
fn existence(pair: &mut Pair) -> Result<(), String> {
    let mut numbers: Vec<u32> = pslens::process::pids()
        .map_err(|error| error.to_string())?
        .into_iter()
        .map(pslens::Pid::as_u32)
        .take(pair.at_most)
        .collect();
    for pid in numbers.clone() {
        if let Ok(threads) = pslens::Process::new(pid).and_then(|process| process.threads()) {
            numbers.extend(threads.iter().map(|thread| thread.id).take(5));
        }
    }
    numbers.extend([0, 4_194_304, 4_194_305, i32::MAX as u32]);
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        pair.call("pid_exists", &json!({"pid": number}))?;
    }
    Ok(())
}

/// The percentages of the same samples.
fn formulas(pair: &mut Pair) -> Result<(), String> {
    let pairs = samples();
    let request = json!({"verb": "formula", "pairs": pairs});
    let ours = pair.ours.ask(&request)?;
    let theirs = pair.theirs.ask(&request)?;
    let rows = ours.as_array().into_iter().flatten();
    for ((ours, theirs), samples) in rows
        .zip(theirs.as_array().into_iter().flatten())
        .zip(&pairs)
    {
        for name in ["cpu_percent", "cpu_times_percent"] {
            let subject = Subject {
                arguments: json!({"total": total(samples)}),
                ..Subject::named(format!("samples {samples}"))
            };
            let ours = shape(name, tree::Side::Ours, ours[name].clone());
            let theirs = shape(name, tree::Side::Theirs, theirs[name].clone());
            // The same question has the same answer, so asking again would be of no use.
            let mut attempt = |_: &mut Pair| Ok([ours.clone(), theirs.clone(), ours.clone()]);
            pair.settle(&format!("formula {name}"), &subject, &mut attempt)?;
        }
    }
    Ok(())
}

/// Pairs of samples: usual ones, fields that go backwards, guests, and no difference at all.
fn samples() -> Vec<Value> {
    // A small generator is enough, and the same numbers each time are better.
    let mut state = 0x2545_f491_u64;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let names = [
        "user",
        "nice",
        "system",
        "idle",
        "iowait",
        "irq",
        "softirq",
        "steal",
        "guest",
        "guest_nice",
    ];
    let mut pairs = Vec::new();
    for round in 0..200 {
        let mut earlier = serde_json::Map::new();
        let mut later = serde_json::Map::new();
        for name in names {
            let start = random(1_000_000) as f64 / 100.0 + 20.0;
            let step = random(if round % 3 == 0 { 10 } else { 1000 }) as f64 / 100.0;
            let backwards = matches!(name, "idle" | "iowait" | "steal") && random(8) == 0;
            let step = match round {
                0 => 0.0,
                _ if backwards => -step / 2.0,
                _ => step,
            };
            earlier.insert(name.into(), start.into());
            later.insert(name.into(), (start + step).into());
        }
        // What guests use is part of what is used.
        for (guest, host) in [("guest", "user"), ("guest_nice", "nice")] {
            let grown = |map: &serde_json::Map<String, Value>, name: &str| {
                map.get(name).and_then(Value::as_f64).unwrap_or_default()
            };
            let room = grown(&later, host) - grown(&earlier, host);
            let used = room * random(101) as f64 / 100.0;
            later.insert(guest.into(), (grown(&earlier, guest) + used).into());
        }
        pairs.push(json!([earlier, later]));
    }
    pairs
}

/// The time between two samples, guests counted once.
fn total(samples: &Value) -> f64 {
    let fields = samples[0].as_object().into_iter().flatten();
    let own = fields.filter(|(name, _)| !name.starts_with("guest"));
    let step = |(name, earlier): (&String, &Value)| {
        let later = samples[1][name].as_f64().unwrap_or_default();
        (later - earlier.as_f64().unwrap_or_default()).max(0.0)
    };
    own.map(step).sum()
}

/// The percentages of the same second.
fn live(pair: &mut Pair) -> Result<(), String> {
    for name in ["cpu_percent", "cpu_times_percent"] {
        for percpu in [false, true] {
            let args = json!({"interval": 1.0, "percpu": percpu});
            let request = json!({"verb": "call", "name": name, "args": args}).to_string();
            let label = format!("live {name}");
            let subject = Subject::named(format!("{name} {args}"));
            let mut attempt = |pair: &mut Pair| {
                pair.ours.say(&request)?;
                pair.theirs.say(&request)?;
                let ours = shape(name, tree::Side::Ours, pair.ours.line()?);
                let theirs = shape(name, tree::Side::Theirs, pair.theirs.line()?);
                Ok([ours.clone(), theirs, ours])
            };
            pair.settle(&label, &subject, &mut attempt)?;
        }
    }
    Ok(())
}

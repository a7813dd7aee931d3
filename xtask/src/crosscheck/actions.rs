//! What changes a process, what waits for it, and what is left of it afterwards.
//!
//! Puppets of our own are changed by one of the two, and both look at the result; then by the other.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pslens::process::{self, ExitStatus, IoPriority, Limit, Limits, Process, Resource, Signal};
use serde_json::{Value, json};

use super::answer::{Failure, json};
use super::side::User;
use super::tree::{self, shape};
use super::{Pair, Subject};

/// What is asked about every process.
pub(super) fn calls() -> Vec<(&'static str, Value, &'static str)> {
    let limits = Resource::ALL.iter().map(|resource| {
        let args = json!({"resource": resource.name()});
        ("rlimit", args, "rlimit")
    });
    // Nobody has ended, and a zombie's end is not for us to see.
    let waits = [("wait", json!({"timeout": 0}), "wait")];
    limits.chain(waits).collect()
}

/// pslens' side of the calls above and below.
pub(super) fn answer(process: &Process, name: &str, args: &Value) -> Result<Value, Failure> {
    match name {
        "rlimit" => {
            let limits = process.rlimit(resource(args)?)?;
            json([limits.soft, limits.hard])
        }
        "wait" => {
            let seconds = args["timeout"].as_f64().unwrap_or(0.0);
            json(process.wait_timeout(Duration::from_secs_f64(seconds))?)
        }
        "set_nice" => done(process.set_nice(number(&args["values"][0])?)),
        "set_ionice" => {
            let class = number(&args["values"][0])?;
            let level = &args["values"][1];
            let level = if level.is_null() {
                None
            } else {
                Some(number(level)?)
            };
            let priority = IoPriority::from_class_and_level(class, level);
            done(priority.and_then(|priority| process.set_ionice(priority)))
        }
        "set_cpu_affinity" => {
            let cpus = args["values"][0].as_array().cloned().unwrap_or_default();
            let cpus: Vec<u32> = cpus.iter().map(number).collect::<Result<_, _>>()?;
            // psutil's word for "all of them" is an empty list.
            if cpus.is_empty() {
                return done(process.reset_cpu_affinity());
            }
            done(process.set_cpu_affinity(&cpus))
        }
        "set_rlimit" => {
            let limit = |value: &Value| match value.as_u64() {
                Some(value) => Limit::At(value),
                None => Limit::Unlimited,
            };
            let limits = Limits {
                soft: limit(&args["limits"][0]),
                hard: limit(&args["limits"][1]),
            };
            done(process.set_rlimit(resource(args)?, limits))
        }
        "suspend" => done(process.suspend()),
        "resume" => done(process.resume()),
        "terminate" => done(process.terminate()),
        "kill" => done(process.kill()),
        "send_signal" => {
            let signal = Signal::from_raw(number(&args["sig"])?);
            done(signal.and_then(|signal| process.send_signal(signal)))
        }
        _ => Err(format!("no process call is named {name}").into()),
    }
}

fn done(result: pslens::Result<()>) -> Result<Value, Failure> {
    Ok(result.map(|()| Value::Null)?)
}

fn resource(args: &Value) -> pslens::Result<Resource> {
    args["resource"].as_str().unwrap_or_default().parse()
}

fn number<T: TryFrom<i64>>(value: &Value) -> Result<T, String> {
    let number = value.as_i64().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| format!("not a number that fits: {value}"))
}

/// Children of pslens, waited for one by one and together: how each ended.
pub(super) fn ends(request: &Value) -> Result<Value, Failure> {
    let spawn = |script: &Value| {
        let script = script.as_str().unwrap_or_default();
        process::Child::spawn(Command::new("sh").args(["-c", script]))
    };
    let scripts = request["scripts"].as_array().cloned().unwrap_or_default();
    let mut single: Vec<Option<ExitStatus>> = Vec::new();
    let mut group = Vec::new();
    for script in &scripts {
        single.push(spawn(script)?.wait()?);
        group.push(spawn(script)?);
    }
    let sleeper = process::Child::spawn(Command::new("sleep").arg("1000"))?;
    let all = group
        .iter()
        .chain([&sleeper])
        .map(|child| child.process().clone());
    let patience = Some(Duration::from_millis(1500));
    let waited = process::wait_procs(all, patience, |_, _| ())?;
    let code = |child: &process::Child| {
        let gone = waited
            .gone
            .iter()
            .find(|(process, _)| process == child.process());
        gone.and_then(|(_, status)| status.map(ExitStatus::returncode))
    };
    let together: Vec<Option<i32>> = group.iter().map(code).collect();
    let alive = waited.alive.len();
    sleeper.kill()?;
    let killed = process::wait_procs([sleeper.process().clone()], None, |_, _| ())?;
    let killed: Vec<_> = killed.gone.iter().map(|(_, status)| *status).collect();
    Ok(json!({
        "single": json(single)?,
        "together": together,
        "alive": alive,
        "killed": json(killed)?,
    }))
}

/// A process that may be changed.
struct Puppet(Child);

impl Puppet {
    fn start(user: User, program: &str, args: &[&str]) -> Result<Self, String> {
        let mut command = Command::new(program);
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let User::Nobody(id) = user {
            command.uid(id).gid(id);
        }
        let child = command.spawn();
        child
            .map(Self)
            .map_err(|error| format!("{program}: {error}"))
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        // It may have ended long ago, and that is all that is wanted.
        let _killed = self.0.kill();
        let _status = self.0.wait();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    Pslens,
    Psutil,
}

pub(super) fn check(pair: &mut Pair, user: User) -> Result<(), String> {
    let request = json!({"verb": "ends", "scripts": [
        "exit 0", "exit 3", "exit 255", "kill -9 $$", "kill -15 $$", "kill -1 $$", "sleep 0.2; exit 7",
    ]});
    pair.sandwich(
        "ends of children",
        &Subject::named("Popen, wait, wait_procs"),
        &request,
    )?;
    settings(pair, user)?;
    signals(pair, user)?;
    busy(pair, user)
}

/// Everything that can be set, well and badly.
fn settings(pair: &mut Pair, user: User) -> Result<(), String> {
    let puppet = Puppet::start(user, "sleep", &["1000"])?;
    let values = |values: Value| json!({"values": values});
    let limit = |resource: &str, soft: i64, hard: i64| json!({"resource": format!("RLIMIT_{resource}"), "limits": [soft, hard]});
    let changes = [
        ("nice", "set_nice", values(json!([5]))),
        ("nice", "set_nice", values(json!([12]))),
        ("nice", "set_nice", values(json!([-3]))),
        ("ionice", "set_ionice", values(json!([2, 0]))),
        ("ionice", "set_ionice", values(json!([2, 7]))),
        ("ionice", "set_ionice", values(json!([3, null]))),
        ("ionice", "set_ionice", values(json!([1, 3]))),
        ("ionice", "set_ionice", values(json!([2, null]))),
        ("ionice", "set_ionice", values(json!([0, null]))),
        ("ionice", "set_ionice", values(json!([2, 8]))),
        ("ionice", "set_ionice", values(json!([3, 1]))),
        ("ionice", "set_ionice", values(json!([9, null]))),
        ("cpu_affinity", "set_cpu_affinity", values(json!([[0]]))),
        ("cpu_affinity", "set_cpu_affinity", values(json!([[]]))),
        ("cpu_affinity", "set_cpu_affinity", values(json!([[0, 0]]))),
        (
            "cpu_affinity",
            "set_cpu_affinity",
            values(json!([[100_000]])),
        ),
        ("rlimit", "set_rlimit", limit("NOFILE", 100, 200)),
        ("rlimit", "set_rlimit", limit("NOFILE", 150, 200)),
        ("rlimit", "set_rlimit", limit("NOFILE", 150, 400)),
        ("rlimit", "set_rlimit", limit("NOFILE", 20, 10)),
        ("rlimit", "set_rlimit", limit("CORE", 0, 0)),
        ("rlimit", "set_rlimit", limit("FSIZE", 1 << 40, -1)),
    ];
    for (get, set, args) in &changes {
        for actor in [Actor::Psutil, Actor::Pslens] {
            let outcome = act(pair, actor, puppet.pid(), set, args)?;
            let read = match args.get("resource") {
                Some(resource) => json!({"resource": resource}),
                None => json!({}),
            };
            let subject = format!("{get} after {set} {args} by {actor:?}");
            look(pair, puppet.pid(), get, &read, &subject)?;
            // Both were allowed or refused, and for the same reason.
            if actor == Actor::Pslens {
                pair.same_outcome(set, args, outcome)?;
            } else {
                pair.outcome = Some(outcome);
            }
        }
    }
    Ok(())
}

/// Stopping, continuing, ending; then what is said about a zombie, and about one that is gone.
fn signals(pair: &mut Pair, user: User) -> Result<(), String> {
    for actors in [
        [Actor::Psutil, Actor::Pslens],
        [Actor::Pslens, Actor::Psutil],
    ] {
        let mut puppet = Puppet::start(user, "sleep", &["1000"])?;
        let pid = puppet.pid();
        let hold = json!({"verb": "hold", "as": "puppet", "pid": pid});
        pair.ours.ask(&hold)?;
        pair.theirs.ask(&hold)?;
        let steps = [
            (actors[0], "suspend", json!({})),
            (actors[1], "resume", json!({})),
            (actors[0], "send_signal", json!({"sig": 19})),
            (actors[1], "send_signal", json!({"sig": 18})),
            (actors[0], "send_signal", json!({"sig": 999})),
            (actors[1], "send_signal", json!({"sig": 999})),
            (
                actors[0],
                if actors[0] == Actor::Psutil {
                    "terminate"
                } else {
                    "kill"
                },
                json!({}),
            ),
        ];
        for (actor, name, args) in &steps {
            act(pair, *actor, pid, name, args)?;
            // The signal takes effect when the process runs next.
            std::thread::sleep(Duration::from_millis(20));
            for call in ["status", "is_running", "num_threads"] {
                let subject = format!("{call} after {name} {args} by {actor:?}");
                look(pair, pid, call, &json!({}), &subject)?;
            }
        }
        // Now it is a zombie, then gone; the handles are those from when it was alive.
        for state in ["zombie", "gone"] {
            if state == "gone" {
                let _status = puppet.0.wait().map_err(|error| error.to_string())?;
            }
            for (name, args, form) in super::process::calls() {
                let request = json!({
                    "verb": "process", "hold": "puppet", "calls": [{"name": name, "args": args}],
                });
                let subject = Subject {
                    arguments: args.clone(),
                    answers: [("status".to_owned(), tree::Tree::Leaf(state.into()))].into(),
                    ..Subject::named(format!("{state} {name} {args}"))
                };
                pair.first_of(&format!("process {form}"), form, &subject, &request)?;
            }
        }
        for name in ["suspend", "resume", "terminate", "kill"] {
            let request = json!({
                "verb": "process", "hold": "puppet", "calls": [{"name": name, "args": {}}],
            });
            let subject = Subject::named(format!("gone {name}"));
            pair.first_of(&format!("process {name}"), name, &subject, &request)?;
        }
    }
    Ok(())
}

/// The use of the CPU of one that does nothing else, during the same second.
fn busy(pair: &mut Pair, user: User) -> Result<(), String> {
    let puppet = Puppet::start(user, "sh", &["-c", "while :; do :; done"])?;
    let calls = json!([{"name": "cpu_percent", "args": {"interval": 1.0}}]);
    let request = json!({"verb": "process", "pid": puppet.pid(), "calls": calls}).to_string();
    let subject = Subject::named("cpu_percent of a busy process");
    let mut attempt = |pair: &mut Pair| {
        pair.ours.say(&request)?;
        pair.theirs.say(&request)?;
        let ours = shape(
            "cpu_percent",
            tree::Side::Ours,
            first(pair.ours.line()?["ok"].take()),
        );
        let theirs = first(pair.theirs.line()?["ok"].take());
        let theirs = shape("cpu_percent", tree::Side::Theirs, theirs);
        Ok([ours.clone(), theirs, ours])
    };
    pair.settle("live process cpu_percent", &subject, &mut attempt)
}

fn first(mut answers: Value) -> Value {
    answers.get_mut(0).map(Value::take).unwrap_or_default()
}

/// Lets one of the two act, and returns what it says.
fn act(pair: &mut Pair, actor: Actor, pid: u32, name: &str, args: &Value) -> Result<Value, String> {
    let request = json!({"verb": "process", "pid": pid, "calls": [{"name": name, "args": args}]});
    let side = match actor {
        Actor::Pslens => &mut pair.ours,
        Actor::Psutil => &mut pair.theirs,
    };
    side.ask(&request).map(first)
}

/// Compares one getter.
fn look(pair: &mut Pair, pid: u32, name: &str, args: &Value, subject: &str) -> Result<(), String> {
    let request = json!({"verb": "process", "pid": pid, "calls": [{"name": name, "args": args}]});
    let subject = Subject {
        arguments: args.clone(),
        ..Subject::named(subject)
    };
    pair.first_of(&format!("process {name}"), name, &subject, &request)
}

impl Pair {
    /// Compares the first answer to a request about a process.
    fn first_of(
        &mut self,
        name: &str,
        form: &str,
        subject: &Subject,
        request: &Value,
    ) -> Result<(), String> {
        let mut attempt = |pair: &mut Self| {
            let before = first(pair.ours.ask(request)?);
            let between = first(pair.theirs.ask(request)?);
            let after = first(pair.ours.ask(request)?);
            Ok([
                shape(form, tree::Side::Ours, before),
                shape(form, tree::Side::Theirs, between),
                shape(form, tree::Side::Ours, after),
            ])
        };
        self.settle(name, subject, &mut attempt)
    }

    /// Compares what pslens said to a change with what psutil had said.
    fn same_outcome(&mut self, name: &str, args: &Value, ours: Value) -> Result<(), String> {
        let theirs = self.outcome.take().unwrap_or_default();
        let trees = [
            shape(name, tree::Side::Ours, ours.clone()),
            shape(name, tree::Side::Theirs, theirs),
            shape(name, tree::Side::Ours, ours),
        ];
        let subject = Subject {
            arguments: args.clone(),
            ..Subject::named(format!("{name} {args}"))
        };
        self.settle(&format!("process {name}"), &subject, &mut |_| {
            Ok(trees.clone())
        })
    }
}

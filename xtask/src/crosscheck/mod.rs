//! `cargo xtask crosscheck`: psutil's answers and ours of the same moment, value by value.
//!
//! psutil is asked between two questions to pslens, each in a process of its own with the same rights. A
//! number of psutil's must lie between ours, anything else must equal one of ours; what moves too fast for
//! that is asked again. Differences that are right are named in docs/DIFFERENCES.md.

mod actions;
mod answer;
mod captured;
mod compare;
mod explained;
mod process;
mod report;
mod side;
mod system;
mod tolerance;
mod tree;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::step::Outcome;
use compare::compare;
use explained::Context;
use report::{Report, thousands};
use side::{Population, Side, User};
use tree::{Tree, shape};

/// A user without rights, in the run that root makes as another user.
const NOBODY: u32 = 65534;

/// How often is asked until the answers agree.
const ATTEMPTS: usize = 6;

pub(crate) fn run(args: &[String]) -> Outcome {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut verbose = false;
    let mut at_most = usize::MAX;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match *arg {
            "--answer" => {
                if let (Some(proc), Some(sys)) = (rest.next(), rest.next()) {
                    let root = pslens::Root::at(proc, sys).and_then(pslens::Root::set_current);
                    root.map_err(|error| error.to_string())?;
                }
                return answer::serve();
            }
            "--verbose" => verbose = true,
            "--at-most" => {
                let number = rest.next().and_then(|number| number.parse().ok());
                at_most = number.ok_or("--at-most needs a number of processes")?;
            }
            unknown => {
                return Err(format!(
                    "unknown argument {unknown:?}; there are --verbose and --at-most PROCESSES"
                ));
            }
        }
    }
    let python = side::environment()?;
    let mut population = Population::start(&python)?;
    println!("{} processes in odd states", population.members.len());
    let mut reports = Vec::new();
    let mut users = vec![User::Same];
    if is_root() {
        users.push(User::Nobody(NOBODY));
    } else {
        println!("not root: the other users' processes are seen from outside only");
    }
    for user in users {
        match user {
            User::Same => println!("==> as the user who started this"),
            User::Nobody(id) => println!("==> as user {id}"),
        }
        reports.push(once(&python, user, &mut population, at_most)?);
        if let Some(report) = reports.last() {
            report.print(verbose);
        }
    }
    drop(population);
    if is_root() {
        for machine in pslens_fixtures::MACHINES {
            println!("==> captured machine {machine}");
            reports.push(captured::check(&python, machine)?);
            if let Some(report) = reports.last() {
                report.print(verbose);
            }
        }
    } else {
        println!("not root: captured machines cannot be shown to psutil");
    }
    let mut total = Report::default();
    let (mut unexplained, mut explained) = (0, 0);
    for report in &reports {
        let counts = report.counts();
        unexplained += counts.0;
        explained += counts.1;
        total.add(report);
    }
    println!(
        "crosscheck: {} calls, {} values compared, {} unexplained differences, {} explained (docs/DIFFERENCES.md)",
        thousands(total.calls),
        thousands(total.values),
        thousands(unexplained),
        thousands(explained)
    );
    if unexplained == 0 {
        Ok(())
    } else {
        Err("psutil and pslens differ without a reason that docs/DIFFERENCES.md knows".into())
    }
}

fn once(
    python: &Path,
    user: User,
    population: &mut Population,
    at_most: usize,
) -> Result<Report, String> {
    let mut pair = Pair {
        ours: Side::pslens(user)?,
        theirs: Side::psutil(python, user)?,
        root: is_root() && matches!(user, User::Same),
        machine: "",
        outcome: None,
        at_most,
        report: Report::default(),
    };
    system::check(&mut pair)?;
    population.newline(true)?;
    let outcome = system::connections(&mut pair);
    population.newline(false)?;
    outcome?;
    process::check(&mut pair, population)?;
    actions::check(&mut pair, user)?;
    Ok(pair.report)
}

/// What a call is about, besides its name.
#[derive(Default)]
struct Subject {
    /// For people.
    name: String,
    arguments: Value,
    /// Our other answers about the same process, by call.
    answers: BTreeMap<String, Tree>,
    /// The process is in another network namespace.
    elsewhere: bool,
}

impl Subject {
    fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// The two that answer, and what was found.
struct Pair {
    ours: Side,
    theirs: Side,
    root: bool,
    /// The captured machine that is looked at; empty for this one.
    machine: &'static str,
    /// What psutil said to a change that pslens makes next.
    outcome: Option<Value>,
    /// How many processes are compared, besides those of the population.
    at_most: usize,
    report: Report,
}

impl Pair {
    /// Compares one call that is not about a process.
    fn call(&mut self, name: &str, args: &Value) -> Result<(), String> {
        let request = json!({"verb": "call", "name": name, "args": args});
        let subject = Subject {
            arguments: args.clone(),
            ..Subject::named(if args == &json!({}) {
                name.to_owned()
            } else {
                format!("{name} {args}")
            })
        };
        self.sandwich(name, &subject, &request)
    }

    fn sandwich(&mut self, name: &str, subject: &Subject, request: &Value) -> Result<(), String> {
        let mut attempt = |pair: &mut Self| {
            let before = shape(name, tree::Side::Ours, pair.ours.try_ask(request)?);
            let between = shape(name, tree::Side::Theirs, pair.theirs.try_ask(request)?);
            let after = shape(name, tree::Side::Ours, pair.ours.try_ask(request)?);
            Ok([before, between, after])
        };
        self.settle(name, subject, &mut attempt)
    }

    fn context<'a>(&self, subject: &'a Subject, ours: &'a Tree, theirs: &'a Tree) -> Context<'a> {
        Context {
            arguments: &subject.arguments,
            answers: &subject.answers,
            ours,
            theirs,
            root: self.root,
            machine: self.machine,
            elsewhere: subject.elsewhere,
        }
    }

    /// Asks until the answers agree, and reports what never did.
    fn settle(
        &mut self,
        name: &str,
        subject: &Subject,
        attempt: &mut dyn FnMut(&mut Self) -> Result<[Tree; 3], String>,
    ) -> Result<(), String> {
        let mut stubborn: Option<Vec<compare::Difference>> = None;
        self.report.calls += 1;
        for round in 0..ATTEMPTS {
            let [before, between, after] = attempt(self)?;
            let found = compare(name, &before, &between, &after);
            let context = self.context(subject, &before, &between);
            let (right, wrong): (Vec<_>, Vec<_>) = found
                .differences
                .into_iter()
                .map(|difference| (explained::explain(&difference, &context), difference))
                .partition(|(section, _)| section.is_some());
            if round == 0 {
                self.report.values += found.values;
                for (section, difference) in right {
                    self.report
                        .explained(section.unwrap_or_default(), &subject.name, &difference);
                }
            }
            // Only what differs every time is a difference.
            let left = wrong.into_iter().map(|(_, difference)| difference);
            let left: Vec<_> = match &stubborn {
                None => left.collect(),
                Some(known) => left
                    .filter(|one| known.iter().any(|other| other.path == one.path))
                    .collect(),
            };
            let done = left.is_empty();
            stubborn = Some(left);
            if done {
                self.report.repeated += u64::from(round > 0);
                return Ok(());
            }
        }
        for difference in stubborn.unwrap_or_default() {
            self.report.unexplained(&subject.name, &difference);
        }
        Ok(())
    }
}

fn is_root() -> bool {
    let me = pslens::Process::current().and_then(|me| me.uids());
    me.is_ok_and(|ids| ids.effective == 0)
}

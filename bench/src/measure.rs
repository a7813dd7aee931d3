//! How a number comes about: rounds in which every contender runs once, in rotating order.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    Psutil,
    Sysinfo,
    Procfs,
    Netstat2,
    Floor,
    Pslens,
    /// pslens from Python.
    #[serde(rename = "pslens-py")]
    PslensPy,
}

impl Who {
    pub const ALL: [Self; 7] = [
        Self::Psutil,
        Self::Sysinfo,
        Self::Procfs,
        Self::Netstat2,
        Self::Floor,
        Self::Pslens,
        Self::PslensPy,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Psutil => "psutil",
            Self::Sysinfo => "sysinfo",
            Self::Procfs => "procfs",
            Self::Netstat2 => "netstat2",
            Self::Floor => "floor",
            Self::Pslens => "pslens",
            Self::PslensPy => "pslens-py",
        }
    }
}

/// What a contender answered, reduced to what can be compared between contenders.
///
/// `rows` counts everything; `sums` are taken over the harness's own processes where there are any,
/// because the rest of the machine comes and goes.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    pub rows: u64,
    #[serde(default)]
    pub sums: BTreeMap<String, f64>,
}

impl Answer {
    pub fn rows(rows: usize) -> Self {
        Self {
            rows: rows as u64,
            sums: BTreeMap::new(),
        }
    }

    pub fn with(mut self, key: &str, sum: f64) -> Self {
        self.sums.insert(key.to_owned(), sum);
        self
    }
}

/// One way of doing the work of a row.
pub trait Contender {
    /// Does the work once and reduces the answer. Not timed.
    fn answer(&mut self) -> Result<Answer>;
    /// Does the work `repetitions` times, dropping each answer, and says how long that took.
    fn time(&mut self, repetitions: u32) -> Result<Duration>;
}

struct Native<C, D> {
    call: C,
    digest: D,
}

impl<T, C: FnMut() -> Result<T>, D: Fn(&T) -> Answer> Contender for Native<C, D> {
    fn answer(&mut self) -> Result<Answer> {
        Ok((self.digest)(&(self.call)()?))
    }

    fn time(&mut self, repetitions: u32) -> Result<Duration> {
        let start = Instant::now();
        for _ in 0..repetitions {
            // The answer is owned and its release counts: the caller pays for both.
            black_box((self.call)()?);
        }
        Ok(start.elapsed())
    }
}

/// A contender from a function that does the work and one that reduces its answer.
pub fn native<'a, T: 'a>(
    call: impl FnMut() -> Result<T> + 'a,
    digest: impl Fn(&T) -> Answer + 'a,
) -> Box<dyn Contender + 'a> {
    Box::new(Native { call, digest })
}

struct SelfTimed<F> {
    once: F,
}

impl<F: FnMut() -> Result<(Duration, Answer)>> Contender for SelfTimed<F> {
    fn answer(&mut self) -> Result<Answer> {
        Ok((self.once)()?.1)
    }

    fn time(&mut self, repetitions: u32) -> Result<Duration> {
        let mut total = Duration::ZERO;
        for _ in 0..repetitions {
            total += (self.once)()?.0;
        }
        Ok(total)
    }
}

/// A contender that knows itself how long the part that counts took (latency, processor time).
pub fn self_timed<'a>(
    once: impl FnMut() -> Result<(Duration, Answer)> + 'a,
) -> Box<dyn Contender + 'a> {
    Box::new(SelfTimed { once })
}

/// What "the same answer" means for a row.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// Rows may differ by this share and three: the machine's other processes come and go.
    pub rows: f64,
    /// `(key, share)`: sums that may differ by a share; all others must be equal.
    pub sums: &'static [(&'static str, f64)],
}

impl Tolerance {
    pub const EXACT: Self = Self {
        rows: 0.0,
        sums: &[],
    };
}

/// The most that one of ours may cost, as a multiple of what another one costs.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Budget {
    pub ours: Who,
    pub rival: Who,
    /// None: only to be reported.
    pub most: Option<f64>,
}

/// One row of the table.
pub struct Row<'a> {
    pub name: &'static str,
    /// The size the work was done at, 0 where it has none.
    pub size: u64,
    pub budgets: Vec<Budget>,
    pub tolerance: Tolerance,
    /// Repetitions within a round: fixed (rows that wait), or found by trying.
    pub fixed_repetitions: Option<u32>,
    pub max_rounds: Option<u32>,
    pub contenders: Vec<(Who, Box<dyn Contender + 'a>)>,
    /// What a contender leaves out or adds, for the notes under the table.
    pub notes: Vec<String>,
}

/// Minimum and median over the rounds, in nanoseconds per call.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Timing {
    pub minimum_ns: f64,
    pub median_ns: f64,
    pub repetitions: u32,
    pub rounds: Vec<f64>,
}

/// How a budget was kept.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Comparison {
    #[serde(flatten)]
    pub budget: Budget,
    /// Ratio of the minima.
    pub minima: f64,
    /// Median of the ratios within the rounds: what ran within the same second, so that a busy
    /// neighbour meets both.
    pub paired: f64,
    pub verdict: Option<&'static str>,
}

impl Comparison {
    fn new(budget: Budget, ours: &Timing, rival: &Timing) -> Self {
        let minima = ours.minimum_ns / rival.minimum_ns;
        let ratios = ours
            .rounds
            .iter()
            .zip(&rival.rounds)
            .map(|(ours, rival)| ours / rival)
            .collect();
        let paired = timing(ratios, 1).median_ns;
        let verdict = budget
            .most
            .map(|most| match (minima <= most, paired <= most) {
                (true, true) => "ok",
                (false, false) => "over",
                _ => "unsure",
            });
        Self {
            budget,
            minima,
            paired,
            verdict,
        }
    }
}

/// A measured row.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Measured {
    pub row: String,
    pub size: u64,
    pub contenders: BTreeMap<&'static str, Timing>,
    pub answers: BTreeMap<&'static str, Answer>,
    pub comparisons: Vec<Comparison>,
    pub notes: Vec<String>,
}

/// How long one contender should run in one round.
const SLICE: Duration = Duration::from_millis(20);

/// Compares the answers, then measures.
pub fn measure(mut row: Row<'_>, rounds: u32, slice_divisor: u32) -> Result<Measured> {
    let answers = check_answers(&mut row)?;
    let slice = SLICE / slice_divisor;
    let repetitions = match row.fixed_repetitions {
        Some(fixed) => vec![fixed; row.contenders.len()],
        None => row
            .contenders
            .iter_mut()
            .map(|(who, contender)| {
                adapt(contender.as_mut(), slice)
                    .with_context(|| format!("{}: {}", row.name, who.name()))
            })
            .collect::<Result<_>>()?,
    };
    let rounds = row
        .max_rounds
        .map_or(rounds, |most| rounds.min(most))
        .max(1);
    let count = row.contenders.len();
    let mut samples = vec![Vec::with_capacity(rounds as usize); count];
    for round in 0..rounds as usize {
        for turn in 0..count {
            // Rotate who begins and, every other round, the direction: whoever runs after a
            // contender that leaves cold caches or a busy kernel behind is not always the same.
            let position = if round % 2 == 0 {
                turn
            } else {
                count - 1 - turn
            };
            let index = (position + round / 2) % count;
            let (who, contender) = &mut row.contenders[index];
            let elapsed = contender
                .time(repetitions[index])
                .with_context(|| format!("{}: {}", row.name, who.name()))?;
            samples[index].push(elapsed.as_nanos() as f64 / f64::from(repetitions[index]));
        }
    }

    let contenders: BTreeMap<_, _> = row
        .contenders
        .iter()
        .zip(samples.into_iter().zip(repetitions))
        .map(|((who, _), (rounds, repetitions))| (who.name(), timing(rounds, repetitions)))
        .collect();
    let comparisons = row
        .budgets
        .iter()
        .filter_map(|budget| {
            let ours = contenders.get(budget.ours.name())?;
            let rival = contenders.get(budget.rival.name())?;
            Some(Comparison::new(*budget, ours, rival))
        })
        .collect();
    // Somebody else's processes are in every table; said where they are the greater part.
    if let Some(others) = answers
        .get(Who::Floor.name())
        .and_then(|answer| answer.sums.get("others"))
        && *others > row.size as f64 * 1.5
    {
        row.notes
            .push(format!("{others} other processes beside the {}", row.size));
    }
    Ok(Measured {
        row: row.name.to_owned(),
        size: row.size,
        contenders,
        answers,
        comparisons,
        notes: row.notes,
    })
}

pub fn timing(rounds: Vec<f64>, repetitions: u32) -> Timing {
    let mut sorted = rounds.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    };
    Timing {
        minimum_ns: sorted[0],
        median_ns: median,
        repetitions,
        rounds,
    }
}

/// Finds how many repetitions fill a slice.
fn adapt(contender: &mut dyn Contender, slice: Duration) -> Result<u32> {
    let mut repetitions = 1_u32;
    loop {
        let elapsed = contender.time(repetitions)?;
        if elapsed >= slice / 2 || repetitions >= 1 << 20 {
            let ratio = slice.as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
            return Ok(((f64::from(repetitions) * ratio) as u32).max(1));
        }
        repetitions = repetitions.saturating_mul(if elapsed < slice / 20 { 8 } else { 2 });
    }
}

/// Asks every contender for its answer and refuses to measure different work.
fn check_answers(row: &mut Row<'_>) -> Result<BTreeMap<&'static str, Answer>> {
    let mut answers = BTreeMap::new();
    for (who, contender) in &mut row.contenders {
        let answer = contender
            .answer()
            .with_context(|| format!("{}: {}", row.name, who.name()))?;
        answers.insert(who.name(), answer);
    }
    // Some rows only Python has; they have no floor.
    let by = [Who::Floor, Who::Psutil]
        .into_iter()
        .map(Who::name)
        .find(|who| answers.contains_key(who))
        .or_else(|| answers.keys().next().copied())
        .with_context(|| format!("{}: nobody takes part", row.name))?;
    let reference = answers[by].clone();
    for (who, answer) in &answers {
        let allowed = if row.tolerance.rows > 0.0 {
            (reference.rows as f64 * row.tolerance.rows) + 3.0
        } else {
            0.0
        };
        if reference.rows.abs_diff(answer.rows) as f64 > allowed {
            bail!(
                "{} at {}: {who} returned {} rows and {by} {}",
                row.name,
                row.size,
                answer.rows,
                reference.rows
            );
        }
        for (key, value) in &answer.sums {
            let Some(expected) = reference.sums.get(key) else {
                bail!("{}: {by} has no sum called {key}", row.name);
            };
            let share = row
                .tolerance
                .sums
                .iter()
                .find(|(name, _)| name == key)
                .map_or(0.0, |(_, share)| *share);
            // Written so that "no value" (NaN) is a disagreement.
            let agree = (expected - value).abs() <= share * expected.abs().max(value.abs()) + 1e-9;
            if !agree {
                bail!(
                    "{} at {}: {who} and {by} disagree on the sum of {key}: {value} and {expected}",
                    row.name,
                    row.size
                );
            }
        }
    }
    Ok(answers)
}

//! Replays every seed, and deterministic mutations of each, through every target, on stable Rust.
//!
//! `smoke [N]`: N mutations of each seed (default 2000). The same binary does the same thing every
//! time: a failure is reproduced by running it again, and its input is written to `fuzz/artifacts/`.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use pslens_fuzz::{Target, targets};

/// Seeds that every parser gets.
const HOSTILE: &[&[u8]] = &[
    b"",
    b"\n",
    b"\n\n\n",
    b" ",
    b"\0",
    b"\0\0\0",
    b":",
    b"=",
    b"\t",
    b"\\",
    b"\\01",
    b"-",
    b"-1",
    b"0",
    b"99999999999999999999999999",
    b"\xff\xfe\xfd",
    b"(",
    b")",
    b"1 (",
    b"1 () ",
    b"cpu",
    b"cpu0",
    b"a:\n b:\n",
    b"Uid:\t0\t0\t0\t0\n",
];

/// What a mutation likes to insert: separators, ends of ranges, things that parsers look for.
const TOKENS: &[&[u8]] = &[
    b"\n",
    b" ",
    b"\t",
    b":",
    b"\0",
    b"(",
    b")",
    b"\\",
    b"\\040",
    b"-",
    b"-1",
    b"0",
    b"4294967296",
    b"18446744073709551615",
    b"18446744073709551616",
    b"340282366920938463463374607431768211456",
    b"0x",
    b"\xff",
    b"\xc3\x28",
    b" (deleted)",
    b" kB",
    b"\n\n",
    b"cpu",
];

/// Larger seeds are cut: a mutation of a megabyte costs more than it finds.
const LARGEST: usize = 64 * 1024;

fn main() -> ExitCode {
    let mutations: u64 = match std::env::args().nth(1).map(|arg| arg.parse()) {
        None => 2000,
        Some(Ok(number)) => number,
        Some(Err(error)) => {
            eprintln!("smoke: the number of mutations: {error}");
            return ExitCode::FAILURE;
        }
    };
    let start = Instant::now();
    let mut inputs = 0_u64;
    let mut failures = 0_u64;
    for target in targets() {
        let seeds = seeds(target);
        for (name, seed) in &seeds {
            inputs += 1;
            if failed(target, name, seed) {
                failures += 1;
                continue;
            }
            let mut random = Random::new(target.name, name);
            let small = seed.get(..LARGEST).unwrap_or(seed);
            // Large seeds get fewer mutations, so that every kilobyte is treated alike.
            let rounds = mutations * 4096 / u64::try_from(small.len().max(4096)).unwrap_or(4096);
            for _ in 0..rounds.max(mutations / 10) {
                inputs += 1;
                let input = mutated(small, &mut random);
                if failed(target, name, &input) {
                    failures += 1;
                    break;
                }
            }
        }
    }
    println!(
        "fuzz-smoke: {} targets, {inputs} inputs, {failures} failures, {:.1} s",
        targets().count(),
        start.elapsed().as_secs_f64()
    );
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn failed(target: &Target, seed: &str, input: &[u8]) -> bool {
    let run = target.run;
    if catch_unwind(|| run(input)).is_ok() {
        return false;
    }
    let folder = here().join("artifacts");
    let file = folder.join(format!("{}-{}", target.name, seed.replace('/', "_")));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    eprintln!(
        "fuzz-smoke: {} failed on a mutation of {seed}; input {} ({written:?})",
        target.name,
        file.display()
    );
    true
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The seeds of a target, with names that do not depend on the machine.
fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = HOSTILE
        .iter()
        .enumerate()
        .map(|(index, bytes)| (format!("hostile{index}"), bytes.to_vec()))
        .collect();
    let mut files = listed(&here().join("seeds").join(target.name));
    for machine in listed(&here().join("../fixtures/linux")) {
        for pattern in target.fixtures {
            matching(&machine, pattern, &mut files);
        }
    }
    for file in files.into_iter().filter(|file| file.is_file()) {
        let name = file.strip_prefix(here()).unwrap_or(&file);
        let name = name.strip_prefix("..").unwrap_or(name);
        match fs::read(&file) {
            Ok(bytes) => seeds.push((name.display().to_string(), bytes)),
            Err(error) => eprintln!("fuzz-smoke: {}: {error}", file.display()),
        }
    }
    seeds
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}

fn matching(folder: &Path, pattern: &str, found: &mut Vec<PathBuf>) {
    let (first, rest) = match pattern.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (pattern, None),
    };
    for path in listed(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let same = match first.split_once('*') {
            Some((before, after)) => name.starts_with(before) && name.ends_with(after),
            None => name == first,
        };
        match rest {
            Some(rest) if same => matching(&path, rest, found),
            None if same => found.push(path),
            _ => {}
        }
    }
}

/// A xorshift generator: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(target: &str, seed: &str) -> Self {
        // FNV-1a of the names, so that a new seed does not change the mutations of the others.
        let hash = target
            .bytes()
            .chain(seed.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self(hash | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % limit.max(1)
    }
}

fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(40)).min(bytes.len());
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(random.below(256)).unwrap_or(0);
                }
            }
            4 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            5 => {
                let token = TOKENS[random.below(TOKENS.len())];
                bytes.splice(at..end, token.iter().copied());
            }
            _ => {
                let token = TOKENS[random.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
    bytes
}

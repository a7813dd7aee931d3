//! `/proc/cpuinfo`: what each CPU is. Every architecture has its own form; this reads what they share.
//!
//! Format (kernel `arch/*/kernel/{cpu/proc,setup,processor}.c`): lines `key<blanks>: value`, sections
//! separated by empty lines. The number of a CPU is `processor` (`cpu number` on s390x); its speed is
//! `cpu MHz` (x86), `clock` (ppc, with a suffix `MHz`) or `cpu MHz dynamic` (s390x). Sections without
//! a number describe the machine and are not rows. The file comes in pieces: read until the end.

use crate::error::{ParseError, Problem};
use crate::scan::{Scan, trim};

const SOURCE: &str = "/proc/cpuinfo";

/// One CPU that is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row {
    /// `processor`, `cpu number`: the CPU's number.
    pub processor: u32,
    /// `cpu MHz`, `clock`, `cpu MHz dynamic`: the current speed in Hz. Missing on most ARM boards.
    pub hz: Option<u64>,
    /// `physical id`: the package (socket). x86.
    pub physical_id: Option<u32>,
    /// `core id`: the core within its package. x86, s390x.
    pub core_id: Option<u32>,
    /// `cpu cores`: cores in this package. x86, s390x.
    pub cpu_cores: Option<u32>,
    /// `siblings`: CPUs in this package. x86.
    pub siblings: Option<u32>,
}

/// The CPUs that are online, in the order of the file.
///
/// A speed or a topology number that is not a number is left out, its CPU is still there: boot code
/// and hypervisors put odd things here.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    // A heading that has been read already, where no empty line separates two CPUs.
    let mut next: Option<u32> = None;
    core::iter::from_fn(move || {
        let mut row = next.take().map(|processor| Row {
            processor,
            ..Row::default()
        });
        loop {
            let Some(mut line) = scan.line() else {
                return row.map(Ok);
            };
            if trim(line.rest()).is_empty() {
                if row.is_some() {
                    return row.map(Ok);
                }
                continue;
            }
            let key = trim(line.until(b':'));
            line.skip_blanks();
            if is_number_of_cpu(key) {
                // Old ARM kernels open with "Processor : ARMv7 ...", which is a name.
                if !line.rest().first().is_some_and(u8::is_ascii_digit) {
                    continue;
                }
                let processor = match line.number("processor") {
                    Ok(processor) => processor,
                    Err(error) => return Some(Err(error)),
                };
                match &row {
                    None => {
                        row = Some(Row {
                            processor,
                            ..Row::default()
                        });
                    }
                    Some(_) => {
                        next = Some(processor);
                        return row.map(Ok);
                    }
                }
                continue;
            }
            let Some(row) = &mut row else { continue };
            match key {
                b"cpu MHz" | b"clock" | b"cpu MHz dynamic" => row.hz = hz(&mut line).ok(),
                b"physical id" => row.physical_id = line.number("physical id").ok(),
                b"core id" => row.core_id = line.number("core id").ok(),
                b"cpu cores" => row.cpu_cores = line.number("cpu cores").ok(),
                b"siblings" => row.siblings = line.number("siblings").ok(),
                _ => {}
            }
        }
    })
}

fn is_number_of_cpu(key: &[u8]) -> bool {
    key.eq_ignore_ascii_case(b"processor") || key == b"cpu number"
}

/// `2596.126`, `2300.000000MHz`, `5200`: millions with at most six decimals that count.
fn hz(line: &mut Scan<'_>) -> Result<u64, ParseError> {
    let whole: u64 = line.number("cpu MHz")?;
    let mut value = whole.checked_mul(1_000_000);
    if line.eat(b'.') {
        let mut weight = 100_000_u64;
        while let Some(digit) = line.rest().first().filter(|b| b.is_ascii_digit()) {
            let part = u64::from(digit.wrapping_sub(b'0')).saturating_mul(weight);
            value = value.and_then(|value| value.checked_add(part));
            weight = weight.checked_div(10).unwrap_or(0);
            line.skip(1);
        }
    }
    value.ok_or_else(|| line.error("cpu MHz", Problem::OutOfRange))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: &[Option<Row>]) {
        let got: Vec<_> = rows(input.as_bytes()).map(Result::ok).collect();
        assert_eq!(got, expect, "{input:?}");
    }

    fn cpu(processor: u32, hz: Option<u64>) -> Row {
        Row {
            processor,
            hz,
            ..Row::default()
        }
    }

    #[test]
    fn x86() {
        let row = Row {
            processor: 0,
            hz: Some(2_596_126_000),
            physical_id: Some(1),
            core_id: Some(3),
            cpu_cores: Some(8),
            siblings: Some(16),
        };
        check(
            "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: A : cpu MHz\ncpu MHz\t\t: 2596.126\n\
             physical id\t: 1\nsiblings\t: 16\ncore id\t\t: 3\ncpu cores\t: 8\npower management:\n\n\
             processor\t: 12\ncpu MHz\t\t: unknown\n\n",
            &[Some(row), Some(cpu(12, None))],
        );
    }

    #[test]
    fn ppc_s390x_and_arm() {
        check(
            "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2300.000000MHz\nrevision\t: 2.2\n\n\
             processor\t: 1\nclock\t\t: 2300.5MHz\n\ntimebase\t: 512000000\nplatform\t: PowerNV\n",
            &[
                Some(cpu(0, Some(2_300_000_000))),
                Some(cpu(1, Some(2_300_500_000))),
            ],
        );
        check(
            "vendor_id       : IBM/S390\n# processors    : 2\nbogomips per cpu: 21881.00\nmax thread id   : 0\n\
             processor 0: version = 00,  identification = 1A2B3C,  machine = 3931\n\
             processor 1: version = 00,  identification = 1A2B3C,  machine = 3931\n\n\
             cpu number      : 0\nphysical id     : 2\ncore id         : 0\ncpu cores       : 4\n\
             cpu MHz dynamic : 5200\ncpu MHz static  : 5000\n\ncpu number      : 1\ncpu MHz dynamic : 5100\n\
             cpu MHz static  : 5000\n\n",
            &[
                Some(Row {
                    physical_id: Some(2),
                    core_id: Some(0),
                    cpu_cores: Some(4),
                    ..cpu(0, Some(5_200_000_000))
                }),
                Some(cpu(1, Some(5_100_000_000))),
            ],
        );
        // ARM, before and since 3.8: the name of the processor is not a CPU.
        check(
            "Processor\t: ARMv7 Processor rev 10 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 790.52\n\nprocessor\t: 1\n\n\
             Features\t: swp half\nHardware\t: Freescale\nRevision\t: 0000\n",
            &[Some(cpu(0, None)), Some(cpu(1, None))],
        );
        check(
            "processor\t: 0\nmodel name\t: ARMv7\n\nprocessor\t: 1\nmodel name\t: ARMv7\n",
            &[Some(cpu(0, None)), Some(cpu(1, None))],
        );
    }

    #[test]
    fn odd_sections() {
        check("", &[]);
        check("\n\ncpu MHz : 1.5\n\n", &[]);
        // No empty line between them.
        check(
            "processor: 4\nprocessor: 5\ncpu MHz: 1",
            &[Some(cpu(4, None)), Some(cpu(5, Some(1_000_000)))],
        );
        check(
            "processor: 4294967296\n\nprocessor: 1\n",
            &[None, Some(cpu(1, None))],
        );
        check(
            "processor: 0\ncpu MHz: 99999999999999999999\n",
            &[Some(cpu(0, None))],
        );
        check(
            "processor: 0\ncpu MHz: 1.0000009999\n",
            &[Some(cpu(0, Some(1_000_000)))],
        );
    }

    proptest! {
        #[test]
        fn cpuinfo_round_trips(cpus in proptest::collection::vec((any::<u32>(), 0_u64..10_000_000, any::<u32>(), any::<u32>()), 0..20)) {
            let text: String = cpus
                .iter()
                .map(|(processor, khz, physical, cores)| format!(
                    "processor\t: {processor}\nvendor_id\t: X\ncpu MHz\t\t: {}.{:03}\nphysical id\t: {physical}\ncpu cores\t: {cores}\n\n",
                    khz / 1000, khz % 1000
                ))
                .collect();
            let got: Vec<_> = rows(text.as_bytes()).map(Result::unwrap).collect();
            let expect: Vec<_> = cpus
                .iter()
                .map(|&(processor, khz, physical, cores)| Row {
                    processor,
                    hz: Some(khz * 1000),
                    physical_id: Some(physical),
                    cpu_cores: Some(cores),
                    ..Row::default()
                })
                .collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn cpuinfo_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&input).count();
            let text = [b"processor: 0\ncpu MHz: ".as_slice(), &input].concat();
            let _ = rows(&text).count();
        }
    }
}

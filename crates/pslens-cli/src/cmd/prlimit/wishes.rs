//! The options of the resources: a line of [`KINDS`] each, and what is wished of them.

use clap::{Arg, ArgMatches};
use pslens::process::{Limit, Resource};

/// What is known about a resource besides its limits.
#[derive(Debug, PartialEq)]
pub(super) struct Kind {
    pub(super) resource: Resource,
    short: char,
    long: &'static str,
    pub(super) description: &'static str,
    pub(super) units: Option<&'static str>,
}

const fn kind(
    resource: Resource,
    short: char,
    long: &'static str,
    description: &'static str,
    units: &'static str,
) -> Kind {
    Kind {
        resource,
        short,
        long,
        description,
        units: if units.is_empty() { None } else { Some(units) },
    }
}

#[rustfmt::skip]
pub(super) static KINDS: [Kind; 16] = [
    kind(Resource::As, 'v', "as", "address space", "bytes"),
    kind(Resource::Core, 'c', "core", "size of a core dump", "bytes"),
    kind(Resource::Cpu, 't', "cpu", "CPU time", "seconds"),
    kind(Resource::Data, 'd', "data", "data segment", "bytes"),
    kind(Resource::Fsize, 'f', "fsize", "size of a file that is written", "bytes"),
    kind(Resource::Locks, 'x', "locks", "file locks", "locks"),
    kind(Resource::Memlock, 'l', "memlock", "locked memory", "bytes"),
    kind(Resource::Msgqueue, 'q', "msgqueue", "POSIX message queues", "bytes"),
    kind(Resource::Nice, 'e', "nice", "niceness, as 20 minus the lowest", ""),
    kind(Resource::Nofile, 'n', "nofile", "open files", "files"),
    kind(Resource::Nproc, 'u', "nproc", "processes and threads of the user", "processes"),
    kind(Resource::Rss, 'm', "rss", "resident memory", "bytes"),
    kind(Resource::Rtprio, 'r', "rtprio", "real-time priority", ""),
    kind(Resource::Rttime, 'y', "rttime", "real-time CPU time without a pause", "microsecs"),
    kind(Resource::Sigpending, 'i', "sigpending", "queued signals of the user", "signals"),
    kind(Resource::Stack, 's', "stack", "stack", "bytes"),
];

/// The option of a resource, and the limit that stands behind it without `=`.
pub(super) fn attached(word: &str) -> Option<(&str, &str)> {
    let letter = word.strip_prefix('-')?.chars().next()?;
    KINDS.iter().find(|kind| kind.short == letter)?;
    let (option, limit) = word.split_at_checked(2)?;
    (!limit.is_empty() && !limit.starts_with('=')).then_some((option, limit))
}

/// What is to be done about one resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wish {
    Show,
    /// What is missing stays as it is.
    Set(Option<Limit>, Option<Limit>),
}

fn wish(text: &str) -> std::result::Result<Wish, String> {
    let limit = |text: &str| match text {
        "" => Ok(None),
        // As the constant is called, and as psutil has it.
        "infinity" | "-1" => Ok(Some(Limit::Unlimited)),
        text => text.parse().map(Some),
    };
    let wish = match text.split_once(':') {
        _ if text.is_empty() => Ok(Wish::Show),
        Some((soft, hard)) => limit(soft).and_then(|soft| Ok(Wish::Set(soft, limit(hard)?))),
        None => limit(text).map(|both| Wish::Set(both, both)),
    };
    wish.ok()
        .filter(|wish| *wish != Wish::Set(None, None))
        .ok_or_else(|| {
            "accepted: LIMIT, SOFT:HARD, SOFT: or :HARD, each a whole number or unlimited"
                .to_owned()
        })
}

/// What was asked about resources. Descriptors and memory, which this program needs itself to go on, come
/// last.
#[derive(Debug)]
pub(super) struct Wishes(pub(super) Vec<(&'static Kind, Wish)>);

impl clap::Args for Wishes {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(KINDS.iter().map(|kind| {
            let units = match kind.units {
                Some(units @ ("bytes" | "seconds" | "microsecs")) => format!(", in {units}"),
                _ => String::new(),
            };
            Arg::new(kind.resource.name())
                .short(kind.short)
                .long(kind.long)
                .value_name("LIMIT")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("")
                .value_parser(wish)
                .help(format!("{}{units}", kind.description))
                .help_heading("Resources")
        }))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Wishes {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let wished = KINDS.iter().filter_map(|kind| {
            let wish = matches.get_one::<Wish>(kind.resource.name())?;
            Some((kind, *wish))
        });
        let mut wished: Vec<_> = wished.collect();
        wished.sort_by_key(|(kind, _)| match kind.resource {
            Resource::Nofile => 2,
            Resource::As | Resource::Data => 1,
            _ => 0,
        });
        Ok(Self(wished))
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Wishes {
    pub(super) fn sets(&self) -> bool {
        self.0.iter().any(|(_, wish)| *wish != Wish::Show)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_is_there_in_order() {
        let resources: Vec<Resource> = KINDS.iter().map(|kind| kind.resource).collect();
        assert_eq!(resources, Resource::ALL);
        for kind in &KINDS {
            assert_eq!(kind.long.parse::<Resource>().unwrap(), kind.resource);
        }
    }

    #[test]
    fn limits_are_understood() {
        let at = |number| Some(Limit::At(number));
        assert_eq!(wish(""), Ok(Wish::Show));
        assert_eq!(wish("5"), Ok(Wish::Set(at(5), at(5))));
        assert_eq!(wish("5:"), Ok(Wish::Set(at(5), None)));
        assert_eq!(wish(":6"), Ok(Wish::Set(None, at(6))));
        let soft = wish("5:unlimited");
        assert_eq!(soft, Ok(Wish::Set(at(5), Some(Limit::Unlimited))));
        for unlimited in ["unlimited", "-1", "infinity"] {
            let both = Some(Limit::Unlimited);
            assert_eq!(wish(unlimited), Ok(Wish::Set(both, both)));
        }
        for wrong in [":", "x", "5:x", "1:2:3", "-2", "1.5", " 5", "5K"] {
            assert!(wish(wrong).is_err(), "{wrong}");
        }
    }
}

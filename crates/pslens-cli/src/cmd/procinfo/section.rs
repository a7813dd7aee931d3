//! The groups of what is known about a process.

use crate::spelling;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Identity,
    State,
    User,
    Cpu,
    Memory,
    Io,
    Files,
    Sockets,
    Threads,
    Limits,
    Environment,
    Maps,
}

impl Section {
    /// In the order in which they are shown.
    pub(super) const ALL: &[Self] = &[
        Self::Identity,
        Self::State,
        Self::User,
        Self::Cpu,
        Self::Memory,
        Self::Io,
        Self::Files,
        Self::Sockets,
        Self::Threads,
        Self::Limits,
        Self::Environment,
        Self::Maps,
    ];

    pub(super) const fn heading(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::State => "State",
            Self::User => "User",
            Self::Cpu => "CPU",
            Self::Memory => "Memory",
            Self::Io => "IO",
            Self::Files => "Files",
            Self::Sockets => "Sockets",
            Self::Threads => "Threads",
            Self::Limits => "Limits",
            Self::Environment => "Environment",
            Self::Maps => "Maps",
        }
    }

    fn name(self) -> String {
        self.heading().to_ascii_lowercase()
    }
}

pub(super) fn parse(typed: &str) -> Result<Section, String> {
    let mut all = Section::ALL.iter().copied();
    let found = all.find(|section| section.heading().eq_ignore_ascii_case(typed));
    found.ok_or_else(|| {
        let names: Vec<String> = Section::ALL.iter().map(|section| section.name()).collect();
        let typed = typed.to_ascii_lowercase();
        let meant = spelling::suggestion(&typed, names.iter().map(String::as_str));
        format!("no such section{meant} Accepted: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_name_in_any_case() {
        assert_eq!(parse("cpu"), Ok(Section::Cpu));
        assert_eq!(parse("IO"), Ok(Section::Io));
        assert_eq!(parse("Identity"), Ok(Section::Identity));
        let wrong = parse("memroy").unwrap_err();
        assert!(wrong.contains("did you mean 'memory'?"), "{wrong}");
        assert!(wrong.contains("Accepted: identity, state,"), "{wrong}");
    }
}

//! How a process ranks against others for input and output.

use std::fmt;

use crate::error::{Error, Result};

/// The input and output priority of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IoPriority {
    /// None was set: the kernel derives one from `nice`.
    None,
    /// Served first, always. 0 is the highest level, 7 the lowest.
    Realtime(IoLevel),
    /// Served by level.
    BestEffort(IoLevel),
    /// Served when nobody else wants the disk.
    Idle,
    /// Windows has no classes, but hints of which a disk may make something.
    Hint(IoHint),
}

/// How urgent input and output are on Windows (`IO_PRIORITY_HINT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IoHint {
    /// When nobody else wants the disk: defragmentation, indexing.
    #[doc(alias = "IOPRIO_VERYLOW")]
    VeryLow,
    /// After normal ones.
    #[doc(alias = "IOPRIO_LOW")]
    Low,
    /// What programs start with.
    #[doc(alias = "IOPRIO_NORMAL")]
    Normal,
    /// Before normal ones. Setting it needs a privilege.
    #[doc(alias = "IOPRIO_HIGH")]
    High,
    /// For the memory manager alone; cannot be set.
    Critical,
}

impl IoHint {
    /// All of them, by number.
    pub const ALL: [Self; 5] = [
        Self::VeryLow,
        Self::Low,
        Self::Normal,
        Self::High,
        Self::Critical,
    ];

    /// The system's number: 0 to 4.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        match self {
            Self::VeryLow => 0,
            Self::Low => 1,
            Self::Normal => 2,
            Self::High => 3,
            Self::Critical => 4,
        }
    }

    /// The hint with this number.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) above 4.
    pub fn from_raw(number: u8) -> Result<Self> {
        Self::ALL.get(usize::from(number)).copied().ok_or_else(|| {
            Error::invalid_argument(
                "process ionice",
                "hint",
                number,
                "0 (very low), 1 (low), 2 (normal), 3 (high), 4 (critical)",
            )
        })
    }

    /// `"very-low"`, `"low"`, `"normal"`, `"high"`, `"critical"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VeryLow => "very-low",
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A level within an I/O priority class: 0 (first) to 7 (last).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IoLevel(u8);

impl IoLevel {
    /// The level in the middle, which programs start with.
    pub const DEFAULT: Self = Self(4);

    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) above 7.
    pub fn new(level: u8) -> Result<Self> {
        if level > 7 {
            return Err(Error::invalid_argument(
                "process ionice",
                "level",
                level,
                "0 (highest) to 7 (lowest)",
            ));
        }
        Ok(Self(level))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl IoPriority {
    /// The number of the class: 0 none, 1 real-time, 2 best-effort, 3 idle; on Windows that of the hint.
    #[must_use]
    pub const fn class(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Realtime(_) => 1,
            Self::BestEffort(_) => 2,
            Self::Idle => 3,
            Self::Hint(hint) => hint.as_raw(),
        }
    }

    /// The level, where the class has levels.
    #[must_use]
    pub const fn level(self) -> Option<IoLevel> {
        match self {
            Self::Realtime(level) | Self::BestEffort(level) => Some(level),
            Self::None | Self::Idle | Self::Hint(_) => None,
        }
    }

    /// Builds a priority from psutil's two numbers.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for an unknown class, a level above 7, and a level where the
    /// class has none.
    pub fn from_class_and_level(class: u8, level: Option<u8>) -> Result<Self> {
        const OPERATION: &str = "process ionice";
        // Level 0 says nothing where there are no levels.
        let level = level.filter(|level| *level != 0 || matches!(class, 1 | 2));
        let given = level.map(IoLevel::new).transpose()?;
        match (class, given) {
            (0, None) => Ok(Self::None),
            (1, level) => Ok(Self::Realtime(level.unwrap_or(IoLevel::DEFAULT))),
            (2, level) => Ok(Self::BestEffort(level.unwrap_or(IoLevel::DEFAULT))),
            (3, None) => Ok(Self::Idle),
            (0 | 3, Some(level)) => Err(Error::invalid_argument(
                OPERATION,
                "level",
                level.get(),
                "no level for the classes none and idle",
            )),
            _ => Err(Error::invalid_argument(
                OPERATION,
                "class",
                class,
                "0 (none), 1 (real-time), 2 (best-effort), 3 (idle)",
            )),
        }
    }
}

impl fmt::Display for IoPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = match self {
            Self::None => "none",
            Self::Realtime(_) => "realtime",
            Self::BestEffort(_) => "best-effort",
            Self::Idle => "idle",
            Self::Hint(hint) => hint.as_str(),
        };
        match self.level() {
            Some(level) => write!(f, "{class}/{}", level.get()),
            None => f.write_str(class),
        }
    }
}

/// As psutil's record: `{"ioclass": 2, "value": 4}`.
#[cfg(feature = "serde")]
impl serde::Serialize for IoPriority {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut record = s.serialize_struct("IoPriority", 2)?;
        record.serialize_field("ioclass", &self.class())?;
        record.serialize_field("value", &self.level().map(IoLevel::get))?;
        record.end()
    }
}

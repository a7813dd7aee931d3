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
    /// The number of the class: 0 none, 1 real-time, 2 best-effort, 3 idle.
    #[must_use]
    pub const fn class(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Realtime(_) => 1,
            Self::BestEffort(_) => 2,
            Self::Idle => 3,
        }
    }

    /// The level, where the class has levels.
    #[must_use]
    pub const fn level(self) -> Option<IoLevel> {
        match self {
            Self::Realtime(level) | Self::BestEffort(level) => Some(level),
            Self::None | Self::Idle => None,
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

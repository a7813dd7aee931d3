//! Priority classes: what Windows has in place of nice values.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// How a process ranks against others for the CPUs. In order: what is greater comes first.
///
/// # Examples
/// ```
/// use pslens::os::windows::PriorityClass;
///
/// let class: PriorityClass = "below-normal".parse()?;
/// assert_eq!(class, PriorityClass::BelowNormal);
/// assert_eq!(class.as_raw(), 0x4000);
/// assert!(class < PriorityClass::Normal);
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriorityClass {
    /// When nobody else wants a CPU.
    #[doc(alias = "IDLE_PRIORITY_CLASS")]
    Idle,
    /// After normal ones.
    #[doc(alias = "BELOW_NORMAL_PRIORITY_CLASS")]
    BelowNormal,
    /// What programs start with.
    #[doc(alias = "NORMAL_PRIORITY_CLASS")]
    Normal,
    /// Before normal ones.
    #[doc(alias = "ABOVE_NORMAL_PRIORITY_CLASS")]
    AboveNormal,
    /// Before nearly everything else.
    #[doc(alias = "HIGH_PRIORITY_CLASS")]
    High,
    /// Before the system's own threads, also those of mouse, keyboard and disks. Setting it needs
    /// `SeIncreaseBasePriorityPrivilege`.
    #[doc(alias = "REALTIME_PRIORITY_CLASS")]
    Realtime,
}

impl PriorityClass {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Idle,
        Self::BelowNormal,
        Self::Normal,
        Self::AboveNormal,
        Self::High,
        Self::Realtime,
    ];

    /// The number of the API, which is what [`Process::nice`](crate::Process::nice) answers.
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        match self {
            Self::Idle => 0x40,
            Self::BelowNormal => 0x4000,
            Self::Normal => 0x20,
            Self::AboveNormal => 0x8000,
            Self::High => 0x80,
            Self::Realtime => 0x100,
        }
    }

    /// The class with this number.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for other numbers.
    pub fn from_raw(number: u32) -> Result<Self> {
        Self::known(number).ok_or_else(|| Self::refused("process priority_class", number))
    }

    pub(crate) fn known(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_raw() == number)
    }

    #[cold]
    pub(crate) fn refused(operation: &'static str, given: impl fmt::Display) -> Error {
        let accepted: Vec<_> = Self::ALL
            .iter()
            .map(|class| format!("{} ({class})", class.as_raw()))
            .collect();
        Error::invalid_argument(operation, "priority class", given, accepted.join(", "))
    }

    /// `"idle"`, `"below-normal"`, `"normal"`, `"above-normal"`, `"high"`, `"realtime"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::BelowNormal => "below-normal",
            Self::Normal => "normal",
            Self::AboveNormal => "above-normal",
            Self::High => "high",
            Self::Realtime => "realtime",
        }
    }
}

impl fmt::Display for PriorityClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for PriorityClass {
    type Err = Error;

    /// Accepts what `Display` writes, in upper or lower case, and the number.
    fn from_str(text: &str) -> Result<Self> {
        let lower = text.to_ascii_lowercase();
        let named = Self::ALL.into_iter().find(|class| class.as_str() == lower);
        named
            .or_else(|| Self::known(text.parse().ok()?))
            .ok_or_else(|| Self::refused("process priority_class", format_args!("'{text}'")))
    }
}

/// As its number, which is what psutil has.
#[cfg(feature = "serde")]
impl serde::Serialize for PriorityClass {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u32(self.as_raw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::System::Threading as api;

    #[test]
    fn numbers_are_those_of_the_api_and_names_are_read_back() {
        let numbers = [
            api::IDLE_PRIORITY_CLASS,
            api::BELOW_NORMAL_PRIORITY_CLASS,
            api::NORMAL_PRIORITY_CLASS,
            api::ABOVE_NORMAL_PRIORITY_CLASS,
            api::HIGH_PRIORITY_CLASS,
            api::REALTIME_PRIORITY_CLASS,
        ];
        for (class, number) in PriorityClass::ALL.into_iter().zip(numbers) {
            assert_eq!(class.as_raw(), number);
            assert_eq!(PriorityClass::from_raw(number).unwrap(), class);
            for text in [class.to_string().to_uppercase(), number.to_string()] {
                assert_eq!(text.parse::<PriorityClass>().unwrap(), class);
            }
        }
        assert!(PriorityClass::ALL.is_sorted());
        let message = "".parse::<PriorityClass>().unwrap_err().to_string();
        assert!(
            message.ends_with(
                "got ''; accepted: 64 (idle), 16384 (below-normal), 32 (normal), \
                 32768 (above-normal), 128 (high), 256 (realtime)"
            ),
            "{message}"
        );
        assert!(PriorityClass::from_raw(0).is_err());
    }
}

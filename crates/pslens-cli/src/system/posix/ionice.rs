//! Classes and levels of I/O priority.

use pslens::process::IoPriority;

use crate::exit::Result;
use crate::output;
use crate::spelling;

/// By their numbers.
const CLASSES: [&str; 4] = ["none", "realtime", "best-effort", "idle"];

/// What is asked for by users who do not say what: the class of programs that are started without one.
pub(crate) fn usual() -> Result<IoPriority> {
    Ok(IoPriority::from_class_and_level(2, None)?)
}

/// The number of a class by its name or number.
pub(crate) fn class(text: &str) -> std::result::Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    (0..)
        .zip(CLASSES)
        .find(|(number, name)| lower == *name || text == number.to_string())
        .map(|(number, _)| number)
        .ok_or_else(|| {
            let meant = spelling::suggestion(&lower, CLASSES);
            format!(
                "no such class{meant} Accepted: {}, or 0 to 3",
                CLASSES.join(", ")
            )
        })
}

/// What was asked for; a level without a class is one of best-effort.
pub(crate) fn wish(class: Option<u8>, level: Option<u8>) -> Result<Option<IoPriority>> {
    let (class, level) = match (class, level) {
        (None, None) => return Ok(None),
        (None, level) => (2, level),
        (Some(class @ (0 | 3)), Some(_)) => {
            let name = CLASSES.get(usize::from(class)).copied().unwrap_or_default();
            output::note(&format!(
                "ionice: the class {name} has no levels; -n is ignored"
            ));
            (class, None)
        }
        (Some(class), level) => (class, level),
    };
    Ok(Some(IoPriority::from_class_and_level(class, level)?))
}

/// As ionice(1) has it.
pub(crate) fn written(priority: IoPriority) -> String {
    let class = CLASSES.get(usize::from(priority.class())).copied();
    let class = class.unwrap_or_default();
    match (priority, priority.level()) {
        (IoPriority::Idle, _) => class.to_owned(),
        (_, level) => format!("{class}: prio {}", level.map_or(0, |level| level.get())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_names_and_numbers() {
        assert_eq!(class("idle"), Ok(3));
        assert_eq!(class("Best-Effort"), Ok(2));
        assert_eq!(class("0"), Ok(0));
        assert!(class("4").unwrap_err().contains("Accepted: none, realtime"));
        assert!(class("bestefort").unwrap_err().contains("'best-effort'"));
    }

    #[test]
    fn priorities_read_as_in_the_original() {
        let check = |class, level, expect: &str| {
            let priority = IoPriority::from_class_and_level(class, level).unwrap();
            assert_eq!(written(priority), expect);
        };
        check(0, None, "none: prio 0");
        check(1, Some(0), "realtime: prio 0");
        check(2, None, "best-effort: prio 4");
        check(3, None, "idle");
    }
}

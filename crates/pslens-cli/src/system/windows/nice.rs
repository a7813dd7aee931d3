//! Priority classes, which Windows has in place of niceness.

use std::cmp::Ordering;

use pslens::os::windows::PriorityClass;

use crate::output::Cell;
use crate::spelling;

/// Understands what `--to` sets: the name of a class, or its number.
pub(crate) fn parse(text: &str) -> Result<i32, String> {
    let class = text.parse::<PriorityClass>().map_err(|_| {
        let names = PriorityClass::ALL.map(PriorityClass::as_str);
        let meant = spelling::suggestion(&text.to_ascii_lowercase(), names);
        format!(
            "no such priority class{meant} Accepted: {}, or psutil's numbers of them",
            names.join(", ")
        )
    })?;
    Ok(number(class))
}

/// What is so much nicer. Classes are taken for the middles of ranges of niceness.
pub(crate) fn changed(former: i32, by: i32) -> i32 {
    let nice = match class(former) {
        Some(PriorityClass::Idle) => 16,
        Some(PriorityClass::BelowNormal) => 8,
        Some(PriorityClass::AboveNormal) => -8,
        Some(PriorityClass::High) => -16,
        Some(PriorityClass::Realtime) => -20,
        _ => 0,
    };
    number(match nice + by {
        12.. => PriorityClass::Idle,
        4.. => PriorityClass::BelowNormal,
        -3.. => PriorityClass::Normal,
        -11.. => PriorityClass::AboveNormal,
        -19.. => PriorityClass::High,
        _ => PriorityClass::Realtime,
    })
}

/// A step of `top` up or down: to the next class.
pub(crate) fn stepped(former: i32, step: i32) -> i32 {
    // Never to real time, in which a process can keep the machine from doing anything else.
    let classes = &PriorityClass::ALL[..5];
    let found = classes.iter().position(|class| number(*class) == former);
    let next = found.map(|at| match step.signum() {
        1 => at.saturating_sub(1),
        -1 => at + 1,
        _ => at,
    });
    let next = next.and_then(|next| classes.get(next).copied());
    next.map_or(former, number)
}

/// Ahead of usual processes (less nice), or behind.
pub(crate) fn compare(nice: i32) -> Ordering {
    class(nice).map_or(Ordering::Equal, |class| PriorityClass::Normal.cmp(&class))
}

/// In tables.
pub(crate) fn cell(nice: i32) -> Cell<'static> {
    class(nice).map_or(Cell::Number(nice.into()), |class| {
        Cell::word(class.as_str())
    })
}

/// The name of the class.
pub(crate) fn written(nice: i32) -> String {
    class(nice).map_or_else(|| nice.to_string(), |class| class.to_string())
}

fn class(nice: i32) -> Option<PriorityClass> {
    PriorityClass::from_raw(u32::try_from(nice).ok()?).ok()
}

fn number(class: PriorityClass) -> i32 {
    // They have nine or more bits less than that.
    class.as_raw().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_names_and_numbers() {
        assert_eq!(parse("below-normal"), Ok(0x4000));
        assert_eq!(parse("16384"), Ok(0x4000));
        assert_eq!(written(0x4000), "below-normal");
        assert_eq!(written(-5), "-5");
        assert!(parse("belownormal").unwrap_err().contains("'below-normal'"));
        assert!(parse("10").unwrap_err().contains("Accepted: idle"));
    }

    #[test]
    fn steps_go_from_class_to_class_and_not_to_real_time() {
        let [idle, below, normal, above, high, realtime] = PriorityClass::ALL.map(number);
        assert_eq!((stepped(normal, 1), stepped(below, 1)), (below, idle));
        assert_eq!((stepped(idle, 1), stepped(above, -1)), (idle, high));
        assert_eq!((stepped(high, -1), stepped(realtime, 1)), (high, realtime));
        assert_eq!(compare(idle), Ordering::Greater);
        assert_eq!(compare(normal), Ordering::Equal);
        assert_eq!(compare(above), Ordering::Less);
    }

    #[test]
    fn ten_nicer_is_the_next_class() {
        let classes = PriorityClass::ALL.map(number);
        let [idle, below, normal, above, high, realtime] = classes;
        for class in classes {
            assert_eq!(changed(class, 0), class);
        }
        assert_eq!(changed(normal, 10), below);
        assert_eq!(changed(normal, 19), idle);
        assert_eq!(changed(idle, 40), idle);
        assert_eq!(changed(below, -10), normal);
        assert_eq!(changed(normal, -5), above);
        assert_eq!(changed(above, -5), high);
        assert_eq!(changed(normal, -20), realtime);
    }
}

//! Priority classes, which Windows has in place of niceness.

use pslens::os::windows::PriorityClass;

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
    let former = u32::try_from(former).ok().map(PriorityClass::from_raw);
    let nice = match former.and_then(Result::ok) {
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

/// The name of the class.
pub(crate) fn written(nice: i32) -> String {
    let class = u32::try_from(nice).ok().map(PriorityClass::from_raw);
    match class {
        Some(Ok(class)) => class.to_string(),
        _ => nice.to_string(),
    }
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

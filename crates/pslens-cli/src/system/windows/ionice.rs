//! Hints about I/O, which Windows has in place of classes.

use pslens::process::{IoHint, IoPriority};

use crate::exit::{Exit, Failure, Result};
use crate::spelling;

/// What programs start with.
pub(crate) fn usual() -> Result<IoPriority> {
    Ok(IoPriority::Hint(IoHint::Normal))
}

/// Those that may be set. There is also a critical one, which Windows keeps to itself.
const SETTABLE: [IoHint; 4] = [IoHint::VeryLow, IoHint::Low, IoHint::Normal, IoHint::High];

/// The number of a hint by its name or number.
pub(crate) fn class(text: &str) -> std::result::Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    let hint = SETTABLE
        .into_iter()
        .find(|hint| lower == hint.as_str() || text == hint.as_raw().to_string());
    hint.map(IoHint::as_raw).ok_or_else(|| {
        let names = SETTABLE.map(IoHint::as_str);
        let meant = spelling::suggestion(&lower, names);
        format!(
            "no such hint{meant} Accepted: {}, or 0 to 3",
            names.join(", ")
        )
    })
}

/// What was asked for.
pub(crate) fn wish(class: Option<u8>, level: Option<u8>) -> Result<Option<IoPriority>> {
    if level.is_some() {
        let message = "ionice: Windows has no levels; leave out -n, and choose with -c";
        return Err(Failure::message(Exit::Usage, message.to_owned()));
    }
    let hint = class.map(IoHint::from_raw).transpose()?;
    Ok(hint.map(IoPriority::Hint))
}

/// Its name.
pub(crate) fn written(priority: IoPriority) -> String {
    priority.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_have_names_and_numbers() {
        assert_eq!(class("Very-Low"), Ok(0));
        assert_eq!(class("3"), Ok(3));
        assert!(class("verylow").unwrap_err().contains("'very-low'"));
        let said = class("idle").unwrap_err();
        let accepted = "Accepted: very-low, low, normal, high, or 0 to 3";
        assert!(said.contains(accepted), "{said}");
        assert!(class("critical").is_err() && class("4").is_err());
        let low = wish(Some(1), None).unwrap().unwrap();
        assert_eq!(written(low), "low");
        assert!(wish(Some(1), Some(4)).is_err());
    }
}

//! What the terminal can show: how many colours, and which characters.

use std::ffi::OsString;

use ratatui::style::{Color, Modifier, Style};

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// None, or none are wanted.
    Plain,
    Sixteen,
    Indexed,
    True,
}

/// How things look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    pub(super) depth: Depth,
    /// The terminal understands UTF-8.
    pub(super) unicode: bool,
}

/// From calm to hot, for the terminals that have 256 colours.
const INDEXED: [u8; 8] = [35, 71, 107, 143, 179, 215, 209, 203];

impl Theme {
    /// What the environment says about the terminal; `colored` if colours are wanted at all.
    pub(super) fn detect(colored: bool, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &str| {
            let value = variable(name).unwrap_or_default();
            value.to_string_lossy().to_ascii_lowercase()
        };
        let term = text("TERM");
        let depth = if !colored || matches!(&*term, "" | "dumb" | "vt100") {
            Depth::Plain
        } else if matches!(&*text("COLORTERM"), "truecolor" | "24bit") || term.ends_with("direct") {
            Depth::True
        } else if term.contains("256") {
            Depth::Indexed
        } else {
            Depth::Sixteen
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(text);
        let locale = locale.iter().find(|locale| !locale.is_empty());
        Self {
            depth,
            unicode: locale.is_some_and(|it| it.contains("utf-8") || it.contains("utf8")),
        }
    }

    fn colour(self, colour: Color) -> Style {
        match self.depth {
            Depth::Plain => Style::new(),
            _ => Style::new().fg(colour),
        }
    }

    /// The names of meters.
    pub(super) fn label(self) -> Style {
        self.colour(Color::Cyan)
    }

    pub(super) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What matters less.
    pub(super) fn dim(self) -> Style {
        self.colour(Color::DarkGray)
    }

    /// The line with the names of the columns.
    pub(super) fn heading(self) -> Style {
        match self.depth {
            Depth::Plain => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().fg(Color::Black).bg(Color::Green),
        }
    }

    /// The column that the table is sorted by, the tab that is open.
    pub(super) fn chosen_heading(self) -> Style {
        match self.depth {
            Depth::Plain => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            _ => Style::new().fg(Color::Black).bg(Color::Cyan),
        }
    }

    /// The row that keys act on.
    pub(super) fn selected(self) -> Style {
        match self.depth {
            Depth::Plain => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().fg(Color::Black).bg(Color::Cyan),
        }
    }

    /// Something went wrong, or needs attention.
    pub(super) fn alarm(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Something was done.
    pub(super) fn done(self) -> Style {
        self.colour(Color::Green).add_modifier(Modifier::BOLD)
    }

    /// A share of 0 to 1: calm, busy, hot.
    pub(super) fn share(self, share: f64) -> Style {
        let share = share.clamp(0.0, 1.0);
        let step = |steps: usize| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and the number of steps"
            )]
            let step = (share * steps as f64) as usize;
            step.min(steps - 1)
        };
        self.colour(match self.depth {
            Depth::Plain => Color::Reset,
            Depth::Sixteen => [Color::Green, Color::Yellow, Color::Red][step(3)],
            Depth::Indexed => Color::Indexed(INDEXED[step(INDEXED.len())]),
            Depth::True => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between two bytes"
                )]
                let between = |calm: f64, hot: f64| (calm + (hot - calm) * share) as u8;
                Color::Rgb(between(70.0, 240.0), between(190.0, 80.0), 90)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &[(&str, &str)]) -> (Depth, bool) {
        let theme = Theme::detect(true, |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        });
        (theme.depth, theme.unicode)
    }

    #[test]
    fn the_environment_tells_what_the_terminal_can_do() {
        use Depth::{Indexed, Plain, Sixteen, True};
        let check = |variables: &[(&str, &str)], depth, unicode| {
            assert_eq!(detected(variables), (depth, unicode), "{variables:?}");
        };
        check(&[], Plain, false);
        check(&[("TERM", "linux"), ("LANG", "C")], Sixteen, false);
        check(
            &[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")],
            Indexed,
            true,
        );
        let truecolor = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
        check(&truecolor, True, false);
        // What is more special counts.
        let locale = [("TERM", "xterm"), ("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")];
        check(&locale, Sixteen, false);
        let unwanted = Theme::detect(false, |name| (name == "TERM").then(|| "xterm".into()));
        assert_eq!(unwanted.depth, Plain);
    }

    #[test]
    fn shares_beyond_their_ends_have_colours() {
        for depth in [Depth::Plain, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = Theme {
                depth,
                unicode: true,
            };
            for share in [-1.0, 0.0, 0.5, 1.0, 7.0, f64::NAN] {
                assert_eq!(theme.share(share).fg.is_some(), depth != Depth::Plain);
            }
        }
    }
}

//! What `ARCHITECTURE.md` promises is never done and no compiler looks for.

use std::path::Path;

use crate::sources::{self, Source};
use crate::step::Outcome;

/// A pattern, and where alone it may stand.
struct Rule {
    pattern: &'static str,
    promise: &'static str,
    allowed: fn(&Path) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        pattern: "[cfg(target_os",
        promise: "only src/sys/mod.rs, src/os and ffi know which system this is",
        allowed: knows_the_system,
    },
    Rule {
        pattern: "[cfg(not(target_os",
        promise: "only src/sys/mod.rs, src/os and ffi know which system this is",
        allowed: knows_the_system,
    },
    Rule {
        pattern: "[cfg(windows",
        promise: "only src/sys/mod.rs, src/os and ffi know which system this is",
        allowed: knows_the_system,
    },
    Rule {
        pattern: "[cfg(unix",
        promise: "only src/sys/mod.rs, src/os and ffi know which system this is",
        allowed: knows_the_system,
    },
    Rule {
        pattern: "unsafe {",
        promise: "unsafe code is in modules named ffi",
        allowed: is_ffi,
    },
    Rule {
        pattern: "thread::Builder::new()",
        promise: "one place starts a thread",
        allowed: |path| path.ends_with("src/disk/deadline.rs"),
    },
    Rule {
        pattern: "thread::spawn(",
        promise: "one place starts a thread",
        allowed: |path| path.ends_with("src/disk/deadline.rs"),
    },
    Rule {
        pattern: "CreateThread(",
        promise: "only questions to files of other processes have a thread that can be ended by force",
        allowed: |path| path.ends_with("sys/windows/ffi/questions.rs"),
    },
    Rule {
        pattern: "TerminateThread(",
        promise: "only questions to files of other processes have a thread that can be ended by force",
        allowed: |path| path.ends_with("sys/windows/ffi/questions.rs"),
    },
];

/// What would read the operating system without the library.
const READS: &[Rule] = &[
    Rule {
        pattern: "std::fs",
        promise: "the program reads nothing itself: ask the library",
        // It writes manual pages.
        allowed: |path| path.ends_with("cmd/manual.rs"),
    },
    Rule {
        pattern: "File::open",
        promise: "the program reads nothing itself: ask the library",
        allowed: |_| false,
    },
    Rule {
        pattern: "libc::",
        promise: "the program asks no kernel itself: ask the library",
        allowed: |_| false,
    },
    Rule {
        pattern: "rustix::",
        promise: "the program asks no kernel itself: ask the library",
        allowed: |_| false,
    },
];

pub(crate) fn check() -> Outcome {
    let mut broken = Vec::new();
    for (folder, rules) in [
        ("crates/pslens/src", RULES),
        ("crates/pslens-parse/src", RULES),
        ("crates/pslens-cli/src", READS),
    ] {
        for source in sources::under(folder)? {
            broken.extend(look(&source, rules));
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(broken.join("\n"))
}

/// The lines of a source that break a rule. Tests and documentation may do as they like.
fn look(source: &Source, rules: &[Rule]) -> Vec<String> {
    if source.path.file_stem().is_some_and(|stem| stem == "tests") {
        return Vec::new();
    }
    let code = source.text.split("#[cfg(test)]\nmod tests").next();
    let mut broken = Vec::new();
    for (number, line) in code.unwrap_or_default().lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for rule in rules {
            if line.contains(rule.pattern) && !(rule.allowed)(&source.path) {
                let path = source.path.display();
                broken.push(format!("{path}:{}: {}", number + 1, rule.promise));
            }
        }
    }
    broken
}

fn knows_the_system(path: &Path) -> bool {
    path.ends_with("src/sys/mod.rs") || is_ffi(path) || has_folder(path, "os")
}

fn is_ffi(path: &Path) -> bool {
    has_folder(path, "ffi") || path.file_stem().is_some_and(|stem| stem == "ffi")
}

fn has_folder(path: &Path, name: &str) -> bool {
    path.components().any(|part| part.as_os_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, lines: usize) {
        let source = Source {
            path: path.into(),
            text: text.into(),
        };
        assert_eq!(look(&source, RULES).len(), lines, "{path}: {text}");
    }

    #[test]
    fn rules_look_at_code_and_at_nothing_else() {
        let system = "#[cfg(target_os = \"linux\")]\nfn f() {}\n";
        check("crates/pslens/src/net.rs", system, 1);
        check("crates/pslens/src/sys/mod.rs", system, 0);
        check("crates/pslens/src/os/linux.rs", system, 0);
        check(
            "crates/pslens/src/net.rs",
            "/// # #[cfg(target_os = \"linux\")]\n",
            0,
        );
        let program = Source {
            path: "crates/pslens-cli/src/cmd/ps.rs".into(),
            text: "let text = std::fs::read(\"/proc/stat\");\n".into(),
        };
        assert_eq!(look(&program, READS).len(), 1);
        let its_tests = Source {
            path: "crates/pslens-cli/src/cmd/ps/tests.rs".into(),
            ..program
        };
        assert_eq!(look(&its_tests, READS).len(), 0);
        check("crates/pslens/src/sys/linux/ffi/x.rs", "unsafe {}\n", 0);
        check("crates/pslens/src/sys/linux/x.rs", "unsafe {}\n", 1);
        check(
            "crates/pslens/src/x.rs",
            "#[cfg(test)]\nmod tests {\nthread::spawn(f)\n}",
            0,
        );
        let thread = "unsafe { CreateThread(a, b, c, d, e, f) }\n";
        check("crates/pslens/src/sys/windows/ffi/wait.rs", thread, 1);
        check("crates/pslens/src/sys/windows/ffi/questions.rs", thread, 0);
    }
}

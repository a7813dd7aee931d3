//! `ionice` beside ionice(1).

use super::{Comparison, original};
use crate::program::answer;
use crate::settings::Sleeper;

#[test]
fn ionice_agrees() {
    const TEST: &str = "originals::ionice::ionice_agrees";
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let mut comparison = Comparison::of("ionice");
    let show = ["-p", &pid];
    let mut settings = vec![vec!["-c", "3"], vec!["-c", "idle"], vec!["-c", "0"]];
    for level in ["0", "3", "4", "7"] {
        settings.push(vec!["-c", "2", "-n", level]);
        settings.push(vec!["-c", "best-effort", "--classdata", level]);
        settings.push(vec!["-n", level]);
    }
    settings.push(vec!["-c", "2"]);
    if rustix::process::getuid().is_root() {
        settings.push(vec!["-c", "realtime", "-n", "5"]);
    }
    for setting in settings {
        let to_sleeper = [&setting[..], &show].concat();
        // Each sets it once, and each reads it after the other; a class in between undoes it.
        answer(["ionice"].iter().chain(&to_sleeper));
        let Some(theirs) = original(TEST, "ionice", &show) else {
            return;
        };
        comparison.equal(&setting, &answer(["ionice"].iter().chain(&show)), &theirs);
        answer(["ionice", "-c", "2", "-n", "1", "-p", &pid]);
        let Some(_) = original(TEST, "ionice", &to_sleeper) else {
            return;
        };
        comparison.equal(&setting, &answer(["ionice"].iter().chain(&show)), &theirs);
        // A program that is started so.
        let command = [&setting[..], &["ionice"]].concat();
        let ours = answer(["ionice"].iter().chain(&command));
        comparison.equal(&setting, ours, original(TEST, "ionice", &command).unwrap());
    }
    let (ours, theirs) = (answer(["ionice"]), original(TEST, "ionice", &[]));
    comparison.equal("own", ours, theirs.unwrap());
    comparison.finish();
}

//! The Python packages' side of every row: psutil, and pslens in its place.

use std::rc::Rc;
use std::time::Duration;

use super::{Entry, WAITING, World, kill_settled};
use crate::measure::{Answer, self_timed};
use crate::python::{Driver, DriverRow};

pub fn entry<'a>(row: &'static str, world: &'a World, driver: &Rc<Driver>) -> Entry<'a> {
    let driver = Rc::clone(driver);
    Some(match row {
        "exit-latency" => {
            let exits = world.exits.as_ref()?;
            self_timed(move || {
                let pid = exits.spawn()?;
                let mut killed = Duration::ZERO;
                let seen = driver.exit_seen(pid, || {
                    killed = kill_settled(pid)?;
                    Ok(())
                })?;
                anyhow::ensure!(
                    seen > killed,
                    "the wait returned before the process was killed"
                );
                Ok((seen - killed, Answer::rows(1)))
            })
        }
        "waiting-cpu" => self_timed(move || {
            let (spent, alive) = driver.wait_many(world.members(), WAITING)?;
            Ok((spent, Answer::rows(alive)))
        }),
        "import" => self_timed(move || Ok((driver.import()?, Answer::rows(1)))),
        _ => Box::new(DriverRow {
            driver,
            row,
            members: world.members().to_vec(),
            pid: world.subject(row),
            ready: false,
        }),
    })
}

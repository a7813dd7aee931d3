//! The services as rows.

use std::ffi::OsString;

use pslens::os::windows::services::{self, Config, Service, StartType};
use pslens::{ErrorKind, Pid};
use serde::{Serialize, Serializer};

use super::Args;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{Listed, Named, View};
use crate::output::{self, Cell, json};

/// A service with all that is known of it: psutil's `WindowsService.as_dict()`.
#[derive(Debug)]
struct Row {
    service: Service,
    config: pslens::Result<Config>,
    description: pslens::Result<Option<OsString>>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&Named<Row>> = args.table.view(context)?;
    args.table.repeat(context, |context, out| {
        let (services, exit) = match args.names.as_slice() {
            [] => (services::all()?, Exit::Success),
            names => named(names)?,
        };
        // What was removed since it was listed is gone; what else cannot be told is said of its cells.
        let rows = services.into_iter().filter_map(|service| {
            let config = service.config();
            match &config {
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                _ => Some(Row {
                    description: service.description(),
                    service,
                    config,
                }),
            }
        });
        view.show(rows.collect(), context, out)?;
        Ok(exit)
    })
}

/// The services with these names. One that does not exist is noted.
fn named(names: &[OsString]) -> Result<(Vec<Service>, Exit)> {
    let mut exit = Exit::Success;
    let mut found = Vec::new();
    for name in names {
        match services::get(name) {
            Ok(service) => found.push(service),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                output::note(&format!(
                    "services: there is no service '{}'",
                    name.display()
                ));
                exit = Exit::NotFound;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((found, exit))
}

impl Row {
    /// A cell of what the service may refuse to tell.
    fn setting<'a, T>(
        asked: &'a pslens::Result<T>,
        cell: impl FnOnce(&'a T) -> Cell<'a>,
    ) -> Cell<'a> {
        match asked {
            Ok(told) => cell(told),
            Err(error) if error.kind() == ErrorKind::AccessDenied => Cell::Denied,
            Err(_) => Cell::Failed,
        }
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "NAME", |row: &Self, _| {
            Cell::text(&row.service.name)
        }),
        Named::text("status", "STATUS", |row: &Self, _| {
            Cell::word(row.service.status.as_str())
        }),
        Named::text("start_type", "START", |row: &Self, _| {
            Self::setting(&row.config, |config| Cell::word(config.start_type.as_str()))
        }),
        Named::number("pid", "PID", |row: &Self, _| {
            Cell::count(row.service.pid.map(Pid::as_u32))
        }),
        Named::text("username", "USER", |row: &Self, _| {
            Self::setting(&row.config, |config| {
                Cell::some_text(config.username.as_deref())
            })
        }),
        Named::text("display_name", "DISPLAY NAME", |row: &Self, _| {
            Cell::text(&row.service.display_name)
        }),
        Named::text("binpath", "PATH", |row: &Self, _| {
            Self::setting(&row.config, |config| {
                Cell::some_text(config.binpath.as_deref())
            })
        })
        .on_demand(),
        Named::text("description", "DESCRIPTION", |row: &Self, _| {
            Self::setting(&row.description, |text| Cell::some_text(text.as_deref()))
        })
        .on_demand(),
    ];
}

/// What JSON has of a row: all of it, null for what is not told.
#[derive(Serialize)]
struct Object<'a> {
    #[serde(flatten)]
    service: &'a Service,
    start_type: Option<StartType>,
    #[serde(serialize_with = "json::some_text")]
    username: Option<OsString>,
    #[serde(serialize_with = "json::some_text")]
    binpath: Option<OsString>,
    #[serde(serialize_with = "json::some_text")]
    description: Option<OsString>,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let config = self.config.as_ref().ok();
        let object = Object {
            service: &self.service,
            start_type: config.map(|config| config.start_type),
            username: config.and_then(|config| config.username.clone()),
            binpath: config.and_then(|config| config.binpath.clone()),
            description: self.description.as_ref().ok().cloned().flatten(),
        };
        object.serialize(serializer)
    }
}

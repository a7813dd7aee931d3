//! What is asked about a process, and its form in JSON.

use std::ffi::OsString;

use pslens::net::{Connection, ConnectionKind};
use pslens::process::{AttributeSet, Descriptor, Field, Info, Limits, Resource};
use pslens::{ErrorKind, Pid, Process};
use serde::{Serialize, Serializer};

use crate::output::json;

/// Everything: psutil's attributes, and what is not among them.
#[derive(Debug, Serialize)]
pub(super) struct Known {
    /// Its `net_connections` are of every kind.
    #[serde(flatten)]
    pub(super) info: Info,
    /// From the parent up.
    #[serde(serialize_with = "field")]
    pub(super) parents: Field<Vec<Relative>>,
    #[serde(serialize_with = "field")]
    pub(super) children: Field<Vec<Relative>>,
    #[serde(serialize_with = "field")]
    pub(super) descriptors: Field<Vec<Descriptor>>,
    #[serde(serialize_with = "by_name")]
    pub(super) limits: Vec<(Resource, Field<Limits>)>,
}

/// Another process.
#[derive(Debug, Serialize)]
pub(super) struct Relative {
    pub(super) pid: Pid,
    #[serde(serialize_with = "json::some_text")]
    pub(super) name: Option<OsString>,
}

impl Known {
    pub(super) fn about(process: &Process) -> pslens::Result<Self> {
        let mut info = process.info(AttributeSet::ALL)?;
        info.net_connections = asked(process.net_connections(ConnectionKind::All).map(held))?;
        let limits = Resource::ALL.iter().map(|resource| {
            let limits = asked(process.rlimit(*resource))?;
            Ok((*resource, limits))
        });
        Ok(Self {
            parents: asked(process.parents().map(relatives))?,
            children: asked(process.children().map(relatives))?,
            descriptors: asked(process.descriptors())?,
            limits: limits.collect::<pslens::Result<_>>()?,
            info,
        })
    }
}

/// What became of a question: only that the process is gone ends it all.
fn asked<T>(answer: pslens::Result<T>) -> pslens::Result<Field<T>> {
    match answer {
        Ok(value) => Ok(Field::Value(value)),
        Err(error) => match error.kind() {
            ErrorKind::NoSuchProcess => Err(error),
            ErrorKind::AccessDenied => Ok(Field::Denied),
            ErrorKind::ZombieProcess => Ok(Field::Zombie),
            ErrorKind::Unsupported => Ok(Field::Unsupported),
            _ => Ok(Field::Failed(error.into())),
        },
    }
}

/// In order of the descriptors.
fn held(mut sockets: Vec<Connection>) -> Vec<Connection> {
    sockets.sort_by_key(|socket| socket.owners.first().and_then(|owner| owner.fd));
    sockets
}

fn relatives(processes: Vec<Process>) -> Vec<Relative> {
    let relative = |process: Process| Relative {
        pid: process.pid(),
        name: process.name().ok(),
    };
    processes.into_iter().map(relative).collect()
}

fn field<T: Serialize, S: Serializer>(field: &Field<T>, serializer: S) -> Result<S::Ok, S::Error> {
    field.value().serialize(serializer)
}

/// An object with psutil's names of the resources.
fn by_name<S: Serializer>(
    limits: &[(Resource, Field<Limits>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let pairs = limits.iter();
    serializer.collect_map(pairs.map(|(resource, limits)| (resource.name(), limits.value())))
}

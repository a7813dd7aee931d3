//! How the rows of a process are found.

use std::collections::HashMap;

use pslens::ErrorKind;
use pslens::net::{self, Connection, ConnectionKind};
use pslens::process::{Descriptor, DescriptorKind, Field, Info};

use super::row::{Row, Use};
use crate::exit::explained;
use crate::output;

/// Local sockets by number, read when the first one is met.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    local: Option<HashMap<u64, Connection>>,
}

impl Sockets {
    fn local(&mut self, inode: u64) -> Option<&Connection> {
        let table = self.local.get_or_insert_with(|| {
            // Without the table sockets have no names, and are there.
            let all = net::connections_without_owners(ConnectionKind::Unix);
            let all = all.unwrap_or_else(|error| {
                output::note(&format!(
                    "lsof: local sockets have no names: {}",
                    explained(&error)
                ));
                Vec::new()
            });
            let numbered = all
                .into_iter()
                .filter_map(|socket| Some((socket.inode?, socket)));
            numbered.collect()
        });
        table.get(&inode)
    }
}

/// One process, and what was found of it.
#[derive(Debug)]
pub(super) struct Look<'a> {
    info: &'a Info,
    /// Its network sockets by number.
    internet: HashMap<u64, &'a Connection>,
    /// What all of its rows have in common.
    template: Row,
    pub(super) rows: Vec<Row>,
    /// Something was denied.
    pub(super) denied: bool,
}

impl<'a> Look<'a> {
    pub(super) fn at(info: &'a Info, uid: bool) -> Self {
        let internet = info.net_connections.value().into_iter().flatten();
        let numbered = internet.filter_map(|socket| Some((socket.inode?, socket)));
        Self {
            info,
            internet: numbered.collect(),
            template: Row::of(info, uid),
            rows: Vec::new(),
            denied: false,
        }
    }

    /// Finds everything, in the order in which lsof(8) has it.
    pub(super) fn all(&mut self, sockets: &mut Sockets, with_maps: bool) {
        let (cwd, exe) = (&self.info.cwd, &self.info.exe);
        self.denied |= matches!(cwd, Field::Denied) || matches!(exe, Field::Denied);
        let exe = exe.value().and_then(Option::as_ref);
        if let Some(cwd) = cwd.value().and_then(Option::as_ref) {
            self.rows.push(Row {
                way: Use::Cwd,
                kind: Some(DescriptorKind::Directory),
                path: Some(cwd.into()),
                ..self.template.clone()
            });
        }
        let mut program = exe.map(|exe| Row {
            way: Use::Txt,
            kind: Some(DescriptorKind::File),
            path: Some(exe.into()),
            ..self.template.clone()
        });
        let mut mapped = Vec::new();
        if with_maps {
            let files = self.info.process.mapped_files();
            for file in self.unless_denied(files) {
                // The program is mapped as well: that is where its number is told.
                match &mut program {
                    Some(row) if exe == Some(&file.path) => {
                        row.inode = file.inode;
                        row.deleted = Some(file.deleted);
                    }
                    _ => mapped.push(Row {
                        way: Use::Mem,
                        kind: Some(DescriptorKind::File),
                        inode: file.inode,
                        path: Some(file.path.into()),
                        deleted: Some(file.deleted),
                        ..self.template.clone()
                    }),
                }
            }
        }
        self.rows.extend(program);
        self.rows.append(&mut mapped);
        let held = self.info.process.descriptors();
        if held.as_ref().is_err_and(pslens::Error::is_unsupported) {
            return self.without_descriptors();
        }
        for held in self.unless_denied(held) {
            let row = self.descriptor(held, sockets);
            self.rows.push(row);
        }
    }

    /// Windows has no descriptors, but knows files and network sockets all the same.
    fn without_descriptors(&mut self) {
        let files = self.info.process.open_files();
        for file in self.unless_denied(files) {
            self.rows.push(Row {
                kind: Some(DescriptorKind::File),
                path: Some(file.path.into()),
                ..self.template.clone()
            });
        }
        let connections = self.info.net_connections.value().into_iter().flatten();
        self.rows.extend(connections.map(|socket| Row {
            kind: Some(DescriptorKind::Socket),
            connection: Some(socket.clone()),
            ..self.template.clone()
        }));
    }

    /// Whoever is gone, or a zombie, holds nothing.
    fn unless_denied<T>(&mut self, answer: pslens::Result<Vec<T>>) -> Vec<T> {
        answer.unwrap_or_else(|error| {
            self.denied |= error.kind() == ErrorKind::AccessDenied;
            Vec::new()
        })
    }

    fn descriptor(&self, held: Descriptor, sockets: &mut Sockets) -> Row {
        let mut connection = None;
        if held.kind == Some(DescriptorKind::Socket) {
            let found = held.inode.and_then(|inode| {
                let internet = self.internet.get(&inode).copied();
                internet.or_else(|| sockets.local(inode))
            });
            connection = found.cloned();
        }
        Row {
            fd: Some(held.fd),
            kind: held.kind,
            mode: Some(held.mode),
            flags: Some(held.flags),
            position: held.position,
            size: held.size,
            inode: held.inode,
            // The name of a socket is in its address.
            path: connection.is_none().then_some(held.target),
            deleted: Some(held.deleted),
            connection,
            ..self.template.clone()
        }
    }
}

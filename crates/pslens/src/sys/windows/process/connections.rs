//! The sockets that a process opened.

use super::reader::Reader;
use crate::error::Result;
use crate::net::{Connection, ConnectionKind};
use crate::process::Attribute;

impl Reader {
    pub(crate) fn net_connections(&mut self, kind: ConnectionKind) -> Result<Vec<Connection>> {
        let operation = Attribute::NetConnections.operation();
        let pid = self.pid;
        self.number(operation)?;
        // If nobody knows when it started, then no table is known to be younger.
        let start = self.identity.start.unwrap_or(u64::MAX);
        self.sockets.connections_of(operation, pid, start, kind)
    }
}

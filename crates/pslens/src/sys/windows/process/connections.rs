//! The sockets that a process opened.

use super::reader::Reader;
use crate::error::Result;
use crate::net::{Connection, ConnectionKind};
use crate::process::Attribute;

impl Reader {
    pub(crate) fn net_connections(&mut self, kind: ConnectionKind) -> Result<Vec<Connection>> {
        let operation = Attribute::NetConnections.operation();
        // If nobody knows when it started, then no table is known to be younger.
        let start = self.identity.start.unwrap_or(u64::MAX);
        let (rows, until) = self
            .sockets
            .connections_of(operation, self.pid, start, kind)?;
        match until {
            Some(until) => self.number_before(until, operation)?,
            None => self.number(operation)?,
        };
        Ok(rows)
    }
}

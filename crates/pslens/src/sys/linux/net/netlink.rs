//! Asking the kernel for a whole table through netlink(7).

use std::io;

use pslens_parse::linux::netlink::{self, Message, NLMSG_DONE, NLMSG_ERROR};
use rustix::buffer::spare_capacity;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType};

pub(super) use rustix::net::netlink::SOCK_DIAG;
/// `NETLINK_ROUTE` is the protocol number 0, which rustix writes as none.
pub(super) const ROUTE: Option<Protocol> = None;

const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const HEADER: usize = 16;

/// The kernel fills up to 32 KiB at a time once it has seen that there is room; single messages about
/// interfaces with many virtual functions can be longer.
const BUFFER: usize = 64 * 1024;

/// A connection to the kernel. The answers are those of the calling thread's network namespace.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: OwnedFd,
    sequence: u32,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Netlink {
    pub(super) fn open(protocol: Option<Protocol>) -> io::Result<Self> {
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            protocol,
        )?;
        Ok(Self {
            socket,
            sequence: 0,
            request: Vec::new(),
            answer: Vec::with_capacity(BUFFER),
        })
    }

    /// Asks for a table by a request of type `request` and calls `row` with the payload of every
    /// message of type `answer`. An error of `row` ends the walk.
    pub(super) fn dump(
        &mut self,
        request: u16,
        body: &[u8],
        answer: u16,
        mut row: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.send(request, body)?;
        loop {
            self.receive()?;
            for message in netlink::rows(&self.answer) {
                let message = message.map_err(invalid)?;
                // What an earlier request left behind.
                if message.nlmsg_seq != self.sequence {
                    continue;
                }
                match message.nlmsg_type {
                    NLMSG_DONE => return code(&message),
                    NLMSG_ERROR => {
                        code(&message)?;
                        // A confirmation nobody asked for in place of a table.
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    kind if kind == answer => row(message.payload)?,
                    _ => {}
                }
            }
        }
    }

    fn send(&mut self, request: u16, body: &[u8]) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let length = u32::try_from(HEADER + body.len()).map_err(invalid)?;
        self.request.clear();
        self.request.extend(length.to_ne_bytes());
        self.request.extend(request.to_ne_bytes());
        self.request
            .extend((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
        self.request.extend(self.sequence.to_ne_bytes());
        // The sender: the kernel knows.
        self.request.extend(0_u32.to_ne_bytes());
        self.request.extend(body);
        rustix::net::send(&self.socket, &self.request, SendFlags::empty())?;
        Ok(())
    }

    /// One datagram. The kernel has always queued the next part of a table before it returns from the
    /// call before, so there is nothing to wait for; what answers otherwise is not the kernel.
    fn receive(&mut self) -> io::Result<()> {
        let flags = RecvFlags::DONTWAIT | RecvFlags::TRUNC;
        self.answer.clear();
        let (_, length) = rustix::io::retry_on_intr(|| {
            rustix::net::recv(&self.socket, spare_capacity(&mut self.answer), flags)
        })?;
        if length == 0 || length > self.answer.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn code(message: &Message<'_>) -> io::Result<()> {
    match message.code() {
        0.. => Ok(()),
        negative => Err(io::Error::from_raw_os_error(negative.saturating_neg())),
    }
}

pub(super) fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

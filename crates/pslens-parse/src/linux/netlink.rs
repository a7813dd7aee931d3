//! Netlink framing: the messages in one answer, and the attributes in one message.
//!
//! Format (netlink(7), `include/uapi/linux/netlink.h`): messages of `struct nlmsghdr` and a payload,
//! attributes of `struct nlattr` and a payload, each padded to four bytes. Numbers are in the byte
//! order of the machine, which is always this one: nothing of this crosses a network.

use crate::error::{ParseError, Problem};

const SOURCE: &str = "netlink";

/// `NLMSG_ERROR`: the answer is a code, 0 for "done".
pub const NLMSG_ERROR: u16 = 2;
/// `NLMSG_DONE`: the last message of a table.
pub const NLMSG_DONE: u16 = 3;
/// Attribute types carry two flags in their upper bits.
const NLA_TYPE_MASK: u16 = 0x3fff;
const MESSAGE_HEADER: usize = 16;
const ATTRIBUTE_HEADER: usize = 4;

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is: a number of the protocol, or one of the constants here.
    pub nlmsg_type: u16,
    /// Which request it answers.
    pub nlmsg_seq: u32,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl Message<'_> {
    /// The (negative) error code at the start of the payload of `NLMSG_ERROR` and `NLMSG_DONE`; 0
    /// also if there is none, as in an empty `NLMSG_DONE`.
    #[must_use]
    pub fn code(&self) -> i32 {
        let code = self.payload.first_chunk().copied();
        code.map_or(0, i32::from_ne_bytes)
    }
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its number, without the flags.
    pub nla_type: u16,
    /// Its value.
    pub payload: &'a [u8],
}

/// Decodes the messages of one answer. After a length that cannot be, nothing more can be found.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Message<'_>, ParseError>> {
    walk(input, message)
}

fn message<'a>(fields: &mut Fields<'a>) -> Result<Message<'a>, ParseError> {
    let mut header = fields.clone();
    let nlmsg_len = header.u32("nlmsg_len")?;
    let message = Message {
        nlmsg_type: header.u16("nlmsg_type")?,
        nlmsg_seq: {
            header.skip(2, "nlmsg_flags")?;
            header.u32("nlmsg_seq")?
        },
        payload: &[],
    };
    let length = usize::try_from(nlmsg_len).unwrap_or(usize::MAX);
    let payload = fields.framed(length, MESSAGE_HEADER, "nlmsg_len")?;
    Ok(Message { payload, ..message })
}

/// Decodes a list of attributes. After a length that cannot be, nothing more can be found.
pub fn attributes(input: &[u8]) -> impl Iterator<Item = Result<Attribute<'_>, ParseError>> {
    walk(input, attribute)
}

fn attribute<'a>(fields: &mut Fields<'a>) -> Result<Attribute<'a>, ParseError> {
    let mut header = fields.clone();
    let length = usize::from(header.u16("nla_len")?);
    let nla_type = header.u16("nla_type")? & NLA_TYPE_MASK;
    let payload = fields.framed(length, ATTRIBUTE_HEADER, "nla_len")?;
    Ok(Attribute { nla_type, payload })
}

/// Items one after the other. An error ends the walk: where the next item starts is in the bad one.
fn walk<'a, T>(
    input: &'a [u8],
    item: fn(&mut Fields<'a>) -> Result<T, ParseError>,
) -> impl Iterator<Item = Result<T, ParseError>> {
    let mut fields = Fields::new(SOURCE, input);
    core::iter::from_fn(move || {
        if fields.rest.is_empty() {
            return None;
        }
        let item = item(&mut fields);
        if item.is_err() {
            fields.rest = &[];
        }
        Some(item)
    })
}

/// A cursor over a structure of native numbers.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    source: &'static str,
    offset: usize,
    pub(crate) rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(source: &'static str, input: &'a [u8]) -> Self {
        Self {
            source,
            offset: 0,
            rest: input,
        }
    }

    #[inline]
    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], ParseError> {
        let Some((array, rest)) = self.rest.split_first_chunk() else {
            return Err(self.error(field, Problem::Missing));
        };
        self.offset = self.offset.saturating_add(N);
        self.rest = rest;
        Ok(*array)
    }

    #[inline]
    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, ParseError> {
        self.array(field).map(u8::from_ne_bytes)
    }

    #[inline]
    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, ParseError> {
        self.array(field).map(u16::from_ne_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, ParseError> {
        self.array(field).map(u32::from_ne_bytes)
    }

    #[inline]
    pub(crate) fn skip(&mut self, count: usize, field: &'static str) -> Result<(), ParseError> {
        let Some((_, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.error(field, Problem::Missing));
        };
        self.offset = self.offset.saturating_add(count);
        self.rest = rest;
        Ok(())
    }

    /// Consumes something of `length` bytes, header and all, and the padding after it; what follows
    /// the header.
    fn framed(
        &mut self,
        length: usize,
        header: usize,
        field: &'static str,
    ) -> Result<&'a [u8], ParseError> {
        let Some(payload) = self.rest.get(header..length) else {
            return Err(self.error(field, Problem::OutOfRange));
        };
        let next = length.checked_next_multiple_of(4).unwrap_or(usize::MAX);
        self.offset = self.offset.saturating_add(next);
        // The last one may lack its padding.
        self.rest = self.rest.get(next..).unwrap_or_default();
        Ok(payload)
    }

    #[cold]
    pub(crate) const fn error(&self, field: &'static str, problem: Problem) -> ParseError {
        ParseError::new(self.source, field, self.offset, problem)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An attribute as the kernel writes it.
    pub(crate) fn render_attribute(nla_type: u16, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len() + ATTRIBUTE_HEADER).unwrap();
        let mut bytes = [length.to_ne_bytes(), nla_type.to_ne_bytes()].concat();
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn render_message(nlmsg_type: u16, seq: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len() + MESSAGE_HEADER).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(nlmsg_type.to_ne_bytes());
        bytes.extend(2_u16.to_ne_bytes());
        bytes.extend(seq.to_ne_bytes());
        bytes.extend(0_u32.to_ne_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn check(input: &[u8], expect: &[Option<(u16, &[u8])>]) {
        let got: Vec<_> = rows(input)
            .map(|message| message.ok().map(|m| (m.nlmsg_type, m.payload)))
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn netlink_messages_in_every_shape() {
        let one = render_message(20, 1, b"abcde");
        let two = [one.clone(), render_message(NLMSG_DONE, 1, b"")].concat();
        check(&[], &[]);
        check(&two, &[Some((20, b"abcde")), Some((NLMSG_DONE, b""))]);
        // The padding of the last message may be missing; the message may not.
        check(&one[..21], &[Some((20, b"abcde"))]);
        check(&one[..20], &[None]);
        check(&one[..10], &[None]);
        // A length shorter than the header ends the walk.
        check(&[0; 64], &[None]);
        let mut long = two.clone();
        long[..4].fill(0xff);
        check(&long, &[None]);
    }

    #[test]
    fn a_code_may_be_missing() {
        let code = |payload: &[u8]| {
            rows(&render_message(NLMSG_ERROR, 1, payload))
                .next()
                .unwrap()
                .unwrap()
                .code()
        };
        assert_eq!(code(&(-2_i32).to_ne_bytes()), -2);
        assert_eq!(code(b""), 0);
    }

    proptest! {
        #[test]
        fn netlink_messages_round_trip(messages in proptest::collection::vec((any::<u16>(), any::<u32>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..5)) {
            let bytes: Vec<u8> = messages.iter().flat_map(|(t, seq, payload)| render_message(*t, *seq, payload)).collect();
            let got: Vec<_> = rows(&bytes).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(got.len(), messages.len());
            for (got, (t, seq, payload)) in got.iter().zip(&messages) {
                prop_assert_eq!((got.nlmsg_type, got.nlmsg_seq, got.payload), (*t, *seq, payload.as_slice()));
            }
        }

        #[test]
        fn netlink_attributes_round_trip(list in proptest::collection::vec((0..NLA_TYPE_MASK, proptest::collection::vec(any::<u8>(), 0..40)), 0..5)) {
            let bytes: Vec<u8> = list.iter().flat_map(|(t, payload)| render_attribute(*t | 0x8000, payload)).collect();
            let got: Vec<_> = attributes(&bytes).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(got.len(), list.len());
            for (got, (t, payload)) in got.iter().zip(&list) {
                prop_assert_eq!((got.nla_type, got.payload), (*t, payload.as_slice()));
            }
        }

        #[test]
        fn netlink_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            rows(&input).for_each(drop);
            attributes(&input).for_each(drop);
        }
    }
}

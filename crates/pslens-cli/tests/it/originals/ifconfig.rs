//! `ifconfig` beside ifconfig(8).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Comparison, number, original};
use crate::program::{answer, objects};

/// What ifconfig(8) says of one interface: words and what follows them.
type Block = Vec<(String, String)>;

/// The pairs of every block: `mtu` and `1500`, `RX packets` and `7`, `inet6` and `::1`.
fn blocks(text: &str) -> BTreeMap<String, Block> {
    let mut blocks = BTreeMap::new();
    for block in text.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let (name, rest) = block.trim().split_once(": ").unwrap();
        let mut pairs = Block::new();
        for line in rest.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let direction = match words.first() {
                Some(&word @ ("RX" | "TX")) => format!("{word} "),
                _ => String::new(),
            };
            for pair in words.windows(2) {
                pairs.push((format!("{direction}{}", pair[0]), pair[1].to_owned()));
            }
        }
        blocks.insert(name.to_owned(), pairs);
    }
    blocks
}

fn all<'a>(block: &'a Block, key: &str) -> Vec<&'a str> {
    let pairs = block.iter().filter(|(found, _)| found == key);
    pairs.map(|(_, value)| value.as_str()).collect()
}

fn one<'a>(block: &'a Block, key: &str) -> &'a str {
    all(block, key)[0]
}

/// The addresses of a family, in an order of their own, each with a further word.
fn addresses(row: &Value, family: &str, further: &str) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let addresses = row["addrs"].as_array().unwrap().iter();
    let mut found: Vec<_> = addresses
        .filter(|address| address["family"] == family && address["name"] == row["name"])
        .map(|address| {
            // ifconfig(8) has the zone elsewhere.
            let ip = text(&address["address"]).unwrap();
            let ip = ip.split('%').next().unwrap().to_owned();
            (ip, text(&address[further]))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn ifconfig_agrees() {
    const TEST: &str = "originals::ifconfig::ifconfig_agrees";
    let ask = || original(TEST, "ifconfig", &["-a"]).map(|text| blocks(&text));
    let Some(before) = ask() else { return };
    let ours = objects(["ifconfig", "-a", "--json"]);
    let Some(after) = ask() else { return };
    let mut comparison = Comparison::of("ifconfig");
    for (name, before) in &before {
        // Aliases are blocks of their own there; another test may make and remove an interface.
        let Some(after) = after.get(name).filter(|_| !name.contains(':')) else {
            continue;
        };
        let row = ours.iter().find(|row| row["name"] == name.as_str());
        let Some(row) = row else {
            comparison.equal(name, "is missing", "");
            continue;
        };
        comparison.equal((name, "mtu"), row["mtu"].to_string(), one(before, "mtu"));
        let flags = before
            .first()
            .unwrap()
            .0
            .split(['<', '>'])
            .nth(1)
            .unwrap_or_default();
        let is_of_original = |flag: &&str| {
            flags
                .split(',')
                .any(|found| found.eq_ignore_ascii_case(flag))
        };
        let ours = row["flags"]
            .as_str()
            .unwrap()
            .split(',')
            .filter(|flag| !flag.is_empty());
        comparison.equal(
            (name, "flags"),
            ours.clone().all(|flag| is_of_original(&flag)),
            true,
        );
        comparison.equal(
            (name, "flags"),
            ours.count(),
            flags.split(',').filter(|f| !f.is_empty()).count(),
        );
        // ifconfig(8) shows one IPv4 address of each name.
        let inet = addresses(row, "AF_INET", "netmask");
        for (ip, netmask) in all(before, "inet").into_iter().zip(all(before, "netmask")) {
            let theirs = (ip.to_owned(), Some(netmask.to_owned()));
            comparison.equal((name, &theirs), inet.contains(&theirs), true);
        }
        let mut inet6: Vec<_> = all(before, "inet6");
        inet6.sort_unstable();
        let ours: Vec<_> = addresses(row, "AF_INET6", "netmask")
            .into_iter()
            .map(|(ip, _)| ip)
            .collect();
        comparison.equal((name, "inet6"), ours, inet6);
        let ether = addresses(row, "AF_LINK", "netmask");
        for theirs in all(before, "ether") {
            comparison.equal((name, "ether"), ether[0].0.as_str(), theirs);
        }
        for (key, theirs) in [
            ("packets_recv", "RX packets"),
            ("bytes_recv", "RX bytes"),
            ("errin", "RX errors"),
            ("dropin", "RX dropped"),
            ("packets_sent", "TX packets"),
            ("bytes_sent", "TX bytes"),
            ("errout", "TX errors"),
            ("dropout", "TX dropped"),
        ] {
            let theirs = [before, after].map(|block| one(block, theirs).parse().unwrap());
            comparison.between((name, key), number(&row[key]), theirs, 0.0);
        }
    }
    comparison.finish();
}

/// What a script looks for in the one is in the other: `inet ADDRESS  netmask MASK`, `ether ADDRESS`, `mtu N`.
#[test]
fn the_blocks_have_the_words_of_the_original() {
    const TEST: &str = "originals::ifconfig::the_blocks_have_the_words_of_the_original";
    let Some(theirs) = original(TEST, "ifconfig", &["-a"]) else {
        return;
    };
    let theirs = blocks(&theirs);
    let ours = blocks(&answer(["ifconfig", "-a"]));
    let mut comparison = Comparison::of("ifconfig");
    for (name, theirs) in theirs.iter().filter(|(name, _)| !name.contains(':')) {
        let Some(ours) = ours.get(name) else {
            comparison.equal(name, "is missing", "");
            continue;
        };
        for key in [
            "mtu",
            "inet",
            "netmask",
            "broadcast",
            "inet6",
            "prefixlen",
            "ether",
        ] {
            let (mut ours, mut theirs) = (all(ours, key), all(theirs, key));
            ours.sort_unstable();
            theirs.sort_unstable();
            comparison.equal((name, key), ours, theirs);
        }
    }
    comparison.finish();
}

#[test]
fn without_all_only_interfaces_that_are_up_are_shown() {
    const TEST: &str = "originals::ifconfig::without_all_only_interfaces_that_are_up_are_shown";
    let Some(theirs) = original(TEST, "ifconfig", &[]) else {
        return;
    };
    let mut comparison = Comparison::of("ifconfig");
    let names = |text: &str| -> Vec<String> {
        blocks(text)
            .into_keys()
            .filter(|name| !name.contains(':'))
            .collect()
    };
    comparison.equal("up", names(&answer(["ifconfig"])), names(&theirs));
    comparison.finish();
}

//! Answers in a form in which two of them can be compared value by value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Theirs,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// One value.
    Leaf(Value),
    /// Named values. pslens may have more of them than psutil.
    Record(BTreeMap<String, Tree>),
    /// What is found under a key: both must have the same keys.
    Map(BTreeMap<String, Tree>),
    /// Why there is no answer.
    Failure(String),
}

impl Tree {
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Record(fields) | Self::Map(fields) => fields.get(key),
            Self::Leaf(_) | Self::Failure(_) => None,
        }
    }

    pub(super) fn children(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Record(fields) | Self::Map(fields) => Some(fields),
            Self::Leaf(_) | Self::Failure(_) => None,
        }
    }

    pub(super) fn leaf(&self) -> Option<&Value> {
        match self {
            Self::Leaf(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.leaf().and_then(Value::as_str)
    }

    pub(super) fn failure(&self) -> Option<&str> {
        match self {
            Self::Failure(kind) => Some(kind),
            _ => None,
        }
    }
}

impl std::fmt::Display for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::Leaf(value) => value.to_string(),
            Self::Failure(kind) => format!("<{kind}>"),
            Self::Record(fields) | Self::Map(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
        };
        if text.chars().count() > 160 {
            write!(f, "{}...", text.chars().take(160).collect::<String>())
        } else {
            f.write_str(&text)
        }
    }
}

/// The answer to `call` as a tree.
pub(super) fn shape(call: &str, side: Side, mut answer: Value) -> Tree {
    match answer.get_mut("ok") {
        Some(value) => of_value(call, side, value.take()),
        None => Tree::Failure(answer["error"].as_str().unwrap_or("?").to_owned()),
    }
}

fn of_value(call: &str, side: Side, value: Value) -> Tree {
    match (call, value) {
        ("pids" | "children", Value::Array(rows)) => set(rows),
        ("threads", Value::Array(rows)) => keyed(rows, |row| word(&row["id"])),
        ("open_files", Value::Array(rows)) => keyed(rows, |row| word(&row["fd"])),
        ("memory_maps", Value::Array(rows)) => keyed(rows, |row| match &row["addr"] {
            Value::Null => word(&row["path"]),
            addr => word(addr),
        }),
        ("net_connections", Value::Array(rows)) => connections(rows, side, true),
        ("own_connections", Value::Array(rows)) => connections(rows, side, false),
        ("disk_partitions", Value::Array(rows)) => {
            let rows = rows.into_iter().map(|row| absent(row, "device"));
            keyed(rows, |row| word(&row["mountpoint"]))
        }
        ("users", Value::Array(rows)) => keyed(rows, |row| {
            [word(&row["terminal"]), word(&row["pid"])].join(" ")
        }),
        ("net_if_addrs", value) => {
            let rows = flattened(value);
            keyed(rows, |row| {
                ["name", "family", "address"]
                    .map(|name| word(&row[name]))
                    .join(" ")
            })
        }
        ("net_if_stats", Value::Array(rows)) => keyed(rows, |row| word(&row["name"])),
        ("sensors_temperatures" | "sensors_fans", value) => sensors(value),
        ("cpu_times" | "cpu_times_percent" | "cpu_freq", Value::Array(rows)) => per_cpu(rows),
        ("cpu_percent", Value::Array(rows)) => {
            let rows = rows.into_iter().map(|row| match row {
                Value::Number(_) => json!({"percent": row}),
                row => row,
            });
            per_cpu(rows.collect())
        }
        ("disk_io_counters", value) if side == Side::Theirs => counters(in_seconds(value)),
        ("disk_io_counters" | "net_io_counters" | "net_if_stats", value) => counters(value),
        ("as_dict" | "oneshot", Value::Object(fields)) => Tree::Record(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let call = if name == "net_connections" {
                        "own_connections"
                    } else {
                        &name
                    };
                    let tree = of_value(call, side, value);
                    (name, tree)
                })
                .collect(),
        ),
        ("iterate", Value::Array(rows)) => Tree::Map(
            rows.into_iter()
                .map(|row| (word(&row["pid"]), of_value("as_dict", side, row)))
                .collect(),
        ),
        ("getloadavg", Value::Array(rows)) => per_cpu(rows),
        ("environ", Value::Object(fields)) => Tree::Map(leaves(fields)),
        // Conventions: what does not exist is "" in psutil and null here.
        ("exe" | "cwd", Value::String(text)) if text.is_empty() => Tree::Leaf(Value::Null),
        (_, Value::Object(fields)) => Tree::Record(leaves(fields)),
        (_, value) => Tree::Leaf(value),
    }
}

fn leaves(fields: serde_json::Map<String, Value>) -> BTreeMap<String, Tree> {
    let leaf = |(name, value)| (name, Tree::Leaf(value));
    fields.into_iter().map(leaf).collect()
}

fn record(row: Value) -> Tree {
    match row {
        Value::Object(fields) => Tree::Record(leaves(fields)),
        value => Tree::Leaf(value),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn set(rows: Vec<Value>) -> Tree {
    let member = |row: Value| (word(&row), Tree::Leaf(Value::Bool(true)));
    Tree::Map(rows.into_iter().map(member).collect())
}

/// Rows under their keys; rows of the same key are numbered.
fn keyed(rows: impl IntoIterator<Item = Value>, key: impl Fn(&Value) -> String) -> Tree {
    let mut map = BTreeMap::new();
    for row in rows {
        let first = key(&row);
        let mut name = first.clone();
        let mut count = 1;
        while map.contains_key(&name) {
            count += 1;
            name = format!("{first} #{count}");
        }
        map.insert(name, record(row));
    }
    Tree::Map(map)
}

/// `""` in a field that pslens leaves empty.
fn absent(mut row: Value, field: &str) -> Value {
    if row[field] == "" {
        row[field] = Value::Null;
    }
    row
}

fn per_cpu(rows: Vec<Value>) -> Tree {
    // psutil's rows have no number: they are those of the CPUs that are on-line, in order.
    let rows = rows.into_iter().enumerate();
    Tree::Map(
        rows.map(|(index, row)| (format!("row {index}"), record(row)))
            .collect(),
    )
}

/// `{"eth0": [{...}, {...}]}` as `[{"name": "eth0", ...}, ...]`.
fn flattened(value: Value) -> Vec<Value> {
    let Value::Object(groups) = value else {
        return value.as_array().cloned().unwrap_or_default();
    };
    let mut all = Vec::new();
    for (name, rows) in groups {
        for mut row in rows.as_array().cloned().unwrap_or_default() {
            row["name"] = name.clone().into();
            all.push(row);
        }
    }
    all
}

/// Readings of chips of the same name follow each other, as in psutil.
fn sensors(value: Value) -> Tree {
    let mut readings: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    match value {
        Value::Array(chips) => {
            for chip in chips {
                let rows = chip["readings"].as_array().cloned().unwrap_or_default();
                readings
                    .entry(word(&chip["name"]))
                    .or_default()
                    .extend(rows);
            }
        }
        Value::Object(chips) => {
            for (name, rows) in chips {
                readings.insert(name, rows.as_array().cloned().unwrap_or_default());
            }
        }
        _ => {}
    }
    let mut map = BTreeMap::new();
    for (name, rows) in readings {
        for (index, row) in rows.into_iter().enumerate() {
            map.insert(format!("{name} {index}"), record(absent(row, "label")));
        }
    }
    Tree::Map(map)
}

/// Counters of everything, or of each device.
fn counters(value: Value) -> Tree {
    match value {
        Value::Object(fields) if fields.values().any(Value::is_object) => Tree::Map(
            fields
                .into_iter()
                .map(|(name, row)| (name, record(row)))
                .collect(),
        ),
        value => record(value),
    }
}

/// psutil's milliseconds.
fn in_seconds(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        for (name, field) in fields {
            if field.is_object() {
                *field = in_seconds(field.take());
            } else if name.ends_with("_time")
                && let Some(milliseconds) = field.as_f64()
            {
                *field = (milliseconds / 1000.0).into();
            }
        }
    }
    value
}

/// One row per socket, process and descriptor, as psutil has them. The connections of one process do not
/// say whose they are.
fn connections(rows: Vec<Value>, side: Side, whole: bool) -> Tree {
    let mut map = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        let owners = match (side, row["owners"].as_array()) {
            (Side::Ours, Some(owners)) if !owners.is_empty() => owners
                .iter()
                .map(|owner| {
                    if whole {
                        owner.clone()
                    } else {
                        json!({"pid": null, "fd": owner["fd"]})
                    }
                })
                .collect(),
            (Side::Ours, _) => vec![json!({"pid": null, "fd": -1})],
            (Side::Theirs, _) => vec![json!({"pid": row["pid"], "fd": row["fd"]})],
        };
        // psutil's addresses that are not there: an empty tuple, or an empty string.
        let address = |value: &Value| match value {
            Value::String(text) if text.is_empty() => String::new(),
            Value::Array(items) if items.is_empty() => String::new(),
            Value::Null => String::new(),
            Value::Object(fields) => format!("{} {}", word(&fields["ip"]), fields["port"]),
            value => word(value),
        };
        for owner in owners {
            let name = format!(
                "{} {} fd {} pid {} [{}] [{}]",
                word(&row["family"]),
                word(&row["type"]),
                owner["fd"],
                owner["pid"],
                address(&row["laddr"]),
                address(&row["raddr"]),
            );
            if seen.insert(name.clone()) {
                let mut fields = BTreeMap::from([
                    ("status".to_owned(), Tree::Leaf(row["status"].clone())),
                    ("pid".to_owned(), Tree::Leaf(owner["pid"].clone())),
                    ("fd".to_owned(), Tree::Leaf(owner["fd"].clone())),
                ]);
                for extra in ["owners", "family", "laddr", "raddr", "inode"] {
                    if let Some(value) = row.get(extra) {
                        fields.insert(format!("raw {extra}"), Tree::Leaf(value.clone()));
                    }
                }
                map.insert(name, Tree::Record(fields));
            }
        }
    }
    Tree::Map(map)
}

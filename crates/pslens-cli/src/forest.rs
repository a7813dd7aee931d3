//! Who started whom: children below their parents.

use std::collections::{HashMap, HashSet};

use pslens::Pid;
use pslens::process::{Attribute, AttributeSet, Info};

/// Processes, by their places in a list, as trees: siblings stay in the order of the list.
///
/// A process whose parent is not in the list is a root. Numbers that go round in a circle (parents that
/// died during the scan, captures put together by hand) lose nobody: one of the circle becomes a root.
#[derive(Debug)]
pub(crate) struct Forest {
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
}

/// A process that a walk has come to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) at: usize,
    /// How many of its ancestors were visited before it.
    pub(crate) depth: usize,
    /// A sibling follows it.
    pub(crate) more: bool,
}

impl Forest {
    /// What must be known of the processes. The time of start tells a parent from a process that was
    /// given a dead parent's number.
    pub(crate) const NEEDS: AttributeSet =
        AttributeSet::of(&[Attribute::Ppid, Attribute::CreateTime]);

    pub(crate) fn of<'a>(infos: impl IntoIterator<Item = &'a Info>) -> Self {
        let infos: Vec<&Info> = infos.into_iter().collect();
        let by_pid: HashMap<Pid, usize> = infos
            .iter()
            .enumerate()
            .map(|(at, info)| (info.pid(), at))
            .collect();
        let mut forest = Self {
            parents: Vec::with_capacity(infos.len()),
            children: vec![Vec::new(); infos.len()],
        };
        for (at, info) in infos.iter().enumerate() {
            let parent = parent_of(info, &by_pid, &infos).filter(|parent| *parent != at);
            if let Some(siblings) = parent.and_then(|parent| forest.children.get_mut(parent)) {
                siblings.push(at);
            }
            forest.parents.push(parent);
        }
        forest.cut_circles();
        forest
    }

    /// What no root leads to hangs on a circle: one of that loses its parent.
    fn cut_circles(&mut self) {
        let mut met = vec![false; self.parents.len()];
        self.mark(&self.roots(), &mut met);
        while let Some(lost) = met.iter().position(|met| !met) {
            let top = self.on_circle(lost);
            if let Some(parent) = self.parents.get_mut(top).and_then(Option::take)
                && let Some(siblings) = self.children.get_mut(parent)
            {
                siblings.retain(|sibling| *sibling != top);
            }
            self.mark(&[top], &mut met);
        }
    }

    fn mark(&self, roots: &[usize], met: &mut [bool]) {
        for visit in self.walk(roots) {
            if let Some(met) = met.get_mut(visit.at) {
                *met = true;
            }
        }
    }

    /// The first one that is met twice on the way up from `at`.
    fn on_circle(&self, at: usize) -> usize {
        let mut met = HashSet::new();
        let mut top = at;
        while met.insert(top)
            && let Some(parent) = self.parent(top)
        {
            top = parent;
        }
        top
    }

    /// Those that are below nobody.
    pub(crate) fn roots(&self) -> Vec<usize> {
        let parents = self.parents.iter().enumerate();
        let roots = parents.filter(|(_, parent)| parent.is_none());
        roots.map(|(at, _)| at).collect()
    }

    pub(crate) fn parent(&self, at: usize) -> Option<usize> {
        *self.parents.get(at)?
    }

    pub(crate) fn children(&self, at: usize) -> &[usize] {
        self.children.get(at).map_or(&[], Vec::as_slice)
    }

    /// The trees that grow from `roots`, parents before their children.
    ///
    /// Without recursion: a chain of 10,000 is possible.
    pub(crate) fn walk(&self, roots: &[usize]) -> Walk<'_> {
        let mut walk = Walk {
            forest: self,
            waiting: Vec::new(),
        };
        walk.push(roots, 0);
        walk
    }
}

fn parent_of(info: &Info, by_pid: &HashMap<Pid, usize>, infos: &[&Info]) -> Option<usize> {
    let at = *by_pid.get(info.ppid.value()?)?;
    let parent = infos.get(at)?;
    match (parent.create_time.value(), info.create_time.value()) {
        // The number was given out again: no parent is younger than its child.
        (Some(parent), Some(child)) if parent > child => None,
        _ => Some(at),
    }
}

/// See [`Forest::walk`].
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    forest: &'a Forest,
    /// Where to go on, the next one last.
    waiting: Vec<Visit>,
}

impl Walk<'_> {
    fn push(&mut self, siblings: &[usize], depth: usize) {
        let last = siblings.len().saturating_sub(1);
        let visits = siblings.iter().enumerate().map(|(place, &at)| Visit {
            at,
            depth,
            more: place != last,
        });
        self.waiting.extend(visits.rev());
    }
}

impl Iterator for Walk<'_> {
    type Item = Visit;

    fn next(&mut self) -> Option<Visit> {
        let visit = self.waiting.pop()?;
        let forest = self.forest;
        self.push(forest.children(visit.at), visit.depth + 1);
        Some(visit)
    }
}

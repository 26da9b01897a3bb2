//! Which record is next.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// Records in the order of the batch, those of a group one after the other.
pub(super) struct Order {
    /// The first of each group, and all without one, that have not begun.
    ready: BTreeSet<usize>,
    /// Which group a record belongs to.
    group_of: Vec<Option<usize>>,
    /// What waits in each group.
    waiting: Vec<VecDeque<usize>>,
}

impl Order {
    pub(super) fn of<'a>(groups: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut names = HashMap::new();
        let mut order = Self { ready: BTreeSet::new(), group_of: Vec::new(), waiting: Vec::new() };
        for (index, name) in groups.enumerate() {
            let known = names.len();
            let group = name.map(|name| *names.entry(name).or_insert(known));
            order.group_of.push(group);
            match group {
                Some(group) if group < order.waiting.len() => order.waiting[group].push_back(index),
                Some(_) => {
                    order.waiting.push(VecDeque::new());
                    order.ready.insert(index);
                }
                None => {
                    order.ready.insert(index);
                }
            }
        }
        order
    }

    /// The next record that may run.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// A record has ended. Gives those that must not run any more: the rest of a group in which one has failed.
    pub(super) fn ended(&mut self, index: usize, done: bool) -> VecDeque<usize> {
        let Some(group) = self.group_of[index] else { return VecDeque::new() };
        let waiting = &mut self.waiting[group];
        if !done {
            return std::mem::take(waiting);
        }
        self.ready.extend(waiting.pop_front());
        VecDeque::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(groups: &[&str]) -> Order {
        Order::of(groups.iter().map(|group| Some(*group).filter(|group| !group.is_empty())))
    }

    #[test]
    fn one_at_a_time_it_is_the_order_of_the_batch() {
        let mut order = order(&["a", "b", "", "a", "b", ""]);
        for expected in 0..6 {
            assert_eq!(order.next(), Some(expected));
            assert!(order.ended(expected, true).is_empty());
        }
        assert_eq!(order.next(), None);
    }

    #[test]
    fn of_a_group_there_is_never_more_than_one() {
        let mut order = order(&["a", "a", "b", "", "a"]);
        assert_eq!([(); 4].map(|()| order.next()), [Some(0), Some(2), Some(3), None]);
        order.ended(2, true);
        assert_eq!(order.next(), None);
        order.ended(0, true);
        assert_eq!([(); 2].map(|()| order.next()), [Some(1), None]);
    }

    #[test]
    fn a_failure_stops_its_group_and_no_other() {
        let mut order = order(&["a", "b", "a", "", "a", "b"]);
        assert_eq!(order.next(), Some(0));
        assert_eq!(order.ended(0, false), [2, 4]);
        assert_eq!(order.next(), Some(1));
        assert!(order.ended(1, true).is_empty());
        assert_eq!(order.next(), Some(3));
        assert!(order.ended(3, false).is_empty());
        assert_eq!([(); 2].map(|()| order.next()), [Some(5), None]);
    }
}

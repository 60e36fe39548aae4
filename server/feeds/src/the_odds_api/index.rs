//! Positions by key.

use std::collections::HashMap;
use std::hash::Hash;

/// Positions by key: the first few are found by looking at each, which is faster than hashing for the sizes that
/// answers have; the rest by hash, so that no answer can make it slow.
pub(super) struct Index<K> {
    few: Vec<(K, u32)>,
    many: HashMap<K, u32>,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self {
            few: Vec::new(),
            many: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash> Index<K> {
    const FEW: usize = 24;

    pub fn find(&self, key: &K) -> Option<u32> {
        if let Some((_, position)) = self.few.iter().find(|(known, _)| known == key) {
            return Some(*position);
        }
        if self.many.is_empty() {
            None
        } else {
            self.many.get(key).copied()
        }
    }

    pub fn insert(&mut self, key: K, position: u32) {
        if self.few.len() < Self::FEW {
            self.few.push((key, position));
        } else {
            self.many.insert(key, position);
        }
    }

    pub fn clear(&mut self) {
        self.few.clear();
        self.many.clear();
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.few.iter().map(|(key, _)| key).chain(self.many.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_keys_are_found_alike() {
        let mut index = Index::default();
        for number in 0..1_000 {
            assert_eq!(index.find(&number), None);
            index.insert(number, number * 2);
        }
        assert!((0..1_000).all(|number| index.find(&number) == Some(number * 2)));
        assert_eq!(index.keys().count(), 1_000);
        index.clear();
        assert_eq!((index.find(&1), index.find(&999)), (None, None));
    }
}

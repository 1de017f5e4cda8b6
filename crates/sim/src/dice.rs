//! Chance by seed. SplitMix64 (Steele, Lea, Flood 2014): the same stream on every machine, and nothing secret in it.

/// A stream of chances.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `0` to `bound - 1`; 0 for a bound of 0. The bias of the remainder is below one in 2^32 here.
    pub fn below(&mut self, bound: u32) -> u32 {
        let bound = u64::from(bound.max(1));
        u32::try_from(self.roll() % bound).expect("a remainder is below its 32-bit bound")
    }

    /// A number between these two, both included.
    pub fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True in so many of a thousand.
    pub fn chance(&mut self, in_thousand: u32) -> bool {
        self.below(1_000) < in_thousand
    }

    /// One of several; the first when there is nothing else.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(from.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(self.below(count)).unwrap_or(0);
        from.get(at)
    }

    /// An independent stream, so that what one part asks for does not shift what another part gets.
    pub fn fork(&mut self) -> Dice {
        Dice(self.roll())
    }
}

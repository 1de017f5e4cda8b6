//! `tlog-tiles` coordinates: which hashes lie together in which file, and what that file is called.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::hash::Hash;
use crate::tree::root_of;

/// Hashes in a full tile: a tile is a subtree of height 8.
pub const TILE_WIDTH: u16 = 256;
/// `tlog-tiles` bounds levels at 63; a log of fewer than 2^64 leaves has tiles at levels 0 to 7 only.
const LEVEL_MAX: u8 = 63;

/// One tile: `width` consecutive hashes of level `level`, starting with number `index * 256` of that level. A hash of
/// level `l` covers `256^l` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// Why numbers or a path name no tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TileError {
    Level { found: u8 },
    Width { found: u16 },
    Path { found: String },
}

impl Tile {
    /// # Errors
    /// A level above 63, or a width outside 1..=256.
    pub fn new(level: u8, index: u64, width: u16) -> Result<Tile, TileError> {
        if level > LEVEL_MAX {
            return Err(TileError::Level { found: level });
        }
        if width == 0 || width > TILE_WIDTH {
            return Err(TileError::Width { found: width });
        }
        Ok(Tile {
            level,
            index,
            width,
        })
    }

    pub fn level(&self) -> u8 {
        self.level
    }

    pub fn index(&self) -> u64 {
        self.index
    }

    /// 1..=256; less than 256 is a partial tile.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Where the tile's hashes are served: `tile/<level>/<index>[.p/<width>]`.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, self.tail())
    }

    /// Where the bundle of the leaves under a level-0 tile is served: `tile/entries/<index>[.p/<width>]`.
    pub fn entries_path(&self) -> String {
        format!("tile/entries/{}", self.tail())
    }

    /// Reads what [`Tile::path`] writes; nothing else, so that a tile has one name.
    ///
    /// # Errors
    /// [`TileError::Path`].
    pub fn parse_path(path: &str) -> Result<Tile, TileError> {
        parse(path)
            .filter(|tile| tile.path() == path)
            .ok_or_else(|| TileError::Path { found: path.into() })
    }

    /// The tile's content, taken from the leaf hashes of the whole log. `None` when the log is too short for it.
    pub fn hashes(&self, leaves: &[Hash]) -> Option<Vec<Hash>> {
        let span = usize::try_from(span(self.level)?).ok()?;
        let first = usize::try_from(self.index).ok()?.checked_mul(256)?;
        let start = first.checked_mul(span)?;
        let length = usize::from(self.width).checked_mul(span)?;
        let covered = leaves.get(start..start.checked_add(length)?)?;
        Some(covered.chunks_exact(span).map(root_of).collect())
    }

    /// `<index>[.p/<width>]`, the index in groups of three digits, all but the last marked `x`: `x001/x234/067`.
    fn tail(&self) -> String {
        let mut text = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            text = format!("x{:03}/{text}", rest % 1000);
            rest /= 1000;
        }
        if self.width < TILE_WIDTH {
            text.push_str(&format!(".p/{}", self.width));
        }
        text
    }
}

/// Every tile of a log of `size` leaves, level by level, full ones first: `floor(size / 256^level)` hashes a level.
pub fn tiles(size: u64) -> Vec<Tile> {
    let full_width = u64::from(TILE_WIDTH);
    let mut out = Vec::new();
    let (mut level, mut hashes) = (0, size);
    while hashes > 0 {
        let full = hashes / full_width;
        out.extend((0..full).map(|index| Tile {
            level,
            index,
            width: TILE_WIDTH,
        }));
        let width = u16::try_from(hashes % full_width).expect("a remainder of 256 fits 16 bits");
        if width > 0 {
            out.push(Tile {
                level,
                index: full,
                width,
            });
        }
        level += 1;
        hashes = full;
    }
    out
}

/// Leaves under one hash of `level`: `256^level`, `None` from level 8 on, where no log reaches.
fn span(level: u8) -> Option<u64> {
    256_u64.checked_pow(u32::from(level))
}

fn parse(path: &str) -> Option<Tile> {
    let (level, tail) = path.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = match tail.split_once(".p/") {
        Some((index, width)) => (index, width.parse().ok()?),
        None => (tail, TILE_WIDTH),
    };
    let mut number: u64 = 0;
    for group in index.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        number = number
            .checked_mul(1000)?
            .checked_add(digits.parse().ok()?)?;
    }
    Tile::new(level.parse().ok()?, number, width).ok()
}

impl fmt::Display for TileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TileError::Level { found } => {
                write!(f, "tile levels are 0 to {LEVEL_MAX}, found {found}")
            }
            TileError::Width { found } => {
                write!(f, "a tile has 1 to {TILE_WIDTH} hashes, found {found}")
            }
            TileError::Path { found } => {
                write!(
                    f,
                    "a tile path is `tile/<level>/<index>[.p/<width>]`, found {found:?}"
                )
            }
        }
    }
}

impl core::error::Error for TileError {}

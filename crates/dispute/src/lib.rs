//! Room `dispute`.

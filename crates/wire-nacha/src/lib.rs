//! Room `wire-nacha`.

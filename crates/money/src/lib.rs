//! Room `money`.

//! The tables that `build.rs` writes from the files of `rules/`.

use super::Confidence;
use super::code::{ChangeCode, CodeStatus, ReasonCode, Respondable, Retry, ReturnCode};
use super::evidence::{EvidenceLimit, Need, Requirement, Slot};
use super::lifecycle::{Governs, Lifecycle, Side, State, Transition};
use super::limit::{Regional, RuleLimit};
use super::money::{Fee, MoneyRule, Service};
use crate::status::{Stage, Standing};
use calendar::{Calendar, Unit};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

//! The small shapes that every view is made of, with one JSON form each.

use calendar::{Instant, Moment, Zone};
use dispute::fact::Span;
use money::Money;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Money in JSON: `{"amount_minor": "1234", "currency": "USD", "text": "12.34 USD"}`. The minor units are text because a
/// JSON number loses digits beyond 2^53 in most readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            amount_minor: String,
            currency: &'a str,
            text: String,
        }
        let shape = Shape {
            amount_minor: self.0.minor().to_string(),
            currency: self.0.currency().code(),
            text: self.0.to_string(),
        };
        shape.serialize(serializer)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        Amount(money)
    }
}

/// An instant in JSON: RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Instant);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl From<Instant> for At {
    fn from(instant: Instant) -> At {
        At(instant)
    }
}

/// A deadline in JSON: `{"text": "2026-11-01@America/New_York", "precision": "day", "zone": "America/New_York",
/// "latest": "2026-11-02T04:59:59Z"}`. `latest` is the last instant at which one is in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct By(pub Moment);

impl Serialize for By {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            text: String,
            precision: &'static str,
            zone: &'a str,
            latest: At,
        }
        let (precision, zone) = match self.0 {
            Moment::At(_) => ("instant", Zone::Utc.name()),
            Moment::On { zone, .. } => ("day", zone.name()),
        };
        let latest = At(self.0.latest_instant());
        Shape {
            text: self.0.to_string(),
            precision,
            zone,
            latest,
        }
        .serialize(serializer)
    }
}

impl From<Moment> for By {
    fn from(moment: Moment) -> By {
        By(moment)
    }
}

/// A byte span in JSON: `[from, until]`, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Span);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.0.from, self.0.until].serialize(serializer)
    }
}

impl From<Span> for Bytes {
    fn from(span: Span) -> Bytes {
        Bytes(span)
    }
}

/// The JSON form of a shape that is written by hand, beside the writing.
macro_rules! described {
    ($shape:ident, $schema:tt) => {
        impl JsonSchema for $shape {
            fn schema_name() -> Cow<'static, str> {
                stringify!($shape).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

described!(Amount, {
    "description": "Money. The minor units are text, because a JSON number loses digits beyond 2^53 in most readers.",
    "type": "object",
    "properties": {
        "amount_minor": { "type": "string", "pattern": "^-?[0-9]+$" },
        "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
        "text": { "type": "string" }
    },
    "required": ["amount_minor", "currency", "text"]
});

described!(At, {
    "description": "An instant, RFC 3339 in UTC.",
    "type": "string",
    "format": "date-time"
});

described!(By, {
    "description": "A deadline as it was said; `latest` is the last instant at which one is in time.",
    "type": "object",
    "properties": {
        "text": { "type": "string" },
        "precision": { "type": "string", "enum": ["instant", "day"] },
        "zone": { "type": "string" },
        "latest": { "type": "string", "format": "date-time" }
    },
    "required": ["text", "precision", "zone", "latest"]
});

described!(Bytes, {
    "description": "A span of bytes, half-open: from, until.",
    "type": "array",
    "items": { "type": "integer", "minimum": 0 },
    "minItems": 2,
    "maxItems": 2
});

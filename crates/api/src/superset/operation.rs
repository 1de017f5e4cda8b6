//! One operation of the interface, declared once: where it is, what it asks of the policy, what it takes and gives, and what
//! it does. The route, the check, the description and the table of who may are all made from this.

use super::json;
use super::shape::Shape;
use crate::Error;
use crate::call::{Call, Work};
use crate::reply::Reply;
use access::policy::{Action, Resource};
use app::Desk;
use axum::http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Writes a schema, and those that it refers to, into a description.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What callers can ask for at one path with one method.
#[derive(Clone)]
pub(crate) struct Operation {
    pub method: Method,
    /// With `{names}` for the parts that vary; each is described in `openapi.rs`.
    pub path: &'static str,
    /// Its name in programs that are generated from the description.
    pub id: &'static str,
    /// One sentence for developers.
    pub says: &'static str,
    /// Asked of the policy before anything is read. What more an operation does, it asks for itself.
    pub asks: (Action, Resource),
    pub query: Option<Describe>,
    pub takes: Takes,
    pub gives: Gives,
    /// The answer has the version of the draft as its `ETag`.
    pub tagged: bool,
    /// A change of a draft names the version that it was made from, in `If-Match`.
    pub guarded: bool,
    /// The answer holds a secret: it is shown once, and so takes no idempotency key.
    pub secret: bool,
    pub work: Work,
}

/// What a body is.
#[derive(Clone, Copy)]
pub(crate) enum Takes {
    Nothing,
    Json(Describe),
    /// Of Stripe's form, with brackets.
    Form(&'static [Param]),
    Multipart(&'static [Param]),
}

/// What an answer is.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    Json(Describe),
    /// An object of Stripe's, by its `object`.
    Object(&'static str),
    /// A list of Stripe's, by what is in it.
    List(&'static str),
    Content,
}

/// A parameter of Stripe's.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    pub name: &'static str,
    pub kind: Kind,
    pub says: &'static str,
}

/// How a parameter of Stripe's is written.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    /// A text that may be empty, or that nothing depends on.
    Unread,
    Integer(i64, i64),
    Boolean,
    /// `name[]=a&name[]=b`.
    Texts,
    /// `name[key]=value`.
    Hash,
    /// A second since 1970, or `name[gte]`, `name[gt]`, `name[lt]`, `name[lte]`.
    Range,
    File,
}

/// What a handler gives back: an answer with a schema.
pub(crate) trait Answer {
    const TAGGED: bool;
    fn schema(generator: &mut SchemaGenerator) -> Schema;
    fn reply(self) -> Result<Reply, Error>;
}

/// A view, as JSON.
pub(crate) struct Json<T>(pub T);

/// A view of a case, with the version of its draft as its tag.
pub(crate) struct Tagged<T> {
    pub version: u32,
    pub view: T,
}

/// Bytes as they are.
pub(crate) struct Raw {
    pub media_type: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

fn value<T: Serialize>(view: &T) -> Result<serde_json::Value, Error> {
    serde_json::to_value(view).map_err(|error| {
        tracing::error!(%error, "a view is no JSON");
        Error::of_ours()
    })
}

impl<T: Serialize + JsonSchema> Answer for Json<T> {
    const TAGGED: bool = false;

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }

    fn reply(self) -> Result<Reply, Error> {
        Ok(Reply::Json(value(&self.0)?))
    }
}

impl<T: Serialize + JsonSchema> Answer for Tagged<T> {
    const TAGGED: bool = true;

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }

    fn reply(self) -> Result<Reply, Error> {
        Ok(Reply::Tagged {
            version: self.version,
            value: value(&self.view)?,
        })
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn whole_schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

impl Operation {
    /// Reads: `Q` is the query.
    pub fn read<Q, A>(
        path: &'static str,
        id: &'static str,
        says: &'static str,
        asks: (Action, Resource),
        work: fn(&mut Desk, &mut Call, Q) -> Result<A, Error>,
    ) -> Operation
    where
        Q: DeserializeOwned + JsonSchema + 'static,
        A: Answer + 'static,
    {
        let shape = Shape::<Q>::of();
        Operation {
            method: Method::GET,
            path,
            id,
            says,
            asks,
            query: Some(whole_schema_of::<Q>),
            takes: Takes::Nothing,
            gives: Gives::Json(A::schema),
            tagged: A::TAGGED,
            guarded: false,
            secret: false,
            work: Arc::new(move |desk, call| {
                let asked = shape.query(&call.query)?;
                work(desk, call, asked)?.reply()
            }),
        }
    }

    /// Reads bytes as they are.
    pub fn content(
        path: &'static str,
        id: &'static str,
        says: &'static str,
        asks: (Action, Resource),
        work: fn(&mut Desk, &mut Call) -> Result<Raw, Error>,
    ) -> Operation {
        let shape = Shape::<Nothing>::of();
        Operation {
            gives: Gives::Content,
            work: Arc::new(move |desk, call| {
                shape.query(&call.query)?;
                let raw = work(desk, call)?;
                Ok(Reply::Content {
                    media_type: raw.media_type,
                    name: raw.name,
                    bytes: raw.bytes,
                })
            }),
            ..Operation::read(path, id, says, asks, nothing)
        }
    }

    /// Changes: `B` is the body.
    pub fn change<B, A>(
        path: &'static str,
        id: &'static str,
        says: &'static str,
        asks: (Action, Resource),
        work: fn(&mut Desk, &mut Call, B) -> Result<A, Error>,
    ) -> Operation
    where
        B: DeserializeOwned + JsonSchema + 'static,
        A: Answer + 'static,
    {
        let shape = Shape::<B>::of();
        let none = Shape::<Nothing>::of();
        Operation {
            method: Method::POST,
            path,
            id,
            says,
            asks,
            query: None,
            takes: Takes::Json(schema_of::<B>),
            gives: Gives::Json(A::schema),
            tagged: A::TAGGED,
            guarded: false,
            secret: false,
            work: Arc::new(move |desk, call| {
                none.query(&call.query)?;
                let sent = json::read(&call.json)?;
                let wanted = shape.body(sent)?;
                work(desk, call, wanted)?.reply()
            }),
        }
    }

    /// One sentence for developers.
    pub fn says(self, says: &'static str) -> Operation {
        Operation { says, ..self }
    }

    #[expect(dead_code, reason = "none yet")]
    /// With another method than `POST`.
    pub fn method(self, method: Method) -> Operation {
        Operation { method, ..self }
    }

    /// Refused without `If-Match`, before anything is looked at.
    pub fn guarded(self) -> Operation {
        Operation {
            guarded: true,
            ..self
        }
    }

    /// Whose answer holds a secret.
    pub fn secret(self) -> Operation {
        Operation {
            secret: true,
            ..self
        }
    }

    /// An operation of Stripe's interface; `route` is method and path with a space between.
    pub fn stripe(
        route: &'static str,
        id: &'static str,
        asks: (Action, Resource),
        gives: Gives,
        params: &'static [Param],
        work: fn(&mut Desk, &mut Call) -> Result<Reply, Error>,
    ) -> Operation {
        let (method, path) = match route.split_once(' ') {
            Some(("GET", path)) => (Method::GET, path),
            Some(("DELETE", path)) => (Method::DELETE, path),
            _ => (Method::POST, route.trim_start_matches("POST ")),
        };
        let takes = match method == Method::DELETE {
            true => Takes::Nothing,
            false => Takes::Form(params),
        };
        Operation {
            says: "",
            method,
            path,
            id,
            asks,
            query: None,
            takes,
            gives,
            tagged: false,
            guarded: false,
            secret: false,
            work: Arc::new(work),
        }
    }

    /// What its body is.
    pub fn takes_json(&self) -> bool {
        matches!(self.takes, Takes::Json(_))
    }

    /// Whether it is part of Stripe's interface.
    pub fn is_stripes(&self) -> bool {
        self.path.starts_with("/v1/")
    }
}

/// No parameters.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

fn nothing(_: &mut Desk, _: &mut Call, _: Nothing) -> Result<Json<()>, Error> {
    Ok(Json(()))
}

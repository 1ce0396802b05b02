//! Tollgate's HTTP contract, the same for every shell: routes, tokens, viewers,
//! problems and JSON shapes, and what HTTP itself asks of an answer.
//!
//! Values in, values out: no clock, no sockets, no async runtime, so that it builds natively and for wasm.

pub mod answer;
pub mod client;
pub mod cors;
pub mod edge;
pub mod field;
pub mod method;
pub mod openapi;
pub mod problem;
pub mod request_id;
pub mod responses;
pub mod routes;
pub mod token;
pub mod viewer;

pub use cors::Cors;
pub use field::{FieldError, Id};
pub use problem::{Denial, Problem, Slug};
pub use routes::{Delivery, Format, Link, LinkTarget, Route, RouteError};
pub use token::{Claims, KeySet, TokenError, TokenRules, bearer, check};
pub use viewer::{Forbidden, Role, Viewer};

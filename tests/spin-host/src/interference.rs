//! What a test puts between a component and what it asks for: delays, counts, traps.

use futures::future::BoxFuture;

/// Something a component asks the host for.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// The variable of this name.
    Variable(&'a str),
    /// A connection to the database of this name.
    Open(&'a str),
    /// A statement of SQL on a connection.
    Statement(&'a str),
    /// A request to this address.
    Request(&'a http::Uri),
}

/// The call does not return: the instance is lost with everything in it.
#[derive(Clone, Copy, Debug)]
pub struct Trap;

/// Stands between every instance of a component and what it asks for.
pub trait Interference: Send + Sync {
    /// Returns when the call may go on. A call that may wait does so without holding up its instance.
    fn before<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<(), Trap>>;
}

/// Lets everything pass at once.
#[derive(Clone, Copy, Debug)]
pub struct Undisturbed;

impl Interference for Undisturbed {
    fn before<'a>(&'a self, _call: Call<'a>) -> BoxFuture<'a, Result<(), Trap>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl From<Trap> for wasmtime::Error {
    fn from(_: Trap) -> Self {
        Self::msg("a trap that a test asked for")
    }
}

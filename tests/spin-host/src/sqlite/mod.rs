//! The interface `spin:sqlite`: one connection per `open`, each statement on a thread that may wait.

mod connection;
mod rows;
mod types;

use std::sync::Arc;

use wasmtime::{
    StoreContextMut,
    component::{Accessor, FutureReader, Linker, Resource, ResourceType, StreamReader},
};

use self::{
    connection::Connection,
    rows::Rows,
    types::{QueryResult, RowResult, SqliteError, Value},
};
use crate::{interference::Call, state::State};

/// The only database there is.
const DEFAULT: &str = "default";

type Opened = Result<Resource<Connection>, SqliteError>;
type Streamed = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), SqliteError>>);

pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut sqlite = linker.instance("spin:sqlite/sqlite@3.1.0")?;
    sqlite.resource("connection", ResourceType::host::<Connection>(), |mut store, id| {
        store.data_mut().table.delete(Resource::<Connection>::new_own(id))?;
        Ok(())
    })?;
    sqlite.func_wrap_concurrent("[static]connection.open-async", |accessor, (name,)| {
        Box::pin(async move { Ok((open_async(accessor, name).await?,)) })
    })?;
    sqlite.func_wrap_concurrent(
        "[method]connection.execute-async",
        |accessor, (connection, statement, parameters)| {
            Box::pin(async move {
                Ok((execute_async(accessor, connection, statement, parameters).await?,))
            })
        },
    )?;
    sqlite.func_wrap_concurrent(
        "[method]connection.changes-async",
        |accessor, (connection,): (Resource<Connection>,)| {
            Box::pin(async move { Ok((with(accessor, &connection)?.changes(),)) })
        },
    )?;
    sqlite.func_wrap_concurrent(
        "[method]connection.last-insert-rowid-async",
        |accessor, (connection,): (Resource<Connection>,)| {
            Box::pin(async move { Ok((with(accessor, &connection)?.last_insert_rowid(),)) })
        },
    )?;
    sqlite.func_wrap_async("[static]connection.open", |store, (name,)| {
        Box::new(async move { Ok((open(store, name).await?,)) })
    })?;
    sqlite.func_wrap_async(
        "[method]connection.execute",
        |store, (connection, statement, parameters)| {
            Box::new(async move { Ok((execute(store, connection, statement, parameters).await?,)) })
        },
    )?;
    sqlite.func_wrap(
        "[method]connection.changes",
        |store: StoreContextMut<'_, State>, (connection,): (Resource<Connection>,)| {
            Ok((store.data().table.get(&connection)?.changes(),))
        },
    )?;
    sqlite.func_wrap(
        "[method]connection.last-insert-rowid",
        |store: StoreContextMut<'_, State>, (connection,): (Resource<Connection>,)| {
            Ok((store.data().table.get(&connection)?.last_insert_rowid(),))
        },
    )
}

fn with(
    accessor: &Accessor<State>,
    connection: &Resource<Connection>,
) -> wasmtime::Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.clone()))
}

async fn open_async(accessor: &Accessor<State>, name: String) -> wasmtime::Result<Opened> {
    let options = accessor.with(|mut access| Arc::clone(&access.get().options));
    options.interference.before(Call::Open(&name)).await?;
    match Connection::to(&options, &name) {
        Ok(connection) => Ok(Ok(accessor.with(|mut access| access.get().table.push(connection))?)),
        Err(error) => Ok(Err(error)),
    }
}

async fn open(mut store: StoreContextMut<'_, State>, name: String) -> wasmtime::Result<Opened> {
    let options = Arc::clone(&store.data().options);
    options.interference.before(Call::Open(&name)).await?;
    match Connection::to(&options, &name) {
        Ok(connection) => Ok(Ok(store.data_mut().table.push(connection)?)),
        Err(error) => Ok(Err(error)),
    }
}

async fn execute_async(
    accessor: &Accessor<State>,
    connection: Resource<Connection>,
    statement: String,
    parameters: Vec<Value>,
) -> wasmtime::Result<Result<Streamed, SqliteError>> {
    let options = accessor.with(|mut access| Arc::clone(&access.get().options));
    options.interference.before(Call::Statement(&statement)).await?;
    let connection = with(accessor, &connection)?;
    let running = match connection.run(statement, parameters) {
        Ok(running) => running,
        Err(error) => return Ok(Err(error)),
    };
    // The names are known before the first row; an error of the statement comes by the future.
    let columns = running.columns.await.unwrap_or_default();
    let (rows, end) = (Rows(running.rows), running.end);
    let end = async move { end.await.map_err(|_| wasmtime::Error::msg("a statement panicked")) };
    accessor.with(|mut access| {
        let rows = StreamReader::new(&mut access, rows)?;
        let end = FutureReader::new(&mut access, end)?;
        Ok(Ok((columns, rows, end)))
    })
}

async fn execute(
    store: StoreContextMut<'_, State>,
    connection: Resource<Connection>,
    statement: String,
    parameters: Vec<Value>,
) -> wasmtime::Result<Result<QueryResult, SqliteError>> {
    let options = Arc::clone(&store.data().options);
    options.interference.before(Call::Statement(&statement)).await?;
    let connection = store.data().table.get(&connection)?.clone();
    let mut running = match connection.run(statement, parameters) {
        Ok(running) => running,
        Err(error) => return Ok(Err(error)),
    };
    let columns = running.columns.await.unwrap_or_default();
    let mut rows = Vec::new();
    while let Some(row) = running.rows.recv().await {
        rows.push(row);
    }
    Ok(running.end.await?.map(|()| QueryResult { columns, rows }))
}

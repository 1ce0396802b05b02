-- Schema 1 of the embedded store. The same text makes the store on Spin's SQLite.
-- Times are whole seconds since 1970-01-01 UTC.

CREATE TABLE IF NOT EXISTS entitlements (
    user        TEXT    NOT NULL,
    series      TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    valid_until INTEGER,
    PRIMARY KEY (user, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS episodes (
    series  TEXT NOT NULL,
    episode TEXT NOT NULL,
    video   TEXT,
    poster  TEXT,
    PRIMARY KEY (series, episode)
) STRICT, WITHOUT ROWID;

-- The primary key is what keeps one device at one lease.
CREATE TABLE IF NOT EXISTS sessions (
    user       TEXT    NOT NULL,
    device     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    series     TEXT    NOT NULL,
    episode    TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user, device)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX IF NOT EXISTS sessions_by_id ON sessions (user, id);
CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at);

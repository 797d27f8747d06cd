"""A store in one SQLite file: what the engine has acknowledged survives it.

Write-ahead logging, one transaction for each batch. `synchronous=NORMAL` survives the end of the process at any point;
`durable="full"` waits for the disk with each batch, and survives the end of the power as well. A history grows by one
row per commit, an inbox by one row per event: a turn writes what is new, whatever the length of what is old.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from dwconf.engine.core.dispatch import ActivityWork
from dwconf.engine.core.frames import History
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Timer
from dwconf.engine.core.store import Batch, Change, TimerKey
from dwconf.engine.shell.records import (
    activity_row,
    instance_row,
    read_activity,
    read_instance,
    read_timer,
    timer_row,
)
from dwconf.wire.codec import encode

VERSION = 3
SCHEMA = """
CREATE TABLE IF NOT EXISTS instances
    (id TEXT PRIMARY KEY, pending INTEGER NOT NULL, state BLOB NOT NULL, birth BLOB NOT NULL, incoming BLOB);
CREATE TABLE IF NOT EXISTS history
    (instance TEXT, number INTEGER, events INTEGER NOT NULL, frames BLOB NOT NULL, PRIMARY KEY (instance, number))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox
    (instance TEXT, number INTEGER, event BLOB NOT NULL, PRIMARY KEY (instance, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS activities
    (place INTEGER PRIMARY KEY, instance TEXT, epoch TEXT, task INTEGER, task_row BLOB NOT NULL,
     UNIQUE (instance, epoch, task));
CREATE TABLE IF NOT EXISTS timers
    (place INTEGER PRIMARY KEY, instance TEXT, alarm INTEGER, timer INTEGER, epoch TEXT NOT NULL, fire_at TEXT,
     due TEXT NOT NULL, UNIQUE (instance, alarm, timer));
CREATE INDEX IF NOT EXISTS pending_instances ON instances (pending) WHERE pending > 0;
"""
LOG_PAGES = 8_000
"""So many pages (32 MB) the log may grow before it is brought into the file, which waits for the disk each time."""
Durability = Literal["normal", "full"]


class StoreError(Exception):
    """A store that cannot be opened."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} cannot be used as a store: {self.reason}; name another file, or a new one"


class SqliteStore:
    """Keeps everything in `path`."""

    def __init__(self, path: Path, *, durable: Durability = "normal") -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, VERSION):
                raise StoreError(path, f"it was written by another version ({version}, ours is {VERSION})")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(f"PRAGMA synchronous={'FULL' if durable == 'full' else 'NORMAL'}")
            self._db.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
            self._db.executescript(SCHEMA)
            self._db.execute(f"PRAGMA user_version={VERSION}")
        except sqlite3.DatabaseError as error:
            raise StoreError(path, str(error)) from error

    def load(self, instance_id: str) -> Instance | None:
        """An instance, or None."""
        row = self._db.execute("SELECT state, birth, incoming FROM instances WHERE id = ?", (instance_id,)).fetchone()
        if row is None:
            return None
        commits = self._db.execute(
            "SELECT events, frames FROM history WHERE instance = ? ORDER BY number", (instance_id,)
        ).fetchall()
        inbox = self._db.execute(
            "SELECT number, event FROM inbox WHERE instance = ? ORDER BY number", (instance_id,)
        ).fetchall()
        history = History(b"".join(frames for _, frames in commits), sum(events for events, _ in commits), len(commits))
        first = inbox[0][0] if inbox else 0
        return read_instance(
            instance_id,
            row[0],
            birth=row[1],
            history=history,
            first=first,
            inbox=[event for _, event in inbox],
            incoming=row[2],
        )

    def ids(self, after: str | None, limit: int | None) -> Sequence[str]:
        """Ids in order."""
        rows = self._db.execute(
            "SELECT id FROM instances WHERE id > ? OR ? ORDER BY id LIMIT ?",
            (after or "", after is None, -1 if limit is None else limit),
        )
        return [row[0] for row in rows]

    def save(self, batch: Batch) -> None:
        """Write a batch in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._save_instances(batch.instances.items())
            self._save_activities(batch.activities.items())
            self._save_timers(batch.timers.items())
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _save_instances(self, changes: Iterable[tuple[str, Change]]) -> None:
        gone: list[tuple[str]] = []
        born: list[tuple[Any, ...]] = []
        changed: list[tuple[Any, ...]] = []
        commits: list[tuple[Any, ...]] = []
        taken: list[tuple[str, int]] = []
        queued: list[tuple[Any, ...]] = []
        for instance_id, change in changes:
            before, after = change.before, change.after
            fresh = before is None or after is None or before.epoch != after.epoch
            if before is not None and fresh:
                gone.append((instance_id,))
            if after is None:
                continue
            row = (len(after.inbox), instance_row(after))
            if fresh or before is None:
                born.append((instance_id, *row, _birth(after), after.incoming))
                before = None
            else:
                changed.append((*row, instance_id))
            _history_rows(before, after, commits)
            _inbox_rows(before, after, taken, queued)
        self._many("DELETE FROM instances WHERE id = ?", gone)
        self._many("DELETE FROM history WHERE instance = ?", gone)
        self._many("DELETE FROM inbox WHERE instance = ?", gone)
        self._many("INSERT INTO instances (id, pending, state, birth, incoming) VALUES (?, ?, ?, ?, ?)", born)
        self._many("UPDATE instances SET pending = ?, state = ? WHERE id = ?", changed)
        self._many("INSERT INTO history VALUES (?, ?, ?, ?)", commits)
        self._many("DELETE FROM inbox WHERE instance = ? AND number < ?", taken)
        self._many("INSERT INTO inbox VALUES (?, ?, ?)", queued)

    def _save_activities(self, changes: Iterable[tuple[ActivityWork, ActivityTask | None]]) -> None:
        put, gone = [], []
        for work, task in changes:
            key = (work.instance_id, work.epoch, work.task_id)
            gone.append(key)
            if task is not None:
                put.append((*key, activity_row(task)))
        self._many("DELETE FROM activities WHERE instance = ? AND epoch = ? AND task = ?", gone)
        self._many("INSERT INTO activities (instance, epoch, task, task_row) VALUES (?, ?, ?, ?)", put)

    def _save_timers(self, changes: Iterable[tuple[TimerKey, Timer | None]]) -> None:
        put, gone = [], []
        for (instance_id, alarm, timer_id), timer in changes:
            gone.append((instance_id, alarm.value, timer_id))
            if timer is not None:
                put.append(timer_row(timer))
        self._many("DELETE FROM timers WHERE instance = ? AND alarm = ? AND timer = ?", gone)
        self._many("INSERT INTO timers (instance, alarm, timer, epoch, fire_at, due) VALUES (?, ?, ?, ?, ?, ?)", put)

    def _many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._db.executemany(statement, rows)

    def open_instances(self) -> Iterable[str]:
        """Ids of the instances that have events queued."""
        return [row[0] for row in self._db.execute("SELECT id FROM instances WHERE pending > 0 ORDER BY rowid")]

    def activities(self) -> Iterable[ActivityTask]:
        """Activities without an outcome."""
        rows = self._db.execute("SELECT instance, epoch, task, task_row FROM activities ORDER BY place")
        return [read_activity(*row) for row in rows]

    def timers(self) -> Iterable[Timer]:
        """Timers that have not fired."""
        rows = self._db.execute("SELECT instance, alarm, timer, epoch, fire_at, due FROM timers ORDER BY place")
        return [read_timer((row[0], row[1], row[2], row[3], row[4], row[5])) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _birth(state: Instance) -> bytes:
    first = state.inbox[0] if state.inbox else None
    return first.data if first is not None and first.event is state.birth else encode(state.birth)


def _history_rows(before: Instance | None, after: Instance, out: list[tuple[Any, ...]]) -> None:
    old = before.history if before is not None else History()
    new = after.history
    if new.events > old.events:
        frames = new.frames[len(old.frames) :]
        out.append((after.id, new.commits, new.events - old.events, frames))


def _inbox_rows(
    before: Instance | None, after: Instance, taken: list[tuple[str, int]], out: list[tuple[Any, ...]]
) -> None:
    known = before.first + len(before.inbox) if before is not None else after.first
    if before is not None and before.inbox and (after.first > before.first or not after.inbox):
        taken.append((after.id, after.first if after.inbox else known))
    start = max(0, known - after.first)
    out.extend(
        (after.id, after.first + place, queued.data) for place, queued in enumerate(after.inbox[start:], start=start)
    )

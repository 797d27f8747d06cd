"""An engine that is killed between any two writes: nothing acknowledged is lost, nothing is applied twice.

A load is run once on a file. Whenever the database or its log changes, the files are copied as they are and as they
were on the way there, frame by frame of the log and page by page of the database; what the engine had answered by then
is noted beside them. Each copy is what a kill in that moment would have left. It is opened again, and must hold what
was there after the step before or after the step itself, to the last row; and the latter if the step was answered.
From each of them a new engine finishes the load.

The connection gets so little memory that transactions spill into the log before they are committed, and checkpoints
come every few pages, so that neither a half-written transaction nor a half-copied page is a rare sight.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import grpc
import pytest

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.store import Batch
from dwconf.engine.shell.clocks import VIRTUAL_START, VirtualClock
from dwconf.engine.shell.runtime import Runtime
from dwconf.engine.shell.service import TaskHub
from dwconf.engine.shell.sqlite import SqliteStore
from dwconf.wire.codec import encode
from dwconf.wire.values import GetWorkItemsRequest
from tests.engine.rig import SECOND
from tests.engine.scripted_load import LOAD, Session, View, elapsed, promised, view

PAGE, FRAME, HEADER = 4096, 4096 + 24, 32
"""Bytes of a page, of a frame of the log, and of the log's header."""
TABLES = ("instances", "history", "inbox", "activities", "timers")
WITHOUT_WAITING = "synchronous=OFF"
"""What is written, and in which order, is the same; but nobody waits for the disk, which no kill of a process needs."""
Rows = tuple[tuple[Any, ...], ...]


# An engine without sockets.


class Context:
    """A gRPC context that hands items to a session."""

    def __init__(self, arrived: Callable[[bytes], None]) -> None:
        self._arrived = arrived

    async def abort(self, code: grpc.StatusCode, details: str = "") -> NoReturn:
        raise ConnectionError(f"{code}: {details}")

    async def send_initial_metadata(self, initial_metadata: Sequence[tuple[str, str]]) -> None:
        del initial_metadata

    def peer(self) -> str:
        return "memory"

    async def write(self, message: bytes) -> None:
        self._arrived(message)


class Direct:
    """The way to a service in the same process."""

    def __init__(self, runtime: Runtime, clock: VirtualClock) -> None:
        self.service = TaskHub(runtime, send_timeout=10)
        self._clock = clock

    async def call(self, method: str, data: bytes) -> bytes:
        answer: bytes = await getattr(self.service, method)(data, Context(lambda _: None))
        return answer

    async def advance(self, nanos: int) -> bytes:
        await self._clock.advance(nanos)
        return b""


@dataclass(frozen=True, slots=True)
class Engine:
    """How an engine is made: the reference, or one that is wrong in some way."""

    store: type[SqliteStore] = SqliteStore
    runtime: type[Runtime] = Runtime
    decisions: Decisions = REFERENCE

    @asynccontextmanager
    async def living(self, store: SqliteStore, steps: int) -> AsyncIterator[Session]:
        """A session with an engine on a store, `steps` into the load."""
        clock = VirtualClock(VIRTUAL_START + elapsed(steps) * SECOND)
        hub = Hub(store=store, seed=b"life %d" % steps, rules=self.decisions, now=clock.now())
        runtime = self.runtime(hub=hub, store=store, clock=clock)
        link = Direct(runtime, clock)
        session, service = Session(link), link.service
        stream = Context(session.arrived)
        worker = asyncio.ensure_future(service.GetWorkItems(encode(GetWorkItemsRequest()), stream))
        await Runtime.durable(runtime)
        try:
            yield session
        finally:
            tasks: list[asyncio.Future[Any]] = [worker, *session.replies.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


# What a kill leaves.


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of a database and of its write-ahead log."""

    database: bytes
    log: bytes

    def write(self, path: Path) -> Path:
        """Put them where a store finds them."""
        path.write_bytes(self.database)
        path.with_name(path.name + "-wal").write_bytes(self.log)
        path.with_name(path.name + "-shm").unlink(missing_ok=True)
        return path


def read(path: Path) -> Files:
    """The files as they are."""
    log = path.with_name(path.name + "-wal")
    return Files(path.read_bytes(), log.read_bytes() if log.exists() else b"")


def on_the_way(before: Files, after: Files) -> Iterator[Files]:
    """What the files were between two looks: the log is written first, then pages are copied from it.

    A frame of the log may also be written in part.
    """
    whole = range(HEADER, len(after.log) + 1, FRAME)
    for cut in sorted([*whole, *[place + FRAME // 2 for place in whole]]):
        yield Files(before.database, after.log[:cut] + before.log[cut:])
    for cut in range(0, len(after.database) + 1, PAGE):
        yield Files(after.database[:cut] + before.database[cut:], after.log)


@dataclass(frozen=True, slots=True)
class Point:
    """A moment in which the engine may be killed: during which step, and what it had answered."""

    files: Files
    step: int
    promised: int


class Watched:
    """A store's connection that looks at its files before and after every statement that may write."""

    def __init__(self, connection: sqlite3.Connection, look: Callable[[], None]) -> None:
        self._connection = connection
        self._look = look

    def execute(self, statement: str, *rest: Any) -> sqlite3.Cursor:  # noqa: ANN401
        if statement.startswith("SELECT"):
            return self._connection.execute(statement, *rest)
        return self._between(lambda: self._connection.execute(statement, *rest))

    def executemany(self, statement: str, rows: Any) -> sqlite3.Cursor:  # noqa: ANN401
        return self._between(lambda: self._connection.executemany(statement, rows))

    def _between(self, run: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        self._look()
        try:
            return run()
        finally:
            self._look()

    def close(self) -> None:
        self._connection.close()


@dataclass
class Recording:
    """One run of the load: the points, and what was in the tables after each step."""

    path: Path
    session: Session
    points: list[Point] = field(default_factory=list)
    tables: list[Rows] = field(default_factory=list)
    end: View = field(default_factory=dict)

    def look(self) -> None:
        """Note what a kill at this moment, or since the last look, would leave."""
        now, kept = read(self.path), promised(self.session.answered())
        before = self.points[-1].files if self.points else now
        seen = {before} if self.points else set()
        for files in (*on_the_way(before, now), now):
            if files not in seen:
                seen.add(files)
                self.points.append(Point(files, self.session.current, kept))


def rows_of(store: SqliteStore) -> Rows:
    """Everything that a store holds."""
    return tuple(row for table in TABLES for row in store._db.execute(f"SELECT '{table}', * FROM {table}"))


async def record(engine: Engine, path: Path) -> Recording:
    """Run the load once, under watch."""
    store = engine.store(path)
    for setting in ("cache_size=3", "wal_autocheckpoint=20", WITHOUT_WAITING):
        store._db.execute(f"PRAGMA {setting}")
    async with engine.living(store, 0) as session:
        recording = Recording(path, session, tables=[rows_of(store)])
        connection = store._db
        store._db = Watched(connection, recording.look)  # type: ignore[assignment]
        for number in range(1, len(LOAD) + 1):
            await session.make(number)
            recording.tables.append(rows_of(store))
        await session.rest(len(LOAD))
        recording.end = await view(session.link)
        recording.look()
    store.close()
    return recording


# What must hold at each of them.


@dataclass
class Judge:
    """Opens what a kill left, and tells what is wrong with it."""

    engine: Engine
    recording: Recording
    path: Path
    finished: set[int] = field(default_factory=set)

    async def breaches(self) -> AsyncIterator[str]:
        """All that is wrong, in words; from every state that was found, the load is finished once."""
        for point in self.recording.points:
            async for breach in self._at(point):
                yield breach

    async def _at(self, point: Point) -> AsyncIterator[str]:
        store = SqliteStore(point.files.write(self.path))
        store._db.execute(f"PRAGMA {WITHOUT_WAITING}")
        try:
            Hub(store=store, seed=b"reopened")
            done = self._done(rows_of(store), point.step)
            if done is None:
                yield f"step {point.step} is there in part"
            elif done < point.promised:
                yield f"step {point.promised} was answered, but only {done} are there"
            elif done not in self.finished:
                self.finished.add(done)
                if await self._finish(store, done) != self.recording.end:
                    yield f"after {done} steps, the load comes to another end"
        finally:
            store.close()

    def _done(self, rows: Rows, step: int) -> int | None:
        """How many steps the store has; None when it is what no number of steps leaves."""
        return next((n for n in (step, step - 1) if n >= 0 and self.recording.tables[n] == rows), None)

    async def _finish(self, store: SqliteStore, done: int) -> View | str:
        """The end of the load with a new engine, to which the worker first repeats what it told the killed one."""
        async with self.engine.living(store, done) as session:
            try:
                for number, (method, request) in self.recording.session.requests.items():
                    if number <= done and method.startswith("Complete"):
                        await session.link.call(method, request)
                await session.rest(done)
            except (ConnectionError, TimeoutError) as error:
                return f"{type(error).__name__}: {error}"
            return await view(session.link)


def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    async def test() -> None:
        recording = await record(Engine(), tmp_path / "run.sqlite")
        judge = Judge(Engine(), recording, tmp_path / "killed.sqlite")
        assert [breach async for breach in judge.breaches()] == []
        assert judge.finished == set(range(len(LOAD) + 1))
        assert len(recording.points) > 500

    asyncio.run(test())


# That it would be noticed.


class Hasty(Runtime):
    """Answers before the batch is saved."""

    async def durable(self) -> None:
        self.touched()


class Halves(SqliteStore):
    """Writes instances in one transaction, and activities and timers in another."""

    def save(self, batch: Batch) -> None:
        super().save(replace(batch, activities={}, timers={}))
        super().save(replace(batch, instances={}))


class Careless(SqliteStore):
    """Commits after every statement."""

    def save(self, batch: Batch) -> None:
        self._save_instances(batch.instances.items())
        self._save_activities(batch.activities.items())
        self._save_timers(batch.timers.items())


def any_token(given: str, expected: str) -> bool:
    """Takes the answer to a turn of the killed process for one to its own."""
    del given, expected
    return True


@pytest.mark.parametrize(
    ("engine", "noticed"),
    [
        pytest.param(Engine(runtime=Hasty), "was answered, but only", id="answers before the commit"),
        pytest.param(Engine(store=Halves), "is there in part", id="two transactions"),
        pytest.param(Engine(store=Careless), "is there in part", id="no transaction"),
        pytest.param(
            Engine(decisions=replace(REFERENCE, token_matches=any_token)), "to another end", id="an old answer counts"
        ),
    ],
)
def test_it_would_be_noticed(engine: Engine, noticed: str, tmp_path: Path) -> None:
    async def first() -> str:
        recording = await record(engine, tmp_path / "run.sqlite")
        async for breach in Judge(engine, recording, tmp_path / "killed.sqlite").breaches():
            if noticed in breach:
                return breach
        return "nothing"

    assert noticed in asyncio.run(first())

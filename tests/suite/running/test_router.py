"""The router: each item goes to the scene whose instance it is about, and what is nobody's goes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from grpc import StatusCode

from dwconf.suite.running.router import Ended, Router, Routes
from dwconf.suite.scene.actions import child, complete
from dwconf.suite.scene.sidecar import NotAlone, SidecarScene
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.suite.trace.record import Tape
from dwconf.wire.values import WorkerCapability

RUN = "dwabcdef"
MANY = 20


@asynccontextmanager
async def routed() -> AsyncIterator[tuple[EmbeddedSidecar, Router]]:
    """A reference engine whose work a router hands out."""
    target = EmbeddedSidecar()
    await target.start()
    router = Router(RUN, target.new_channel, target.metadata)
    await router.start()
    await target.route(router.address)
    try:
        yield target, router
    finally:
        await target.route("")
        await router.close()
        await target.stop()


def scene(target: EmbeddedSidecar, name: str) -> SidecarScene:
    return SidecarScene(target, Tape(name), f"{RUN}{name}")


def run(conversation: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(conversation())


async def with_a_child(s: SidecarScene) -> None:
    """Many instances, each with a child whose id the engine makes."""
    s.connect()
    for parent, starting in [s.start() for _ in range(MANY)]:
        await s.answer(await s.turn(parent), child(0))
        await s.settle(starting)
        kid = await s.item(lambda i, of=parent: i.instance_id.startswith(f"{of}:"), expects="the child")  # type: ignore[misc]
        await s.answer(kid, complete(0))
        await s.answer(await s.turn(parent), complete(1))
        await s.completed(parent)


def test_each_scene_gets_its_own_items_and_each_item_once() -> None:
    async def conversation() -> None:
        async with routed() as (target, router):
            scenes = [scene(target, f"w{number}-1") for number in range(4)]
            await asyncio.gather(*(with_a_child(s) for s in scenes))
            for s in scenes:
                assert all(s.mine(item.instance_id) for item in s.items)
                assert len({item.token for item in s.items}) == len(s.items) == 3 * MANY
                assert s.streams[0].foreign == 0
                await s.close()
            assert router.routes.foreign == 0

    run(conversation)


def test_what_is_nobodys_is_not_answered_and_goes_back_with_the_stream() -> None:
    async def conversation() -> None:
        async with routed() as (target, router):
            s = scene(target, "w0-1")
            other = SidecarScene(target, Tape("other"), "somebody")
            foreign, starting = other.start()
            await with_a_child(s)
            assert router.routes.foreign == 1
            assert not starting.done
            await s.close()
            await target.route("")
            await router.close()
            other.connect()
            await other.answer(await other.turn(foreign), complete(0))
            await other.settle(starting)
            await other.close()

    run(conversation)


def test_what_comes_before_its_stream_waits_for_it() -> None:
    async def conversation() -> None:
        async with routed() as (target, _):
            s, later = scene(target, "w0-1"), scene(target, "w0-2")
            early, _ = later.start()
            await with_a_child(s)
            later.connect()
            await later.answer(await later.turn(early), complete(0))
            for one in (s, later):
                await one.close()

    run(conversation)


def test_a_sidecar_that_ends_the_stream_ends_it_for_everybody() -> None:
    async def conversation() -> None:
        async with routed() as (target, _):
            scenes = [scene(target, f"w{number}-1") for number in range(2)]
            streams = [s.connect() for s in scenes]
            wf, _ = scenes[0].start()
            await scenes[0].turn(wf)
            await target._server.stop()
            for stream in streams:
                await asyncio.wait_for(stream.ended(), 10)
                assert not stream.open

    run(conversation)


def test_a_case_about_streams_is_told_that_it_is_not_alone() -> None:
    async def conversation() -> None:
        async with routed() as (target, _):
            s = scene(target, "w0-1")
            with pytest.raises(NotAlone):
                s.connect(WorkerCapability.STATEFUL_HISTORY)
            s.connect()
            with pytest.raises(NotAlone):
                s.connect()
            await s.close()

    run(conversation)


def test_what_a_stream_was_not_given_yet_waits_for_the_next_one() -> None:
    routes = Routes(RUN)
    first = routes.join("dwabcdefw0-1-")
    assert first is not None
    assert routes.join("dwabcdefw0-1-") is None
    routes.hand("dwabcdefw0-1-i1", b"one")
    routes.leave(first)
    second = routes.join("dwabcdefw0-1-")
    assert second is not None
    assert second.items.get_nowait() == ("dwabcdefw0-1-i1", b"one")
    assert first.items.empty()


def test_ids_that_begin_alike_are_told_apart() -> None:
    routes = Routes(RUN)
    first, tenth = routes.join("dwabcdef0-1-"), routes.join("dwabcdef0-10-")
    assert first is not None
    assert tenth is not None
    routes.hand("dwabcdef0-10-i1:0000", b"child")
    routes.hand("dwabcdf0-1-i1", b"of another run")
    assert first.items.empty()
    assert tenth.items.qsize() == 1
    assert routes.foreign == 1


def test_an_end_takes_back_what_waited() -> None:
    routes = Routes(RUN)
    routes.hand("dwabcdef0-1-i1", b"lost with the stream")
    routes.end(Ended(StatusCode.UNAVAILABLE, ""))
    joined = routes.join("dwabcdef0-1-")
    assert joined is not None
    assert joined.items.empty()

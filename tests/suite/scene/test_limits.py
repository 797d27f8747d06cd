"""How the largest message of a sidecar is learned, from a sidecar that is a function."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from dwconf.suite.scene.limits import LEAST, MOST, message_limit, named_in, padded
from dwconf.suite.scene.stage import CaseOver
from dwconf.wire.codec import decode
from dwconf.wire.values import GetMetadataRequest


@dataclass
class Answer:
    """What a call comes to."""

    code: str
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.code == "OK"

    @property
    def outcome(self) -> str:
        return self.code


@dataclass
class Sidecar:
    """Takes requests up to a size, and refuses others in its own words."""

    limit: int
    words: str = "too large"
    code: str = "RESOURCE_EXHAUSTED"
    sizes: list[int] = field(default_factory=list)
    steps: dict[str, object] = field(default_factory=dict)

    async def call(self, method: str, request: bytes, *, step: str = "") -> Answer:
        assert (method, step in ("", "limit/above")) == ("Hello", True)
        self.sizes.append(len(request))
        words = self.words.format(sent=len(request), limit=self.limit)
        return Answer("OK") if len(request) <= self.limit else Answer(self.code, words)

    def reached(self, step: str, **fields: object) -> None:
        self.steps[step] = fields["bytes"]

    def missed(self, step: str, expects: str) -> None:
        self.steps[step] = expects


def learned(sidecar: Sidecar) -> int:
    return asyncio.run(message_limit(sidecar, step="limit"))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [5, 131, 132, 16_388, 16_389, LEAST, MOST])
def test_padding_has_the_size_that_is_asked_for_and_means_nothing(size: int) -> None:
    data = padded(size)
    assert len(data) == size
    assert decode(GetMetadataRequest, data).unknown == data


@pytest.mark.parametrize(
    "words",
    [
        "grpc: received message larger than max ({sent} vs. {limit})",
        "SERVER: Received message larger than max ({sent} vs. {limit})",
        "gRPC message exceeds maximum size {limit}: {sent}",
    ],
    ids=["go", "c", "java"],
)
def test_a_limit_that_is_named_is_tried_and_believed(words: str) -> None:
    sidecar = Sidecar(4_194_304, words)
    assert learned(sidecar) == 4_194_304
    assert sidecar.sizes == [MOST, 4_194_304, 4_236_247]
    assert sidecar.steps == {"limit": 4_194_304}


@pytest.mark.parametrize("limit", [LEAST, 70_000, 1_000_000, 4_194_304, MOST - 1])
@pytest.mark.parametrize("words", ["too large", "at most 5000000 bytes", "{sent} of 100000 or 200000"])
def test_a_limit_that_is_not_named_or_named_wrongly_is_closed_in_on(limit: int, words: str) -> None:
    sidecar = Sidecar(limit, words)
    found = learned(sidecar)
    assert limit * 99 // 100 <= found <= limit or found == limit
    assert len(sidecar.sizes) <= 19


@pytest.mark.parametrize(
    "sidecar",
    [Sidecar(MOST), Sidecar(0), Sidecar(1_000, code="UNAVAILABLE")],
    ids=["takes-anything", "takes-nothing", "fails-otherwise"],
)
def test_a_sidecar_whose_limit_cannot_be_learned_ends_the_case(sidecar: Sidecar) -> None:
    with pytest.raises(CaseOver):
        learned(sidecar)


def test_numbers_that_are_no_limit_are_not_taken_for_one() -> None:
    assert named_in(f"{MOST} bytes are too many, ask 12345 or 99999999", MOST) is None

"""What the rulebook holds, as frozen values.

A rule is data: an id, prose, and where it comes from. It holds no code, so that a report, `list` and `explain` can
show it without loading a single check, and so that renaming a check never renames what users see.

Ids are `side/chapter/slug`. A rule that is renamed keeps its old id as an alias, so that lists of known failures and
links into reports go on working. Names of capabilities, choices and profiles are unique within a side; where both
sides share one mapping, the key is `side/name`, the way rule ids are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Which of the two peers a rule binds."""

    ENGINE = "engine"
    WORKER = "worker"


class Level(StrEnum):
    """How much a rule binds; INFO rules feed the fingerprint and judge nothing."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    INFO = "INFO"


class Evidence(StrEnum):
    """What is known about a rule from peers other than our own references."""

    OBSERVED = "observed"
    """Seen on the wire of a shipping peer, or asserted by a test of one."""
    SOURCE_ONLY = "source only"
    """Read in the source of a shipping peer; no run has confirmed it."""
    STATED = "stated"
    """Follows from the documents or the protos; no shipping peer is cited for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A statement of the protocol documents or an entry of a catalogue, as rules cite it.

    `page` is the address of a page of the documents, or the path of a page of ours relative to the repository.
    """

    id: str
    text: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter of the rulebook; `letter` is its place in the catalogue of its side."""

    side: Side
    name: str
    letter: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One normative statement.

    `since` is the Dapr release line from which on it holds, `needs` the capabilities without which it cannot be
    judged, `choice` the name of the choice between two contracts that a profile makes for it, `tension` the ids of
    the places where the documents disagree with protos and engines, `latitude` what else is tolerated.
    """

    id: str
    side: Side
    chapter: str
    slug: str
    level: Level
    title: str
    statement: str
    sources: tuple[str, ...]
    since: str
    evidence: Evidence
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    choice: str | None = None
    latitude: str = ""
    tension: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Something that a target may lack, and how a probe finds out.

    For a worker, `operations` are those of the conformance app's language that it stands for, and a `feature` is one
    of the manifest's features, of the same name: the app's manifest says which of them it has. What is `shown` is seen
    before a run, in what the app answers and in how it opens its stream.
    """

    name: str
    side: Side
    title: str
    description: str
    probe: str
    operations: tuple[str, ...] = ()
    feature: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Two or more legitimate contracts for one matter; `options` maps the name of each to what it says."""

    name: str
    side: Side
    title: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why a profile denies a capability, and where that can be read."""

    reason: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a kind of target claims.

    `capabilities` says of each capability of the side whether it is claimed, `denials` gives the reason for each that
    is not, and `overrides` names the option taken in each choice. With `from_manifest`, a capability that stands for
    operations or a feature of the conformance app is claimed when the app's manifest lists them, and this profile's
    word is not asked.
    """

    name: str
    side: Side
    title: str
    description: str
    capabilities: Mapping[str, bool]
    denials: Mapping[str, Denial]
    overrides: Mapping[str, str]
    from_manifest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSet:
    """What a Dapr release line answers for: its rules, and the capabilities (`side/name`) that it may lack."""

    name: str
    rules: tuple[str, ...]
    may_lack: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A catalogue entry that no rule cites, and why."""

    source: str
    reason: str

"""Schedules by chance: Hypothesis draws them, and shrinks the ones that find something.

Nothing here knows an engine. A schedule begins with a stream and an instance, because without either nothing happens;
what follows is drawn in parts of a few operations that make sense together, and in single ones between them.
"""

from __future__ import annotations

from hypothesis import strategies as st

from dwconf.suite.schedules.operations import (
    SLOTS,
    Act,
    Answer,
    AnyOperation,
    Drop,
    Hold,
    Open,
    Pass,
    Purge,
    Raise,
    Read,
    Repeat,
    Resume,
    Schedule,
    Settle,
    SettleAgain,
    Stale,
    Start,
    Suspend,
    Terminate,
    Wrong,
)

CHAPTERS, PARTS = 4, 10
"""A schedule has some chapters of some parts: lists of lists, because Hypothesis draws short ones by itself."""
BEGINNING: Schedule = (Open(), Start())
Part = tuple[AnyOperation, ...]
slots = st.sampled_from([0, 0, 0, *range(SLOTS)])
work = st.lists(st.sampled_from([Act.TASK, Act.TIMER, Act.TASK]), max_size=2)
ending = st.sampled_from([None, None, None, Act.AGAIN, Act.CARRY, Act.END, Act.FAIL])
CLIENT = (Raise, Read, Suspend, Resume, Terminate, Purge, Start)
WORKER = (Hold, Settle, Repeat, Stale, Wrong, SettleAgain)


def _acts(parts: tuple[list[Act], Act | None]) -> tuple[Act, ...]:
    made, end = parts
    return (*made, end) if end is not None else tuple(made)


acts = st.tuples(work, ending).map(_acts)
answers = st.builds(Answer, slots, acts)


@st.composite
def _moved(draw: st.DrawFn) -> Part:
    """Something to do, and what is done about it."""
    slot = draw(slots)
    return Raise(slot), Answer(slot, draw(acts))


@st.composite
def _lost(draw: st.DrawFn) -> Part:
    """A turn is lost with its stream, and comes again."""
    slot = draw(slots)
    after: Part = draw(st.sampled_from([(), (Raise(slot),), (Hold(slot), Stale(slot))]))
    return Raise(slot), Hold(slot), Drop(), *after, Open(remembers=draw(st.booleans()))


@st.composite
def _busy(draw: st.DrawFn) -> Part:
    """An activity is scheduled, and settled, now or when it was lost, or by the generation after it."""
    slot = draw(slots)
    between: Part = draw(st.sampled_from([(), (), (Drop(), Open()), (Raise(slot), Answer(slot, (Act.AGAIN,)))]))
    again: Part = draw(st.sampled_from([(), (SettleAgain(slot),)]))
    return Raise(slot), Answer(slot, (Act.TASK,)), *between, Settle(slot, fails=draw(st.booleans())), *again


@st.composite
def _continued(draw: st.DrawFn) -> Part:
    """Something is begun, an event comes, and the workflow continues as new before either is over."""
    slot = draw(slots)
    again = draw(st.sampled_from([Act.CARRY, Act.AGAIN]))
    begun = Answer(slot, (draw(st.sampled_from([Act.TIMER, Act.TASK])),))
    later: Part = draw(st.sampled_from([(), (Raise(slot),), (Settle(slot),)]))
    return begun, Raise(slot), Answer(slot, (again,)), *later, Answer(slot, draw(acts)), Pass(ticks=2)


def _alone(operation: AnyOperation) -> Part:
    return (operation,)


single: st.SearchStrategy[AnyOperation] = st.one_of(
    answers,
    answers,
    answers,
    answers,
    *(st.builds(kind, slots) for kind in (*CLIENT, *WORKER)),
    st.builds(Settle, slots, fails=st.booleans()),
    st.builds(Open, remembers=st.booleans()),
    st.just(Drop()),
    st.builds(Pass, ticks=st.integers(1, 3)),
)
parts: st.SearchStrategy[Part] = st.one_of(
    single.map(_alone), _moved(), single.map(_alone), _lost(), _busy(), _continued()
)
chapters: st.SearchStrategy[list[list[Part]]] = st.lists(st.lists(parts, max_size=PARTS), max_size=CHAPTERS)
schedules: st.SearchStrategy[Schedule] = chapters.map(
    lambda drawn: (*BEGINNING, *(operation for chapter in drawn for part in chapter for operation in part))
)
"""Any schedule."""

"""Programs: small workflows as JSON, which one interpreter workflow runs in any SDK (docs/conformance-app.md).

`builder` makes them, the schema describes them, and the vectors show what each operation means on the wire.
"""

from dwconf.suite.programs.builder import (
    Program as Program,
    Retry as Retry,
    Step as Step,
    all_ as all_,
    any_ as any_,
    await_ as await_,
    bad as bad,
    call as call,
    can as can,
    child as child,
    detach as detach,
    loop as loop,
    patched as patched,
    probe as probe,
    program as program,
    return_ as return_,
    send as send,
    start as start,
    start_all as start_all,
    start_any as start_any,
    start_child as start_child,
    start_timer as start_timer,
    start_wait as start_wait,
    status as status,
    throw as throw,
    timer as timer,
    try_ as try_,
    var as var,
    wait as wait,
)
from dwconf.suite.programs.schema import schema as schema

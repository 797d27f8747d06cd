"""A rulebook folder of a few rules, to be broken in one place at a time."""

import shutil
from pathlib import Path

from dwconf.suite.rulebook.loader import DATA, RELEASES

TIMERS = """
side = "engine"
chapter = "timers"
letter = "E"
title = "Timers"

[[rule]]
id = "engine/timers/fires"
level = "MUST"
title = "A timer fires"
statement = "A timer that is due becomes one `timerFired`."
sources = ["ENG-E-01", "OV-9"]
since = "1.16"
evidence = "observed"

[[rule]]
id = "engine/timers/fires-once"
level = "SHOULD"
title = "A timer fires once"
statement = "A timer fires once."
sources = ["ENG-E-10"]
since = "1.18"
evidence = "source only"
needs = ["persistence"]
aliases = ["engine/timers/no-duplicates"]
choice = "stale-event-timer"
tension = ["T-4"]
latitude = "None."
"""

REPLAY = """
side = "worker"
chapter = "replay"
letter = "B"
title = "Replay"

[[rule]]
id = "worker/replay/unknown-resolution-ignored"
level = "MUST"
title = "A resolution of nothing is ignored"
statement = "It neither fails nor disturbs the workflow."
sources = ["WRK-B-17"]
since = "1.19"
evidence = "stated"
"""


def write_folder(target: Path) -> Path:
    """Our own data with three rules in place of all, and requirement sets without any."""
    shutil.copytree(DATA, target, ignore=shutil.ignore_patterns("rules", "requirements"))
    for side, chapter, text in (("engine", "timers", TIMERS), ("worker", "replay", REPLAY)):
        folder = target / "rules" / side
        folder.mkdir(parents=True)
        (folder / f"{chapter}.toml").write_text(text, encoding="utf-8")
    (target / "requirements").mkdir()
    for release in RELEASES:
        text = f'release = "{release}"\nrules = []\n\n[may_lack]\nengine = ["persistence"]\nworker = []\n'
        (target / "requirements" / f"{release}.toml").write_text(text, encoding="utf-8")
    return target

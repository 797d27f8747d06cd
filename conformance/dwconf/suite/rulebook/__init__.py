"""The rulebook: every rule, where it comes from, and what a target may claim.

`load_rulebook()` is the way in. The data lies in `data/`: one file for each chapter of rules, the catalogues and
documents that rules cite, capabilities, choices, profiles, requirement sets and exclusions.
"""

from dwconf.suite.rulebook.errors import (
    RulebookError,
    UnknownName,
    UnknownPattern,
    UnknownProfile,
    UnknownRequirements,
    UnknownRule,
    UnknownSource,
)
from dwconf.suite.rulebook.loader import load_rulebook
from dwconf.suite.rulebook.model import (
    Capability,
    Chapter,
    Choice,
    Denial,
    Evidence,
    Exclusion,
    Level,
    Profile,
    RequirementSet,
    Rule,
    Side,
    Source,
)
from dwconf.suite.rulebook.rulebook import Rulebook

__all__ = [
    "Capability",
    "Chapter",
    "Choice",
    "Denial",
    "Evidence",
    "Exclusion",
    "Level",
    "Profile",
    "RequirementSet",
    "Rule",
    "Rulebook",
    "RulebookError",
    "Side",
    "Source",
    "UnknownName",
    "UnknownPattern",
    "UnknownProfile",
    "UnknownRequirements",
    "UnknownRule",
    "UnknownSource",
    "load_rulebook",
]

"""What a check sees: the trace of one case, decoded, with the case's named steps."""

from dwconf.suite.evidence.evidence import Evidence as Evidence
from dwconf.suite.evidence.facts import (
    Call as Call,
    Item as Item,
    Moment as Moment,
    StreamEnd as StreamEnd,
    StreamOpen as StreamOpen,
)
from dwconf.suite.evidence.verdicts import (
    Finding as Finding,
    Findings as Findings,
    Missed as Missed,
    NoEvidence as NoEvidence,
)

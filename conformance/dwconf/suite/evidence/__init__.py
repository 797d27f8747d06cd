"""What a check sees: the trace of one case, decoded, with the case's named steps."""

from dwconf.suite.evidence.evidence import Evidence as Evidence
from dwconf.suite.evidence.facts import Call as Call
from dwconf.suite.evidence.facts import Item as Item
from dwconf.suite.evidence.facts import Moment as Moment
from dwconf.suite.evidence.facts import StreamEnd as StreamEnd
from dwconf.suite.evidence.verdicts import Finding as Finding
from dwconf.suite.evidence.verdicts import Findings as Findings
from dwconf.suite.evidence.verdicts import Missed as Missed
from dwconf.suite.evidence.verdicts import NoEvidence as NoEvidence

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from junitparser.xunit2 import JUnitXml as StrictJUnitXml
from syrupy.assertion import SnapshotAssertion

from dwconf.reports.junit import render_junit
from tests.reports.hostile import HOSTILE, hostile_report
from tests.reports.sample import engine_target, sample_report

# The xunit 2 schema as Jenkins publishes it, as far as we write it: attributes, and children in their order.
SCHEMA: dict[str, tuple[set[str], list[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors", "skipped"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["skipped", "error", "failure", "system-out", "system-err"]),
    "failure": ({"type", "message"}, []),
    "error": ({"type", "message"}, []),
    "skipped": ({"type", "message"}, []),
    "system-out": (set(), []),
}


def keeps_schema(element: ET.Element) -> None:
    attributes, children = SCHEMA[element.tag]
    assert set(element.attrib) <= attributes
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    for child in element:
        keeps_schema(child)


def test_snapshot(snapshot: SnapshotAssertion) -> None:
    assert render_junit(sample_report()) == snapshot


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_peer_says_it_is_well_formed(text: str) -> None:
    document = render_junit(hostile_report(text))
    keeps_schema(ET.fromstring(document.encode("utf-8")))
    assert len(document) < 1_000_000


def test_read_back_by_a_strict_parser(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(render_junit(sample_report()), encoding="utf-8")
    suites = list(StrictJUnitXml.fromfile(str(file)))
    rules = engine_target().rules
    assert [(case.classname, case.name) for case in suites[0]] == [(rule.chapter, rule.id) for rule in rules]
    assert suites[0].tests == len(rules)
    counted = JUnitXml.fromfile(str(file))
    written = (counted.tests, counted.failures, counted.errors, counted.skipped)
    counted.update_statistics()  # type: ignore[no-untyped-call]
    assert (counted.tests, counted.failures, counted.errors, counted.skipped) == written


def test_could_not_tell_is_never_green() -> None:
    outcomes = {
        case.name: {type(result) for result in case.result}
        for suite in JUnitXml.fromstring(render_junit(sample_report()).encode())
        for case in suite
    }
    assert outcomes["engine/timers/never-early"] == {Failure}
    assert outcomes["engine/events/case-blind-names"] == {Failure}
    assert outcomes["engine/lifecycle/purge-deep"] == {Error}
    assert outcomes["engine/errors/unknown-id"] == {Error}
    assert outcomes["engine/start/answer-after-commit"] == {Skipped}
    assert outcomes["engine/lifecycle/list-pages"] == {Skipped}
    assert outcomes["engine/turns/prompt"] == set()
    assert outcomes["engine/connection/hello-answers"] == set()

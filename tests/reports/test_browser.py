"""The page in a real browser: it works, complains of nothing, and asks nothing of the network."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from dwconf.reports.html import render_html
from dwconf.reports.model import Report
from dwconf.reports.text import visible
from tests.reports.hostile import HOSTILE, hostile_report
from tests.reports.sample import engine_target, sample_report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

DARK = {"name": "prefers-color-scheme", "value": "dark"}

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="needs chromium and chromedriver on PATH"),
    pytest.mark.timeout(120),
]

Open = Callable[..., webdriver.Chrome]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    assert CHROMIUM is not None
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def open_page(chrome: webdriver.Chrome, tmp_path: Path) -> Open:
    def opened(
        report: Report, *, anchor: str = "", width: int = 1280, dark: bool = False, script: bool = True
    ) -> webdriver.Chrome:
        file = tmp_path / "report.html"
        file.write_text(render_html(report), encoding="utf-8")
        chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
        chrome.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        chrome.get("about:blank")
        for log in ("browser", "performance"):
            entries(chrome, log)
        chrome.get(file.as_uri() + anchor)
        return chrome

    return opened


def in_sight(page: webdriver.Chrome, selector: str) -> list[WebElement]:
    return [element for element in page.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]


def entries(page: webdriver.Chrome, log: str) -> list[dict[str, str]]:
    """What the browser wrote since this was last asked."""
    return list(page.get_log(log))  # type: ignore[no-untyped-call]


def requests(page: webdriver.Chrome) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in entries(page, "performance")]
    return [
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    ]


def test_is_silent_and_alone(open_page: Open) -> None:
    page = open_page(sample_report())
    page.find_element(By.ID, "open-all").click()
    page.find_element(By.ID, "search").send_keys("timer")
    assert entries(page, "browser") == []
    assert [url for url in requests(page) if url != page.current_url] == []


def test_the_policy_holds(open_page: Open) -> None:
    """A request that the page would make is refused: the emptiness above is no accident."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        page = open_page(sample_report())
        page.execute_script("new Image().src = arguments[0]", address)
        outcome = page.execute_async_script(
            "fetch(arguments[0]).then(() => arguments[1]('sent'), () => arguments[1]('refused'))", address
        )
    assert outcome == "refused"
    assert any("Content Security Policy" in entry["message"] for entry in entries(page, "browser"))


def test_counters_add_up(open_page: Open) -> None:
    page = open_page(sample_report())
    heroes = in_sight(page, ".hero")
    assert len(heroes) == 2
    for hero, target in zip(heroes, sample_report().targets, strict=True):
        counts = {
            element.get_attribute("data-verdict"): int(element.text)
            for element in hero.find_elements(By.CSS_SELECTOR, ".count")
        }
        assert counts == {str(verdict): number for verdict, number in target.counts.items() if number}
        assert sum(counts.values()) == int(hero.find_element(By.CSS_SELECTOR, ".total").text) == len(target.rules)
    rows = page.find_elements(By.CSS_SELECTOR, ".row")
    assert len(rows) == sum(len(target.rules) for target in sample_report().targets)


def test_the_first_failure_is_open_with_its_evidence(open_page: Open) -> None:
    page = open_page(sample_report())
    card = page.find_element(By.CSS_SELECTOR, ".rule.card")
    assert card.get_attribute("id") == "engine/timers/never-early"
    assert "timerFired(0) at 10:20:44.999" in card.text
    assert "dwconf sidecar --requirements 1.18 --seed 7 engine/timers/never-early" in card.text
    (decisive,) = card.find_elements(By.CSS_SELECTOR, ".decisive")
    assert decisive.is_displayed()
    assert "timer_fired" in decisive.text


def test_a_closed_finding_opens_by_a_click(open_page: Open) -> None:
    page = open_page(sample_report())
    warning = page.find_element(By.ID, "engine/turns/prompt")
    assert "after 5.1 s" not in warning.text
    warning.find_element(By.CSS_SELECTOR, "summary").click()
    assert "after 5.1 s" in warning.text


def test_verdict_filter(open_page: Open) -> None:
    page = open_page(sample_report())
    page.find_element(By.CSS_SELECTOR, ".chip[data-verdict=fail]").click()
    assert {element.get_attribute("data-verdict") for element in in_sight(page, ".rule")} == {"fail"}
    assert page.find_element(By.ID, "matches").text == "2 rules match"
    page.find_element(By.CSS_SELECTOR, ".chip[data-verdict=pass]").click()
    passed = engine_target().counts
    assert len(in_sight(page, ".row[data-verdict=pass]")) == sum(n for v, n in passed.items() if v == "pass") + 7
    for chip in ("fail", "pass"):
        page.find_element(By.CSS_SELECTOR, f".chip[data-verdict={chip}]").click()
    assert page.find_element(By.ID, "matches").text == ""
    assert in_sight(page, ".row") == []


def test_search(open_page: Open) -> None:
    page = open_page(sample_report())
    page.find_element(By.TAG_NAME, "body").send_keys("/")
    page.switch_to.active_element.send_keys("TIMER fires once")
    assert [element.get_attribute("id") for element in in_sight(page, ".card")] == ["engine/timers/fires-once"]
    assert [element.text for element in in_sight(page, ".row .id")] == ["engine/timers/fires-once"]
    page.find_element(By.ID, "search").send_keys(Keys.ESCAPE)
    assert len(in_sight(page, ".card")) == 7


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_link_leads_to_its_rule(open_page: Open, *, script: bool) -> None:
    page = open_page(sample_report(), anchor="#engine/timers/due-timers-fire-in-order", script=script)
    rule = page.find_element(By.ID, "engine/timers/due-timers-fire-in-order")
    assert rule.is_displayed()
    assert 0 <= rule.rect["y"] - page.execute_script("return scrollY") < 900


def test_reads_without_scripts(open_page: Open) -> None:
    page = open_page(sample_report(), script=False)
    assert in_sight(page, ".needs-script") == []
    assert "timerFired(0) at 10:20:44.999" in page.find_element(By.TAG_NAME, "main").text
    page.find_element(By.CSS_SELECTOR, ".chapter summary").click()
    assert len(in_sight(page, ".row")) == 4


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out(open_page: Open, width: int) -> None:
    page = open_page(hostile_report("W" * 5000), width=width)
    page.find_element(By.ID, "open-all").click()
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


def ground(page: webdriver.Chrome) -> str:
    return str(page.execute_script("return getComputedStyle(document.body).backgroundColor"))


def test_prints_on_white(open_page: Open) -> None:
    page = open_page(sample_report(), dark=True)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [DARK]})
    assert ground(page) == "rgb(255, 255, 255)"
    assert in_sight(page, ".tools, .copy") == []
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_follows_the_system_and_the_switch(open_page: Open) -> None:
    light, dark = ground(open_page(sample_report())), ground(open_page(sample_report(), dark=True))
    assert light != dark
    page = open_page(sample_report(), dark=True)
    page.find_element(By.ID, "theme").click()
    assert ground(page) == light
    page.find_element(By.ID, "theme").click()
    assert ground(page) == dark


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "huge"])
def test_a_peer_runs_no_code(open_page: Open, name: str) -> None:
    page = open_page(hostile_report(HOSTILE[name]))
    named = " ".join(f"NOT CONFORMANT · {visible(HOSTILE[name])}".split())
    page.find_element(By.ID, "open-all").click()
    assert page.title == named
    assert entries(page, "browser") == []
    assert [url for url in requests(page) if url != page.current_url] == []

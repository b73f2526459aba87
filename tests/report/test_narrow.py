"""On a telephone no page scrolls sideways as a whole, and what does scroll can be reached from the keyboard."""

from __future__ import annotations

import json

import pytest

from hubeval.profile import read_profile
from hubeval.readiness import assess
from hubeval.release.pages import release_plan, release_portfolio
from hubeval.report.outputs import outputs
from hubeval.report.plan import plan_files
from hubeval.report.portfolio import write_portfolio
from hubeval.theory import plan_from
from tests.conftest import ROOT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


PAGES = ("report.html", "brief.html", "audit.html", "plan.html", "areas/index.html", "areas/areas/sefton.html")


@pytest.fixture(scope="module")
def folder(released, tmp_path_factory):
    out = tmp_path_factory.mktemp("pages")
    areas = [assess(read_profile(ROOT / "designs" / area / "profile.toml")) for area in ("sefton", "essex")]
    write_portfolio(release_portfolio(areas), out / "areas")
    (out / "plan.html").write_text(plan_files(release_plan(plan_from(ROOT / "designs/bristol/theory.toml")))["plan.html"], "utf-8")
    made = outputs(released)
    for name in ("report.html", "brief.html", "audit.html"):
        (out / name).write_text(made[name], "utf-8")
    return out


@pytest.mark.parametrize("width", [390, 320])
def test_no_page_scrolls_sideways(browser, folder, width):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=True)
    try:
        for name in PAGES:
            browser.open(folder / name)
            assert browser.run("document.documentElement.scrollWidth") <= width, name
            loose = "[...document.querySelectorAll('.scroll')].filter((e) => e.tabIndex !== 0 || !e.ariaLabel).length"
            assert browser.run(loose) == 0, name
    finally:
        browser.call("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing_in_a_report_or_a_plan(browser, axe, folder, width):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    browser.call("Page.setBypassCSP", enabled=True)
    try:
        for name in PAGES:
            browser.open(folder / name)
            browser.run(f"{axe}; 0")
            options = json.dumps({"runOnly": {"type": "tag", "values": TAGS}})
            found = browser.run(f"axe.run(document, {options}).then((r) => r.violations.map((v) => v.id))")
            assert found == [], name
    finally:
        browser.call("Emulation.clearDeviceMetricsOverride")
        browser.call("Page.setBypassCSP", enabled=False)

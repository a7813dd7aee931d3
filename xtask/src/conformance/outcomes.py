"""A plugin of pytest that notes what each test did: one line per report, at once, so that a crash costs
no line that was written."""

import os

_NOTES = os.environ.pop("CONFORMANCE_OUTCOMES", os.devnull)


def pytest_runtest_logreport(report):
    part = type(report).__name__ == "SubtestReport"
    # Parts of a test matter if they fail; its preparation and its end, too.
    if report.failed or report.skipped and not part or report.when == "call" and not part:
        with open(_NOTES, "a", encoding="utf-8") as notes:
            notes.write(f"{report.outcome} {report.nodeid}\n")

"""Reports as HTML that is one file: pictures and style are inside, there is no script, and nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.report.night import GRADES
from dashboards.report.weeks import BRACKETS
from dashboards.report.weeks_pdf import COLUMNS
from dashboards.report.words import templates

if TYPE_CHECKING:
    from dashboards.report.night import NightReport
    from dashboards.report.weeks import WeeksReport


def night_html(report: NightReport) -> str:
    """Return the report of a night as one page of HTML.

    Parameters
    ----------
    report : NightReport
        What it says.

    Returns
    -------
    str
        The page. It prints on A4, and without colours as well as with them.
    """
    return templates().get_template("night_report.html").render(report=report, grades=GRADES)


def weeks_html(report: WeeksReport) -> str:
    """Return the report of weeks as one page of HTML.

    Parameters
    ----------
    report : WeeksReport
        What it says.

    Returns
    -------
    str
        The page, with every night of the weeks as a row of its table.
    """
    return templates().get_template("weeks_report.html").render(report=report, columns=COLUMNS, brackets=BRACKETS)

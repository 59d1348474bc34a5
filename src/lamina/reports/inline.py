"""A report inside a notebook: in a frame of its own, so that neither changes the other's looks."""

from html import escape
from typing import final


@final
class InlineReport:
    """A report as a notebook shows it.

    The frame is a sandbox: the report's scripts run, and reach nothing of the notebook.

    Args:
        page: The report's HTML.
        height: Height of the frame in pixels.
    """

    def __init__(self, page: str, *, height: int = 800) -> None:
        self.page = page
        """The report's HTML."""
        self.height = height
        """Height of the frame in pixels."""

    def _repr_html_(self) -> str:
        """Return the frame for notebooks."""
        style = f"width:100%;height:{self.height}px;border:1px solid #8888;border-radius:4px"
        return (
            f'<iframe sandbox="allow-scripts" title="Report" style="{style}" '
            f'srcdoc="{escape(self.page, quote=True)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"InlineReport({len(self.page):,} characters of HTML)"

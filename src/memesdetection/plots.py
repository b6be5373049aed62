"""Plots: matplotlib figures as small SVG, in colours that colour-blind readers can tell apart."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

from .errors import MissingExtra

try:
    import matplotlib
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtra("Drawing plots", "evaluate") from error

# Okabe and Ito, "Color Universal Design", 2008.
BLUE, VERMILLION = "#0072B2", "#D55E00"
COLOURS = (BLUE, VERMILLION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "osD^vPX"
"""Marks for points; with the colours, of which there are another number, 42 pairs."""

# No plot uses this near-black otherwise, so it can be found again in the SVG.
_INK = "#010203"
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _INK,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    # As wide as any, so that what is laid out by it also fits in a reader's own font.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "grid.alpha": 0.2,
    "grid.color": _INK,
    "legend.frameon": False,
    "svg.fonttype": "none",
    # Names inside the SVG are random otherwise, and the same plot would never be the same file.
    "svg.hashsalt": "memes",
    "text.color": _INK,
    # A dollar in somebody's name begins no formula.
    "text.parse_math": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


def svg(
    draw: Callable[[Figure], None],
    width: float,
    height: float,
    ink: str = "currentColor",
    paper: str = "none",
) -> str:
    """Draw a figure and return it as an SVG element; the same figure gives the same text.

    Args:
        draw: draws on an empty figure.
        width: of the figure in inches; text is 9 points high.
        height: likewise.
        ink: colour of text, axes and whatever is drawn in `matplotlib.rcParams["text.color"]`, as
            CSS; by default that of the text around the SVG.
        paper: colour of the background.
    """
    drawn = io.StringIO()
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # The reader's own fonts draw the text.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure = Figure(figsize=(width, height), layout="constrained", facecolor=paper)
        draw(figure)
        figure.savefig(drawn, format="svg", metadata=_NO_METADATA)
    text = drawn.getvalue()
    # The names of groups would be there once more in the next SVG of a page.
    return re.sub(r'<g id="[^"]*"', "<g", text[text.index("<svg") :]).replace(_INK, ink)

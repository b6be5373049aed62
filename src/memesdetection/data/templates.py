"""The kinds of pictures that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """A kind of picture that can be drawn.

    Attributes:
        name: of its HTML file in `drawings`.
        label: `meme` or `not_meme`.
        kind: as in the index.
        text: the list of words that a language must have to be drawn in.
        weight: how often it is drawn, against the others of its label.
        shapes: widths and heights, pixels.
        is_paper: it may be photographed, not only seen flat on a screen.
    """

    name: str
    label: str
    kind: str
    text: str
    weight: float
    shapes: tuple[tuple[int, int], ...]
    is_paper: bool = False


# The longest side of each is a cell's.
_PHONE = ((260, 560), (280, 560), (315, 560), (252, 560), (373, 560))
_SHEET = ((396, 560), (420, 560), (433, 560))
_WIDE = ((560, 315), (560, 420), (560, 350))
_BROAD = (560, 200)
_SQUARE = ((560, 560), (448, 560), (560, 450))

TEMPLATES = (
    Template("chat", "not_meme", "screenshots", "chat", 20, _PHONE),
    Template("chatlist", "not_meme", "screenshots", "chat", 4, _PHONE),
    Template("messages", "not_meme", "screenshots", "message", 4, _PHONE),
    Template("payment", "not_meme", "screenshots", "name", 4, _PHONE),
    Template("settings", "not_meme", "screenshots", "setting", 3, _PHONE),
    Template("apps", "not_meme", "screenshots", "app", 3, _PHONE),
    Template("shop", "not_meme", "screenshots", "item", 4, (*_PHONE, *_WIDE)),
    Template("article", "not_meme", "screenshots", "notice", 3, (*_PHONE, *_WIDE)),
    Template("notes", "not_meme", "screenshots", "note", 3, (*_PHONE, *_SQUARE)),
    Template("code", "not_meme", "screenshots", "role", 4, _WIDE),
    Template("spreadsheet", "not_meme", "screenshots", "item", 3, (*_WIDE, *_SQUARE)),
    Template("receipt", "not_meme", "documents", "food", 5, ((260, 560), (220, 560)), True),
    Template("invoice", "not_meme", "documents", "item", 4, _SHEET, True),
    Template("ticket", "not_meme", "documents", "city", 5, ((560, 250), (560, 300), *_PHONE), True),
    Template("notice", "not_meme", "documents", "notice", 8, (*_SHEET, *_SQUARE), True),
    Template("timetable", "not_meme", "documents", "subject", 3, (*_WIDE, *_SQUARE), True),
    Template("menu", "not_meme", "documents", "dish", 4, (*_SHEET, *_SQUARE), True),
    Template("newspaper", "not_meme", "documents", "headline", 4, (*_SHEET, *_WIDE), True),
    Template("form", "not_meme", "documents", "role", 3, _SHEET, True),
    Template("idcard", "not_meme", "documents", "role", 4, ((560, 340), (560, 320), *_SHEET), True),
    Template("calendar", "not_meme", "documents", "day", 3, (*_WIDE, *_SHEET), True),
    Template("handwriting", "not_meme", "documents", "note", 5, (*_SHEET, *_SQUARE), True),
    Template("invitation", "not_meme", "posters", "invite", 6, (*_SHEET, *_SQUARE), True),
    Template("cover", "not_meme", "posters", "title", 3, ((370, 560), (400, 560)), True),
    Template("poster", "not_meme", "posters", "event", 5, (*_SHEET, *_SQUARE), True),
    Template("slide", "not_meme", "charts_slides_maps", "bullet", 4, _WIDE),
    Template("chart", "not_meme", "charts_slides_maps", "city", 5, (*_WIDE, *_SQUARE)),
    Template("map", "not_meme", "charts_slides_maps", "city", 4, (*_PHONE, *_WIDE, *_SQUARE)),
    Template("whiteboard", "not_meme", "photos_with_text", "bullet", 3, _WIDE, True),
    Template("sign", "not_meme", "photos_with_text", "sign", 4, (*_WIDE, *_SQUARE), True),
    Template("plot", "not_meme", "charts_slides_maps", "term", 16, (*_WIDE, *_SQUARE, _BROAD)),
    Template("diagram", "not_meme", "charts_slides_maps", "term", 15, (*_WIDE, *_SQUARE, *_SHEET)),
    Template("infographic", "not_meme", "charts_slides_maps", "point", 8, (*_SHEET, *_SQUARE)),
    Template("lecture", "not_meme", "charts_slides_maps", "point", 15, _WIDE),
    Template("formula", "not_meme", "documents", "point", 8, (*_SHEET, *_WIDE, _BROAD), True),
    Template("certificate", "not_meme", "documents", "notice", 5, (*_WIDE, *_SHEET), True),
    Template("table", "not_meme", "documents", "term", 6, (*_WIDE, *_SQUARE, *_SHEET), True),
    Template("dashboard", "not_meme", "screenshots", "term", 7, (*_WIDE, *_SQUARE)),
    Template("desktop", "not_meme", "screenshots", "term", 9, (*_WIDE, *_SQUARE)),
    Template("webpage", "not_meme", "screenshots", "point", 9, (*_WIDE, *_SQUARE, *_PHONE)),
    Template("terminal", "not_meme", "screenshots", "term", 4, (*_WIDE, *_SQUARE, _BROAD)),
    Template("widget", "not_meme", "screenshots", "term", 8, (*_SQUARE, *_WIDE, _BROAD)),
    Template("game", "not_meme", "screenshots", "term", 6, (*_WIDE, *_SQUARE, *_PHONE)),
    Template("joke", "meme", "text-only", "joke", 12, (*_SQUARE, *_WIDE, *_SHEET)),
    Template("tweet", "meme", "text-only", "joke", 6, (*_SQUARE, *_WIDE)),
    Template("quote", "meme", "text-only", "quote", 6, (*_SQUARE, *_WIDE, *_SHEET)),
    Template("greeting", "meme", "greeting", "wish", 14, (*_SQUARE, *_SHEET, *_WIDE)),
    Template("parody", "meme", "greeting", "joke", 4, (*_SQUARE, *_SHEET)),
    Template("chatjoke", "meme", "chat", "joke", 6, (*_PHONE[1:], *_SQUARE)),
)

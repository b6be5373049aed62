"""Put pictures of the app's screens into docs/android and the stores' pages.

`make android-screenshots` runs it, after the tests that draw them. They show samples/ alone.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

PROJECT = Path(__file__).resolve().parents[2]
DRAWN = PROJECT / "android/target/screenshots"
DOCS = PROJECT / "docs/android"
STORES = PROJECT / "fastlane/metadata/android"
COLOURS = 256
WIDTH, HEIGHT = 360, 640

# Name in docs -> as the tests draw it.
PAGE = {
    "home": "34-home-light",
    "scan": "34-scan-light",
    "denied": "34-denied-light",
    "review": "34-review-light",
    "selection": "34-selection-light",
    "undo": "34-undo-light",
    "picture": "34-heat-light",
    "cleanups": "34-cleanups-light",
    "check": "34-check-light",
    "verdicts": "34-verdicts-light",
    "settings": "34-settings-light",
    "about": "34-about-light",
    "dark": "34-selection-dark",
    "hindi": "34-home-hindi",
    "large": "34-selection-large",
    "android8": "26-home-android8",
    "landscape": "34-selection-landscape",
    "tablet": "34-selection-tablet",
}
# Of each language, in the order of the store's page.
SHOWN = {
    "en-US": ["home-light", "selection-light", "heat-light", "undo-light"],
    "hi-IN": ["home-hindi", "selection-hindi", "picture-hindi"],
}


def save(drawn: str, target: Path, most: tuple[int, int] | None = None) -> None:
    """Write a small PNG of a screen, at most so wide and high if asked."""
    with Image.open(DRAWN / f"{drawn}.png") as picture:
        screen = picture.convert("RGB")
    if most:
        screen.thumbnail(most, Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Refined, so that a colour of few pixels, such as a button's, stays as it is.
    few = screen.quantize(COLOURS, kmeans=8, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


def main() -> None:
    for name, drawn in PAGE.items():
        wide = name in ("landscape", "tablet")
        save(drawn, DOCS / f"{name}.png", (2 * WIDTH, HEIGHT) if wide else (WIDTH, HEIGHT))
    for language, screens in SHOWN.items():
        for number, screen in enumerate(screens, 1):
            folder = STORES / language / "images/phoneScreenshots"
            save(f"34-{screen}", folder / f"{number}_{screen.partition('-')[0]}.png")


if __name__ == "__main__":
    main()

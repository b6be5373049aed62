"""Tells memes from the other pictures of a phone.

from memesdetection import Classifier
Classifier().judge("a.jpg")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .classifier import Classifier as Classifier
    from .classifier import Judgement as Judgement

__version__ = "0.1.0"
__all__ = ["Classifier", "Judgement", "__version__"]


def __getattr__(name: str) -> Any:
    # Deferred, so that `memes --version` need not load what judges pictures.
    if name in ("Classifier", "Judgement"):
        from . import classifier

        return getattr(classifier, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Learning: from what the user marked to what a scan compares its pictures with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from . import pictures
from .classifier import Classifier
from .errors import PictureError
from .likeness import Likeness
from .marks import Lesson, Marks, default_path
from .store import Store


def learn(classifier: Classifier, store: Store | None = None) -> Likeness | None:
    """Take up what the user corrected, or None where nothing is to be learned from it.

    A marked picture that this model did not see yet is looked for in the store and, where its file
    still is as it was, judged; else only the mark itself holds, for the same content.

    Args:
        classifier: whose verdicts are to be changed.
        store: knows verdicts and files; None to look nothing up.

    Raises:
        ModelError: the model file is broken.
        StoreError: a database failed.
    """
    path = default_path()
    if not path.exists():
        return None
    with Marks(path) as marks:
        verdicts = marks.all()
        lessons = marks.lessons(classifier.identity)
        known = {one.sha256 for one in lessons}
        if store is not None and (unknown := [one for one in verdicts if one not in known]):
            found = [*_found(unknown, classifier, store)]
            if found:
                marks.teach(found)
                lessons += found
    size = 2 * classifier.channels
    # A file of corrections may claim anything.
    fitting = [one for one in lessons if len(one.embedding) == size]
    return Likeness(fitting, verdicts, classifier.thresholds) or None


def lesson(sha256: str, content: bytes, classifier: Classifier) -> Lesson:
    """What a model makes of the content of a file.

    Raises:
        ModelError: the model file is broken.
        PictureError: it is not a sound picture.
    """
    outputs = classifier.run(classifier.decode(content))
    return Lesson(sha256, classifier.identity, outputs.probability, outputs.kept_embedding)


def _found(digests: Iterable[str], classifier: Classifier, store: Store) -> Iterable[Lesson]:
    for digest in digests:
        known = store.known_content(digest, classifier.identity)
        embedding = store.embeddings([digest], classifier.identity).get(digest)
        if known is not None and known.probability is not None and embedding is not None:
            yield Lesson(digest, classifier.identity, known.probability, embedding)
        elif known is None or known.error is None:
            yield from _judged(digest, classifier, store)


def _judged(digest: str, classifier: Classifier, store: Store) -> Iterable[Lesson]:
    for path in store.paths(digest):
        try:
            content = pictures.read(path)
            if hashlib.sha256(content).hexdigest() == digest:
                yield lesson(digest, content, classifier)
                return
        except PictureError:
            continue

"""The album: the pictures of one folder as a scan finds them, and what the user does with them."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from .. import cleaning, gallery, journal, looks, marks, pictures, store
from ..classifier import Classifier, Verdict
from ..errors import MemesError, PictureError, UnreadableFile
from ..gallery import Finding
from ..journal import Entry
from ..learning import learn
from ..looks import Looks, Stacks
from ..marks import REASONS, Mark, Marks
from ..names import printable
from ..pictures import FoundFile
from ..selection import Judged, judged

PAGE = 1_000
"""Pictures that `changes` gives at a time."""

LOOK_SIDE = 128
"""Pixels from which a look is made: with fewer, a copy of another size looks unlike."""

_LOOKS_AT_A_TIME = 64
_OTHER_CONTENT = "It is not what was judged (any more); scan again."


@dataclass(frozen=True)
class Picture:
    """A picture of the album.

    Attributes:
        file: as it was found, or where it is since an undo.
        finding: of the scan, with the model's verdict.
        mark: the user's verdict, or None.
        stack: number that pictures of the same look share, or None if it is not known yet.
        gone: it was moved to the trash.
        trouble: one sentence that says why it cannot be shown, or None.
    """

    file: FoundFile
    finding: Finding
    mark: Verdict | None = None
    stack: int | None = None
    gone: bool = False
    trouble: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of what the user asked for.

    Attributes:
        said: one sentence for the user.
        problems: a sentence for each picture that it did not work for, with its name.
        failed: it could not be done; then it may be asked for once more.
    """

    said: str
    problems: list[str] = field(default_factory=list)
    failed: bool = False


@dataclass(frozen=True)
class _Trashed:
    cleanup: int
    numbers: dict[int, int]
    """From the journal's number of a file to the album's."""


@dataclass(frozen=True)
class _Marked:
    before: dict[str, Verdict | None]
    mark: Mark


class Album:
    """The pictures of a folder, numbered as they are found; threads may share it."""

    def __init__(self, folder: Path, classifier: Classifier) -> None:
        """Take up a folder; `scan` looks into it.

        Args:
            folder: subfolders included.
            classifier: judges.
        """
        self.folder = folder
        self._classifier = classifier
        self._pictures: list[Picture] = []
        # Numbers of pictures, one for each change: a page asks for those that it has not seen.
        self._changes: list[int] = []
        self._changing = threading.Lock()
        self._marks: dict[str, Verdict] = {}
        self._acting = threading.Lock()
        self._done: list[_Trashed | _Marked] = []
        self._stopping = threading.Event()
        self._doing: tuple[str, int, int] | None = ("Looking for files", 0, 0)
        self._failed: str | None = None

    def scan(self) -> None:
        """Judge the pictures and stack those that look the same; returns when that is done.

        What goes wrong is told by `changes`.
        """
        try:
            self._marks = marks.read_marks()
            with Looks(looks.default_path()) as known:
                stacks: dict[str, int] = {}
                heap = Stacks()
                self._judge(known, heap, stacks)
                self._look(known, heap, stacks)
        except MemesError as error:
            self._failed = str(error)
        finally:
            self._doing = None

    def stop(self) -> None:
        """Let `scan` end soon; what was judged is remembered."""
        self._stopping.set()

    def changes(self, after: int) -> dict[str, Any]:
        """The pictures that came or changed, for JSON, at most `PAGE`.

        Args:
            after: how many changes were seen; 0 at first.

        Returns:
            `pictures`; `after` for the next call; `more`, whether that has some at once; `doing`,
            `done` and `total` as long as a scan runs; `failed`, a sentence, if it could not go on.
        """
        doing = self._doing
        with self._changing:
            numbers = self._changes[after : after + PAGE]
            shown = [self._described(number) for number in dict.fromkeys(numbers)]
            more = after + PAGE < len(self._changes)
        return {
            "pictures": shown,
            "after": after + len(numbers),
            "more": more,
            "doing": doing and doing[0],
            "done": doing and doing[1],
            "total": doing and doing[2],
            "failed": self._failed,
        }

    def digest(self, number: int) -> str | None:
        """SHA-256 of a picture's content, hexadecimal; None where there is no such picture."""
        try:
            return self._at(number).finding.sha256
        except LookupError:
            return None

    def content(self, number: int) -> bytes:
        """The content of a picture, which is what was judged and nothing else.

        Raises:
            LookupError: there is no picture of this number.
            PictureError: it is gone or changed; the page is told, too.
        """
        picture = self._at(number)
        try:
            return _content(picture.file.path, picture.finding.sha256)
        except PictureError as error:
            if not picture.gone:
                self.trouble(number, str(error))
            raise

    def trouble(self, number: int, sentence: str) -> None:
        """Tell that a picture cannot be shown."""
        if self._at(number).trouble != sentence:
            self._change(number, trouble=sentence)

    def move_to_trash(self, numbers: Iterable[int]) -> Outcome:
        """Move pictures to the trash, with the journal, unless the user kept them.

        Raises:
            LookupError: there is no picture of a number.
        """
        chosen: list[tuple[int, Judged]] = []
        for number in dict.fromkeys(numbers):
            picture = self._at(number)
            one = judged(picture.file, picture.finding)
            if one is not None and not picture.gone:
                chosen.append((number, one))
        with self._acting:
            return self._moved(chosen)

    def mark(self, numbers: Iterable[int], mark: Mark) -> Outcome:
        """Keep pictures or mark them as memes: they and their copies.

        Raises:
            LookupError: there is no picture of a number.
        """
        digests = [self._at(number).finding.sha256 for number in dict.fromkeys(numbers)]
        known = [digest for digest in digests if digest is not None]
        with self._acting:
            try:
                with Marks(marks.default_path()) as kept:
                    present = kept.all()
                    kept.put(known, mark)
            except MemesError as error:
                return Outcome(str(error), failed=True)
            self._done.append(_Marked({digest: present.get(digest) for digest in known}, mark))
            self._tell_marks(dict.fromkeys(known, mark))
        done = "Kept" if mark == "not_meme" else "Marked as memes:"
        return Outcome(f"{done} {_counted(len(digests))}.")

    @property
    def undoable(self) -> bool:
        """Whether anything is left that `undo` takes back."""
        return bool(self._done)

    def undo(self) -> Outcome:
        """Take back what was done last, as far as it has not been taken back."""
        with self._acting:
            if not self._done:
                return Outcome("There is nothing to undo here; memes history lists more.")
            last = self._done[-1]
            try:
                if isinstance(last, _Trashed):
                    return self._put_back(last)
                return self._unmarked(last)
            except MemesError as error:
                return Outcome(str(error), failed=True)

    def _judge(self, known: Looks, heap: Stacks, stacks: dict[str, int]) -> None:
        with store.Store(store.default_path()) as verdicts:
            files = list(pictures.find([self.folder]))
            likeness = learn(self._classifier, verdicts)
            findings = gallery.scan(files, self._classifier, verdicts, likeness=likeness)
            with closing(findings):
                for done, (file, finding) in enumerate(zip(files, findings, strict=True), 1):
                    if self._stopping.is_set():
                        return
                    self._doing = ("Judging", done, len(files))
                    if finding.is_picture:
                        self._add(file, finding, self._known_stack(finding, known, heap, stacks))

    def _known_stack(
        self, finding: Finding, known: Looks, heap: Stacks, stacks: dict[str, int]
    ) -> int | None:
        digest = finding.sha256
        if digest is None or finding.error is not None:
            return None
        if digest not in stacks and (luminance := known.of(digest)) is not None:
            stacks[digest] = heap.put(luminance)
        return stacks.get(digest)

    def _look(self, known: Looks, heap: Stacks, stacks: dict[str, int]) -> None:
        """Find out what pictures look like of which that is not known yet."""
        waiting: dict[str, list[int]] = {}
        for number, picture in enumerate(self._pictures):
            digest = picture.finding.sha256
            if picture.finding.error is None and digest is not None and picture.stack is None:
                waiting.setdefault(digest, []).append(number)
        total, done = len(waiting), 0
        remaining = iter(waiting.items())
        with ThreadPoolExecutor(gallery.available_cores(), thread_name_prefix="look") as pool:
            while some := list(islice(remaining, _LOOKS_AT_A_TIME)):
                if self._stopping.is_set():
                    return
                self._doing = ("Looking for the same pictures", done, total)
                found = pool.map(self._look_at, [numbers[0] for _, numbers in some])
                new = []
                for (digest, numbers), luminance in zip(some, found, strict=True):
                    if luminance is None:
                        continue
                    new.append((digest, luminance))
                    stacks[digest] = heap.put(luminance)
                    for number in numbers:
                        self._change(number, stack=stacks[digest])
                known.put(new)
                done += len(some)

    def _look_at(self, number: int) -> Any:
        picture = self._pictures[number]
        try:
            content = _content(picture.file.path, picture.finding.sha256)
            return looks.look(pictures.decode_small(content, LOOK_SIDE))
        except PictureError:
            return None

    def _moved(self, chosen: Sequence[tuple[int, Judged]]) -> Outcome:
        entries: list[Entry] = []
        failure = None
        kept = {digest for digest, mark in self._marks.items() if mark == "not_meme"}
        try:
            # What was kept meanwhile by `memes keep` counts as well.
            kept |= {digest for digest, mark in marks.read_marks().items() if mark == "not_meme"}
            with (
                journal.Journal(journal.default_path()) as kept_journal,
                closing(
                    cleaning.clean([one for _, one in chosen], self.folder, kept_journal, kept=kept)
                ) as moves,
            ):
                entries.extend(moves)
        except MemesError as error:
            failure = str(error)
        numbers = {
            entry.id: number
            for (number, _), entry in zip(chosen, entries, strict=False)
            if entry.state == "moved"
        }
        for number in numbers.values():
            self._change(number, gone=True)
        if numbers:
            self._done.append(_Trashed(entries[0].cleanup, numbers))
        problems = [
            f"{printable(os.path.basename(entry.source))}: {entry.reason}"
            for entry in entries
            if entry.state != "moved"
        ]
        said = failure or f"Moved {_counted(len(numbers))} to the trash."
        return Outcome(said, problems, failed=failure is not None)

    def _put_back(self, last: _Trashed) -> Outcome:
        with journal.Journal(journal.default_path()) as kept_journal:
            mine = [e for e in kept_journal.files(last.cleanup) if e.id in last.numbers]
            # What `memes undo` put back meanwhile is told with the rest.
            results = [entry for entry in mine if entry.state == "restored"]
            moved = [entry for entry in mine if entry.state == "moved"]
            results += cleaning.undo(moved, kept_journal)
        self._done.pop()
        left = {e.id: last.numbers[e.id] for e in results if e.state == "moved"}
        if left:
            # It is tried again at last, for it must not stand in the way of what was done before.
            self._done.insert(0, replace(last, numbers=left))
        back, problems = 0, []
        for entry in results:
            name = printable(os.path.basename(entry.source))
            if entry.state != "restored" or entry.back is None:
                problems.append(f"{name}: {entry.reason}")
                continue
            back += 1
            number = last.numbers[entry.id]
            file = self._at(number).file
            if entry.back != entry.source:
                place = os.path.join(os.path.dirname(file.path), os.path.basename(entry.back))
                file = replace(file, path=place)
                problems.append(
                    f"{name}: The name was taken, so it is"
                    f" {printable(os.path.basename(entry.back))} now."
                )
            self._change(number, gone=False, trouble=None, file=file)
        return Outcome(f"Put back {_counted(back)}.", problems)

    def _unmarked(self, last: _Marked) -> Outcome:
        with Marks(marks.default_path()) as kept:
            present = kept.all()
            # What the user has said elsewhere since then holds.
            back = {d: mark for d, mark in last.before.items() if present.get(d) == last.mark}
            for mark in ("meme", "not_meme"):
                kept.put([digest for digest, its in back.items() if its == mark], mark)
            kept.remove([digest for digest, its in back.items() if its is None])
        self._done.pop()
        self._tell_marks({d: back[d] if d in back else present.get(d) for d in last.before})
        return Outcome("Your verdict is taken back.")

    def _tell_marks(self, wanted: Mapping[str, Verdict | None]) -> None:
        """Tell of the user's verdicts on contents, None for none, at all their copies."""
        for digest, mark in wanted.items():
            if mark is None:
                self._marks.pop(digest, None)
            else:
                self._marks[digest] = mark
        for number, picture in enumerate(self._pictures):
            content = picture.finding.sha256
            if content is not None and content in wanted:
                self._change(number, mark=wanted[content])

    def _add(self, file: FoundFile, finding: Finding, stack: int | None) -> None:
        mark = None if finding.sha256 is None else self._marks.get(finding.sha256)
        with self._changing:
            self._changes.append(len(self._pictures))
            self._pictures.append(Picture(file, finding, mark, stack))

    def _change(self, number: int, **fields: Any) -> None:
        with self._changing:
            self._pictures[number] = replace(self._pictures[number], **fields)
            self._changes.append(number)

    def _at(self, number: int) -> Picture:
        with self._changing:
            if not 0 <= number < len(self._pictures):
                raise LookupError(number)
            return self._pictures[number]

    def _described(self, number: int) -> dict[str, Any]:
        """A picture as the page's scripts know it."""
        picture = self._pictures[number]
        file, finding = picture.file, picture.finding
        path = printable(os.path.relpath(file.path, self.folder))
        described: dict[str, Any] = {
            "id": number,
            "path": path,
            "name": printable(os.path.basename(file.path)),
            "folder": os.path.dirname(path),
            "bytes": file.bytes,
            "modified": file.mtime_ns // 10**6,
            "width": finding.width,
            "height": finding.height,
            "stack": picture.stack,
            "gone": picture.gone,
        }
        if error := picture.trouble or finding.error:
            described["error"] = error
        elif finding.verdict is not None:
            described["judgement"] = {
                "verdict": picture.mark or finding.verdict,
                "probability": finding.probability,
                "reason": finding.reason if picture.mark is None else REASONS[picture.mark],
                "model": finding.model.rpartition("-")[0],
            }
        return described


def _content(path: str, sha256: str | None) -> bytes:
    """Read a regular file that has this digest.

    Raises:
        UnreadableFile: it is something else, or cannot be read.
    """
    try:
        status = os.lstat(path)
    except OSError as error:
        raise UnreadableFile("It is not there (any more).") from error
    # Nothing of a link is opened; the digest holds against whoever is quicker.
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(_OTHER_CONTENT)
    content = pictures.read(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UnreadableFile(_OTHER_CONTENT)
    return content


def _counted(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


Act = Callable[[Album, list[int]], Outcome]

ACTS: dict[str, Act] = {
    "trash": lambda album, numbers: album.move_to_trash(numbers),
    "keep": lambda album, numbers: album.mark(numbers, "not_meme"),
    "meme": lambda album, numbers: album.mark(numbers, "meme"),
    "undo": lambda album, _: album.undo(),
}
"""What the page can ask for, by name."""

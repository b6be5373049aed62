"""Every error that a user may see: one sentence each, saying what is wrong and what to do.

MemesError
├── UsageError          what was asked for cannot be done; ask differently
│   └── MissingExtra    an optional part of the installation is needed
├── PictureError        one picture cannot be judged; the others go on
│   ├── NotAPicture
│   ├── DamagedPicture
│   ├── HugePicture
│   ├── SlowPicture
│   ├── UnreadableFile
│   └── UnmovedFile     it stays where it is
├── SourceError         one source of pictures cannot be had; the others go on
├── ModelError          a model is broken
├── CleaningError       a clean-up or an undo cannot begin
│   └── AlreadyCleaning
├── StoreError          a database of the program cannot be used
│   ├── DamagedStore
│   └── NewerStore
├── ServerError         the server cannot judge this now; try again
│   ├── Busy
│   └── JudgeLost
└── OutputError         a result could not be written
"""


class MemesError(Exception):
    """The base of all errors raised on purpose; `str()` is a sentence for the user."""


class UsageError(MemesError):
    """What was asked for makes no sense as asked: a missing folder, a table without labels."""


class MissingExtra(UsageError):
    """A command needs packages of an extra that is not installed.

    Args:
        purpose: what was asked for, as the start of a sentence.
        extra: name of the extra in `pyproject.toml`.
    """

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs more packages;"
            f" in the project's folder, install them by: pip install '.[{extra}]'"
        )


class PictureError(MemesError):
    """One file cannot be judged. It stays where it is and the rest goes on."""


class NotAPicture(PictureError):
    """The content is not of a picture format that is read here, whatever the name says."""


class DamagedPicture(PictureError):
    """The content starts like a picture but is truncated or corrupt."""


class HugePicture(PictureError):
    """The picture would take more memory than is allowed (a decompression bomb, usually)."""


class SlowPicture(PictureError):
    """The picture takes longer to decode or judge than a server allows."""


class UnreadableFile(PictureError):
    """The file system did not hand the file over: no permission, gone, or a read error."""


class UnmovedFile(PictureError):
    """The file cannot be moved, or must not be: it is gone, changed or locked."""


class SourceError(MemesError):
    """A source of the manifest is gone, changed or cut short. The others are fetched."""


class ModelError(MemesError):
    """The folder of the model asked for is incomplete or broken."""


class CleaningError(MemesError):
    """A clean-up or an undo cannot begin: there is no trash, or nothing to undo."""


class AlreadyCleaning(CleaningError):
    """Another clean-up or undo is running."""


class StoreError(MemesError):
    """A database of the program cannot be used."""


class DamagedStore(StoreError):
    """The database file is not a sound SQLite database."""


class NewerStore(StoreError):
    """The database was written by a newer version of this program."""


class ServerError(MemesError):
    """The server cannot judge this now; it may a moment later."""


class Busy(ServerError):
    """The server has as much to do as it takes on."""


class JudgeLost(ServerError):
    """The process that was judging the picture ended."""


class OutputError(MemesError):
    """A result could not be written: no permission, no space, no such folder."""

"""What the environment says about the server, as typed values that are checked at its start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Optional

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ..classifier import DEFAULT_MODEL, shipped_models
from ..errors import UsageError

PREFIX = "MEMES_"
_SECRET = "api_keys"
# Room in a request for what stands between its pictures.
_OVERHEAD_BYTES = 2**20


def _default_model() -> str:
    return "server" if "server" in shipped_models() else DEFAULT_MODEL


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _known_model(name: str) -> str:
    if name not in shipped_models():
        raise ValueError(f"there is no such model; choose one of {', '.join(shipped_models())}")
    return name


def _key_hash(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError(
            "it takes SHA-256 hashes of the keys, 64 hexadecimal digits each, not the keys"
        )
    return text.lower()


def _origin(text: str) -> str:
    if not re.fullmatch(r"\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?", text):
        raise ValueError(f"{text!r} is no origin such as https://example.org, or *")
    return text


def _rate(text: str) -> str:
    try:
        parse_many(text)
    except ValueError as error:
        raise ValueError("it takes a rate such as 60/minute") from error
    return text


class Settings(BaseSettings):
    """How the server behaves; the name of each variable is `MEMES_` and the field's."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    model: Annotated[str, AfterValidator(_known_model)] = Field(
        default_factory=_default_model,
        description="Model that judges where a request names none; by default server if it ships,"
        " else phone.",
    )
    api_keys: Annotated[
        tuple[Annotated[str, AfterValidator(_key_hash)], ...], NoDecode, BeforeValidator(_split)
    ] = Field(
        default=(),
        description="SHA-256 hashes of the keys that clients must send, with commas between"
        " (printf %s KEY | sha256sum); by default no key is needed.",
    )
    cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_split)
    ] = Field(
        default=(),
        description="Origins of pages elsewhere whose scripts may ask, with commas between;"
        " by default none.",
    )
    rate_limit: Optional[Annotated[str, AfterValidator(_rate)]] = Field(
        default=None,
        description="Requests that one client address may send, such as 60/minute;"
        " by default any number.",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=10, description="Proxies in front whose X-Forwarded-For counts."
    )
    max_file_mib: float = Field(default=10, gt=0, le=256, description="Largest picture, MiB.")
    max_files: int = Field(default=32, ge=1, le=1000, description="Most pictures in a request.")
    max_megapixels: float = Field(
        default=50, gt=0, le=100, description="Largest picture, megapixels."
    )
    max_picture_seconds: float = Field(
        default=10,
        gt=0,
        le=600,
        description="Longest that decoding and judging a picture may take.",
    )
    max_request_seconds: float = Field(
        default=60,
        gt=0,
        le=600,
        description="Longest that judging all pictures of a request may take.",
    )
    receive_seconds: float = Field(
        default=60, gt=0, le=600, description="Longest that a request may take to arrive."
    )
    max_waiting: int = Field(
        default=32,
        ge=0,
        le=1000,
        description="Requests that wait to be judged; one more is told to retry.",
    )
    max_memory_mib: float = Field(
        default=512,
        gt=0,
        description="Uploads held at a time, MiB; a request past it is told to retry;"
        " at least MEMES_MAX_FILES times MEMES_MAX_FILE_MIB.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error."
    )

    @model_validator(mode="after")
    def _hold_a_request(self) -> Settings:
        needed = f"{self.max_files * self.max_file_mib:.10g}"
        if self.max_memory_bytes < self.max_files * self.max_file_bytes:
            raise ValueError(
                f"MEMES_MAX_MEMORY_MIB must be {needed} or more, to hold a request of"
                f" MEMES_MAX_FILES ({self.max_files}) pictures of MEMES_MAX_FILE_MIB"
                f" ({self.max_file_mib:.10g})"
            )
        return self

    @property
    def max_file_bytes(self) -> int:
        return int(self.max_file_mib * 2**20)

    @property
    def max_memory_bytes(self) -> int:
        return int(self.max_memory_mib * 2**20)

    @property
    def max_request_bytes(self) -> int:
        return self.max_files * self.max_file_bytes + _OVERHEAD_BYTES


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        UsageError: the sentence names the variable and what it may be.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise UsageError(_sentence(error.errors()[0])) from error


def described() -> Iterator[tuple[str, str]]:
    """Yield each variable's name, and what it says with its default."""
    for name, field in Settings.model_fields.items():
        plain = field.default is not None and field.default != () and not field.default_factory
        default = f" [{field.default}]" if plain else ""
        yield PREFIX + name.upper(), f"{field.description}{default}"


def _sentence(details: Any) -> str:
    wrong = details["msg"].removeprefix("Value error, ")
    if not details["loc"]:
        # It is about several, which it names.
        return f"{wrong}."
    field = str(details["loc"][0])
    # Where hashes are asked for, the value may be a key itself.
    shown = "" if field == _SECRET else f" cannot be {details['input']!r}"
    return f"{PREFIX}{field.upper()}{shown}: {wrong[0].lower()}{wrong[1:]}."

"""Sign an APK by the key that the environment names, else by the public debug key, and verify it.

sign.py MIN_SDK UNSIGNED.apk OUT.apk
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DEBUG_KEY = Path(__file__).parents[1] / "debug.p12"
DEBUG_PASSWORD = "android"


def key_arguments() -> list[str]:
    """What apksigner is told; passwords go by the environment, so that `ps` does not show them."""
    store = os.environ.get("MEMES_KEYSTORE")
    if not store:
        os.environ["MEMES_KEYSTORE_PASSWORD"] = DEBUG_PASSWORD
        return ["--ks", str(DEBUG_KEY), "--ks-pass", "env:MEMES_KEYSTORE_PASSWORD"]
    if not os.environ.get("MEMES_KEYSTORE_PASSWORD"):
        sys.exit("Please set MEMES_KEYSTORE_PASSWORD to the password of MEMES_KEYSTORE.")
    if not Path(store).is_file():
        sys.exit(f"There is no key store at MEMES_KEYSTORE={store}.")
    arguments = ["--ks", store, "--ks-pass", "env:MEMES_KEYSTORE_PASSWORD"]
    if alias := os.environ.get("MEMES_KEY_ALIAS"):
        arguments += ["--ks-key-alias", alias]
    if os.environ.get("MEMES_KEY_PASSWORD"):
        arguments += ["--key-pass", "env:MEMES_KEY_PASSWORD"]
    return arguments


def sign(min_sdk: str, unsigned: Path, output: Path) -> None:
    least = ["--min-sdk-version", min_sdk]
    signed = ["apksigner", "sign", *key_arguments(), *least, "--v4-signing-enabled", "false"]
    for command in (
        [*signed, "--out", str(output), str(unsigned)],
        ["apksigner", "verify", *least, str(output)],
    ):
        if subprocess.run(command).returncode != 0:
            sys.exit(f"The APK could not be signed; apksigner {command[1]} says why above.")


if __name__ == "__main__":
    sign(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

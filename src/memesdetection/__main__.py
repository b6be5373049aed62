"""`python -m memesdetection` is `memes`."""

from .cli import main

main()

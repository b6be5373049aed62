"""The data: fetch what the manifest pins, prepare it for training, and check its labels."""

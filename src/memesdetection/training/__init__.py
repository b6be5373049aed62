"""From labelled pictures to a model that ships: dataset, augmentation, backbone, training, export.

Needs the extra `train`. `make model SHARED=...` runs `train` and then `export`.
"""

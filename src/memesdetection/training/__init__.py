"""From labelled pictures to a model that ships: dataset, augmentation, backbone, training, export.

Needs the extra `train`. `memes train` and then `memes export` make a model; `make model` makes
those that ship.
"""

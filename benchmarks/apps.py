"""Applications that the server is compared with; each judges in the process that answers."""

from __future__ import annotations

import io
import os
from typing import Any

from flask import Flask, request


def reference() -> Flask:
    """The first version's: Keras VGG19 at 224 px, every pixel decoded, one after the other.

    Its speed does not depend on what VGG19's weights are.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import numpy as np
    from PIL import Image

    app = Flask(__name__)
    model = keras.applications.VGG19(weights=None, classes=2)
    model.predict(np.zeros((1, 224, 224, 3), np.float32), verbose=0)

    @app.post("/predict")
    def predict() -> list[dict[str, str]]:
        answers = []
        for file in request.files.getlist("file"):
            picture = Image.open(file.stream).convert("RGB").resize((224, 224))
            pixels = np.asarray(picture, np.float32)[None]
            prediction = model.predict(
                keras.applications.vgg19.preprocess_input(pixels.copy()), verbose=0
            )
            answers.append(
                {
                    "response_message": "Prediction completed",
                    "response_code": "200",
                    "response_root": "Success",
                    "imagePath": file.filename or "",
                    "memeStatus": "Meme" if prediction[0].argmax() else "Not Meme",
                }
            )
        return answers

    return app


def in_process() -> Flask:
    """Ours without processes of their own that judge: the threads or workers of Gunicorn do."""
    from memesdetection import Classifier
    from memesdetection.server.settings import read_settings

    app = Flask(__name__)
    classifier = Classifier(read_settings().model)

    @app.post("/v1/predict")
    def predict() -> list[dict[str, Any]]:
        files = request.files.getlist("file")
        return [vars(classifier.judge(_content(file))) for file in files]

    return app


def _content(file: Any) -> bytes:
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()

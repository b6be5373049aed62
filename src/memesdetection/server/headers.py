"""Headers that keep a browser from doing with an answer what it is not for."""

from __future__ import annotations

from flask import Flask, Response

HEADERS = {
    # Pictures may stand in a page's data, as heat maps and the icons of /docs do; code may not.
    # The page at / runs the model in WebAssembly.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval';"
    " img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def init_app(app: Flask) -> None:
    """Send them with every answer, and let no answer about a picture be kept."""

    @app.after_request
    def secure(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

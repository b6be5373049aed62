"""Who may ask, and how often: keys, origins, the rate limit and proxies."""

from __future__ import annotations

import httpx
import pytest
from running import Server, problem

KEY = {"Authorization": "Bearer open sesame"}


def own(address: str) -> dict[str, str]:
    """Headers of a client with a key and an address of its own."""
    return {**KEY, "X-Forwarded-For": address}


@pytest.mark.parametrize(
    "authorization", [None, "Bearer wrong", "Bearer", "Basic b3BlbjpzZXNhbWU=", "open sesame"]
)
def test_a_wrong_key_is_refused(strict: Server, meme: bytes, authorization: str | None) -> None:
    headers = {"X-Forwarded-For": "10.0.1.1"}
    headers |= {} if authorization is None else {"Authorization": authorization}
    refused = strict.predict(meme, headers=headers)
    assert "Authorization: Bearer KEY" in problem(refused, 401)
    assert refused.headers["WWW-Authenticate"].lower().startswith("bearer")


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/phone", "/pingserver", "/metrics"])
def test_all_that_tells_something_needs_the_key(strict: Server, path: str) -> None:
    assert problem(strict.client.get(path, headers={"X-Forwarded-For": "10.0.1.2"}), 401)
    assert strict.client.get(path, headers=own("10.0.1.2")).status_code == 200


def test_the_key_lets_in(strict: Server, meme: bytes) -> None:
    assert strict.predict(meme, headers=own("10.0.1.3")).status_code == 200
    assert strict.predict(meme, path="/predict", headers=own("10.0.1.3")).status_code == 200
    assert problem(strict.predict(meme, path="/predict"), 401)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/v1/ping", "/docs"])
def test_health_and_docs_need_no_key_and_are_not_counted(strict: Server, path: str) -> None:
    for _ in range(25):
        assert strict.client.get(path, headers={"X-Forwarded-For": "10.0.1.4"}).status_code == 200


def test_only_the_origin_that_is_named_may_ask(strict: Server) -> None:
    def asked(origin: str) -> httpx.Response:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
            "X-Forwarded-For": "10.0.1.5",
        }
        return strict.client.options("/v1/predict", headers=headers)

    allowed = asked("https://example.org").headers
    assert allowed["Access-Control-Allow-Origin"] == "https://example.org"
    assert "authorization" in allowed["Access-Control-Allow-Headers"].lower()
    for other in ("https://example.com", "https://example.org.evil.org", "null"):
        assert "Access-Control-Allow-Origin" not in asked(other).headers


def test_one_address_may_ask_so_often_and_others_still_may(strict: Server) -> None:
    answers = [strict.client.get("/v1/models", headers=own("10.0.1.6")) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "Retry-After" not in answers[0].headers
    refused = strict.client.get("/v1/models", headers=own("10.0.1.6"))
    assert problem(refused, 429) == "Too many requests came from this address; try again later."
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert strict.client.get("/v1/models", headers=own("10.0.1.7")).status_code == 200


def test_a_client_cannot_pass_for_another_by_a_header(strict: Server) -> None:
    statuses = []
    for number in range(21):
        # The proxy adds the last address; what stands before it is the client's word.
        headers = own(f"10.9.9.{number}, 10.0.1.8")
        statuses.append(strict.client.get("/v1/models", headers=headers).status_code)
    assert statuses[-1] == 429

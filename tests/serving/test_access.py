import hmac

import pytest

from lamina.serving import access
from lamina.serving.access import RateLimit, TokenCheck
from lamina.serving.refusal import Refusal

TOKEN = "correct-horse-battery"


def headers(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), *((b"authorization", value.encode()) for value in values)]


def test_without_a_token_everyone_may_ask():
    TokenCheck(None).check(headers())


@pytest.mark.parametrize("value", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
def test_the_right_token_passes(value):
    TokenCheck(TOKEN).check(headers(value))


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        ("Bearer",),
        (TOKEN,),
        (f"Basic {TOKEN}",),
        (f"Bearer {TOKEN[:-1]}",),
        (f"Bearer {TOKEN}x",),
        (f"Bearer {TOKEN.upper()}",),
        (f"Bearer {TOKEN}", f"Bearer {TOKEN}"),
        ("Bearer \x00",),
    ],
)
def test_any_other_is_refused_and_not_repeated(values):
    with pytest.raises(Refusal) as refused:
        TokenCheck(TOKEN).check(headers(*values))
    assert refused.value.status == 401
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")
    assert TOKEN not in refused.value.message


def test_the_comparison_takes_the_same_time_for_any_token(monkeypatch):
    compared = []

    def compare(given: bytes, wanted: bytes) -> bool:
        compared.append((len(given), len(wanted)))
        return hmac.compare_digest(given, wanted)

    class Spy:
        compare_digest = staticmethod(compare)

    monkeypatch.setattr(access, "hmac", Spy)
    for value in ("Bearer a", f"Bearer {'b' * 500}", "nothing"):
        with pytest.raises(Refusal):
            TokenCheck(TOKEN).check(headers(value))
    # Always asked, and always with texts of one length.
    assert compared == [(32, 32)] * 3


def test_the_token_is_not_kept():
    assert TOKEN not in repr(vars(TokenCheck(TOKEN)))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def allowed(limit: RateLimit, client: str, num: int) -> int:
    count = 0
    for _ in range(num):
        try:
            limit.check(client)
        except Refusal:
            continue
        count += 1
    return count


def test_a_bucket_empties_and_fills():
    clock = Clock()
    limit = RateLimit(2.0, 5, clock=clock)
    assert allowed(limit, "a", 20) == 5
    assert allowed(limit, "b", 1) == 1
    clock.now = 1.0
    assert allowed(limit, "a", 20) == 2
    clock.now = 1000.0
    assert allowed(limit, "a", 20) == 5


def test_a_refusal_says_when_to_come_again():
    limit = RateLimit(0.1, 1, clock=Clock())
    limit.check("a")
    with pytest.raises(Refusal) as refused:
        limit.check("a")
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "10"


def test_zero_is_no_limit():
    assert allowed(RateLimit(0, 1, clock=Clock()), "a", 1000) == 1000


def test_the_number_of_remembered_addresses_is_bounded(monkeypatch):
    monkeypatch.setattr(access, "MOST_CLIENTS", 100)
    limit = RateLimit(1.0, 1, clock=Clock())
    for number in range(1000):
        limit.check(str(number))
    assert len(limit._buckets) == 100

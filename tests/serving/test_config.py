import pytest

from lamina.core.errors import ConfigError
from lamina.serving.config import BatchingConfig, LimitsConfig, ServingConfig


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ServingConfig(port=70000), "port must be from 0 to 65535, got 70000"),
        (lambda: ServingConfig(reload_s=-1), "reload_s"),
        (lambda: ServingConfig(drift_rows=3), "drift_rows must be 50 or more"),
        (lambda: BatchingConfig(max_rows=0), "max_rows must be 1 or more"),
        (lambda: BatchingConfig(wait_s=-0.1), "wait_s"),
        (lambda: LimitsConfig(body_bytes=0), "body_bytes"),
        (lambda: LimitsConfig(answer_s=0), "answer_s"),
        (lambda: LimitsConfig(rate=-1), "rate"),
    ],
)
def test_values_that_cannot_be_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.parametrize("token", ["", "short", "two words here", "ümlaut-token", "x" * 1001])
def test_a_token_that_no_header_can_hold_is_refused_and_not_shown(token):
    with pytest.raises(ConfigError) as refused:
        ServingConfig(token=token)
    assert not token or token not in str(refused.value)


def test_the_token_is_not_in_the_text_of_the_config():
    assert "sesame-open" not in repr(ServingConfig(token="sesame-open"))

"""`lamina generate`."""

from tests.runs.tiny import finished


def test_one_text_is_shown_after_its_prompt(lamina) -> None:
    done = lamina("generate", finished("language").path, "--prompt", "the sea", "--tokens", 20)
    assert done.code == 0
    assert done.out.startswith("the sea")


def test_several_texts_for_machines(lamina) -> None:
    run = finished("language").path
    told = lamina("generate", run, "--num", 3, "--tokens", 5, "--temperature", 0, "--json").json
    assert len(told["texts"]) == 3
    assert len({one["text"] for one in told["texts"]}) == 1  # no chance at temperature 0


def test_wrong_use_is_one_clear_line(lamina) -> None:
    for words in (
        (finished("binary").path,),
        (finished("language").path, "--temperature", -1),
        (finished("language").path, "--top-p", 0),
        (finished("language").path, "--num", 0),
        ("nowhere",),
    ):
        done = lamina("generate", *words)
        assert done.code == 2
        assert done.err.startswith("lamina: ")

from lamina.serving.refusal import Refusal, shown


def test_the_body_of_a_refusal():
    refusal = Refusal(422, "wanted a number.", where=("rows", 3, "age"))
    assert refusal.to_document() == {
        "error": {"status": 422, "message": "wanted a number.", "where": ["rows", 3, "age"]}
    }


def test_foreign_values_are_shown_short_and_on_one_line():
    assert shown("ab") == "'ab'"
    assert len(shown("x" * 10**7)) <= 61
    assert len(shown(list(range(10**5)))) <= 61
    assert "\n" not in shown("a\nb")
    assert "\x1b" not in shown("\x1b[31m")
    assert "\u202e" not in shown("a\u202eb")

from tests.tasks.examples import facts_of, variations


def test_facts_know_their_kinds():
    facts = facts_of("mixed")
    assert facts.kinds == {"number", "category", "text", "image"}
    assert [spec.name for spec in facts.inputs_of("text")] == ["told"]
    assert facts.inputs_of("text")[0].vocabulary_size > 0
    assert facts.num_classes == 2
    assert facts_of("number").num_classes == 0


def test_an_accelerator_is_known_by_its_name():
    found = {facts.hardware.accelerator: facts.has_gpu for facts in variations(facts_of("number"))}
    assert found["A GPU"] is True
    assert found.get("", False) is False

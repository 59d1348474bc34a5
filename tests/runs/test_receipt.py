from lamina.core.files import sha256_of
from lamina.runs.receipt import code_hash
from tests.runs.tiny import finished


def test_a_receipt_names_all_that_a_run_was_made_of():
    run = finished("binary")
    receipt = run.folder.read_json(run.folder.receipt)
    assert receipt["seeds"] == {"run": 0}
    assert {"python", "torch", "lamina"} <= receipt["versions"].keys()
    assert receipt["hardware"]["num_cores"] >= 1
    hashes = receipt["hashes"]
    assert hashes["plan"] == sha256_of(run.folder.plan)
    assert hashes["model"] == sha256_of(run.folder.model / "network.safetensors")
    assert len(hashes["code"]) == 64
    assert hashes["data/train"]
    assert receipt["command"] == f"lamina reproduce {run.path}"
    assert receipt["seconds"] >= 0


def test_the_hash_of_the_code_is_stable():
    assert code_hash() == code_hash()
    assert len(code_hash()) == 64

"""A plan survives the way to its file and back, and says what is wrong with a wrong file."""

import pytest
import yaml

from lamina.core.errors import ConfigError
from lamina.runs.plan import SCHEMA, check_plan_path, plan_from_document, read_plan, write_plan
from tests.runs.tiny import EXAMPLES, finished


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_plan_survives_its_file(name, tmp_path):
    plan = finished(name).plan
    write_plan(plan, tmp_path / "plan.yaml")
    again = read_plan(tmp_path / "plan.yaml")
    assert again.to_document() == plan.to_document()
    assert again == plan


def test_each_part_of_a_plan_has_a_reason_or_none_too_many():
    plan = finished("binary").plan
    assert plan.reasons["task"]
    assert plan.reasons["network"]
    assert plan.reasons["data.split"]
    assert plan.reasons["training.steps"] == "set by the user"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": SCHEMA + 1}, "plan has schema 2, this Lamina reads up to 1"),
        ({"schema": "1"}, "no plan: its schema is '1'"),
        ({"schema": None}, "no plan: its schema is None"),
        ({"networks": {}}, "unknown section of the plan 'networks'.*Did you mean 'network'"),
        ({"task": "clasification"}, "unknown task 'clasification'.*Did you mean 'classification'"),
        ({"seed": "x"}, "seed must be a whole number from 0, got 'x'"),
        ({"seed": True}, "seed must be a whole number"),
        ({"objective": "cross_entrpy"}, "unknown objective 'cross_entrpy'.*Did you mean"),
        ({"objective": {}}, "objective needs a name"),
        ({"data": {}}, "data is incomplete"),
        ({"data": [1]}, "data must be a mapping"),
        ({"training": {"batch_size": 0}}, "batch_size must be at least 1"),
        ({"training": {"batch_siz": 1}}, "unknown setting of training 'batch_siz'.*'batch_size'"),
        ({"budget": {"time_s": "soon"}}, "budget.time_s must be"),
        ({"answering": {"views": 0}}, "views and batch_size must be at least 1"),
        ({"data": {"source": "x", "storage": "cloud"}}, "data.storage must be"),
    ],
)
def test_a_wrong_plan_is_refused(change, message):
    document = {**finished("binary").plan.to_document(), **change}
    with pytest.raises(ConfigError, match=message):
        plan_from_document(document)


@pytest.mark.parametrize("section", ["task", "data", "network", "objective"])
def test_a_missing_section_is_named(section):
    document = finished("binary").plan.to_document()
    del document[section]
    with pytest.raises(ConfigError, match=f"lacks its section '{section}'"):
        plan_from_document(document)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [1", "is no valid YAML near line 1"),
        (b"", "holds no plan"),
        (b"- 1\n- 2\n", "holds no plan"),
        (b"\xff\xfe\x00", "cannot read the plan"),
        (b"a: 1\n", "its schema is None"),
        (b"!!python/object/apply:os.system ['true']", "is no valid YAML"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path, content, message):
    (tmp_path / "plan.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_plan(tmp_path / "plan.yaml")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the plan"):
        read_plan(tmp_path / "plan.yaml")


def test_the_file_can_be_read_by_people(tmp_path):
    path = finished("binary").folder.plan
    text = path.read_text()
    assert text.startswith("# Every decision of a run")
    assert "!!" not in text
    assert list(yaml.safe_load(text))[:3] == ["schema", "task", "seed"]


def test_settings_change_a_plan_and_say_so():
    plan = finished("binary").plan
    changed = plan.with_settings(["training.batch_size=8", "training.optimizer=sgd"])
    assert changed.recipe.training.batch_size == 8
    assert type(changed.recipe.training.optimizer).__name__ == "SGDConfig"
    assert changed.reasons["training.optimizer"] == "set by the user"
    assert plan.with_settings([]) is plan
    with pytest.raises(ConfigError, match=r"training.batch_size must be int, got 'many'"):
        plan.with_settings(["training.batch_size=many"])


def test_where_a_plan_can_be_written_is_known_before(tmp_path):
    for name in ("plan.yaml", "new.yml"):
        check_plan_path(tmp_path / name)
    write_plan(finished("binary").plan, tmp_path / "plan.yaml")
    check_plan_path(tmp_path / "plan.yaml")
    (tmp_path / "other.yaml").write_text("schema: 1")
    (tmp_path / "folder.yaml").mkdir()
    for name, message in (
        ("myplan", "ends in .yaml or .yml.*Try myplan.yaml"),
        ("no/plan.yaml", "there is no folder"),
        ("other.yaml", "is no plan"),
        ("folder.yaml", "is no plan"),
    ):
        with pytest.raises(ConfigError, match=message):
            check_plan_path(tmp_path / name)


@pytest.mark.parametrize(
    ("metric", "is_maximised"), [("accuracy", True), ("log_loss", False), ("roc_auc", True)]
)
def test_a_metric_says_itself_which_way_is_better(metric, is_maximised):
    changed = finished("binary").plan.with_settings([f"training.validation.metric={metric}"])
    assert changed.recipe.training.validation.is_maximised == is_maximised


@pytest.mark.parametrize(
    ("name", "setting", "message"),
    [
        ("binary", "training.validation.metric=rmse", "unknown metric of the task 'classific"),
        ("number", "training.validation.metric=pinball_loss", "unknown metric of the task 'regr"),
        ("quantiles", "training.validation.metric=coverage", "'coverage' cannot rank"),
        ("number", "objective=cross_entropy", "'cross_entropy' does not fit the task 'regression'"),
        ("binary", "objective=binary_cross_entropy", "Use 'cross_entropy' or 'focal'"),
        ("tags", "objective=mse", "Use 'multi_label'"),
        ("quantiles", "objective=mae", "Use 'pinball'"),
    ],
)
def test_metric_and_objective_must_fit_the_task(name, setting, message):
    with pytest.raises(ConfigError, match=message):
        finished(name).plan.with_settings([setting])

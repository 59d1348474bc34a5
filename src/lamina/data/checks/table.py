"""The table of checks."""

from collections.abc import Callable, Mapping

from lamina.core.records import Finding
from lamina.core.table import Entry, table
from lamina.data.checks.constants import check_constants
from lamina.data.checks.context import CheckContext
from lamina.data.checks.corruption import check_corruption
from lamina.data.checks.duplicates import check_duplicates
from lamina.data.checks.groups import check_groups
from lamina.data.checks.identifiers import check_identifiers
from lamina.data.checks.imbalance import check_imbalance
from lamina.data.checks.label_noise import check_label_noise
from lamina.data.checks.leakage import check_leakage
from lamina.data.checks.missing import check_missing
from lamina.data.checks.mixed_types import check_mixed_types
from lamina.data.checks.near_duplicates import check_near_duplicates
from lamina.data.checks.sample_size import check_test_size
from lamina.data.checks.shift import check_shift
from lamina.data.checks.target import check_target

Check = Callable[[CheckContext], tuple[Finding, ...]]

CHECKS: Mapping[str, Entry[Check]] = table(
    Entry("target", check_target, "The target is missing or always the same."),
    Entry(
        "duplicates",
        check_duplicates,
        "Test rows stand in the training part; training rows repeat.",
        "Barz and Denzler 2020",
    ),
    Entry(
        "near duplicates",
        check_near_duplicates,
        "Test rows are slightly changed training rows.",
        "Barz and Denzler 2020; Broder 1997",
    ),
    Entry(
        "target leakage",
        check_leakage,
        "A column gives the target away.",
        "Kaufman et al. 2012",
    ),
    Entry("group leakage", check_groups, "One entity has rows in both parts."),
    Entry("identifiers", check_identifiers, "A column numbers or names the rows."),
    Entry("constant columns", check_constants, "A column is always the same."),
    Entry("mixed types", check_mixed_types, "A column mixes numbers with other cells."),
    Entry("corrupt cells", check_corruption, "Cells or files cannot be read."),
    Entry(
        "label noise",
        check_label_noise,
        "Classes look wrong to a model fitted on other rows.",
        "Northcutt et al. 2021",
    ),
    Entry("imbalance", check_imbalance, "Classes are rare."),
    Entry(
        "distribution shift",
        check_shift,
        "Test rows are unlike training rows.",
        "Rabanser et al. 2019",
    ),
    Entry("test size", check_test_size, "The test part is small."),
    Entry("missing values", check_missing, "Columns or rows are mostly empty."),
)

"""Counters by hand, wrap-around, and the estimate."""

import time

import pytest

from lamina.core.errors import ConfigError
from lamina.training.energy import (
    AbstractEnergyCounter,
    Energy,
    EnergyMeter,
    EstimatedCounter,
    NVMLCounter,
    RAPLCounter,
    find_counters,
)


def package(folder, name, energy, limit=1000):
    path = folder / name
    path.mkdir(exist_ok=True)
    (path / "energy_uj").write_text(f"{energy}\n")
    (path / "max_energy_range_uj").write_text(f"{limit}\n")
    return path


def test_rapl_sums_packages_and_survives_wrap_around(tmp_path):
    first, second = package(tmp_path, "intel-rapl:0", 900), package(tmp_path, "intel-rapl:1", 10)
    counter = RAPLCounter([first, second])
    package(tmp_path, "intel-rapl:0", 50)  # 900 → 1000 → 50: 150
    package(tmp_path, "intel-rapl:1", 40)
    assert counter.read().joules == pytest.approx(180e-6)
    package(tmp_path, "intel-rapl:1", 140)
    assert counter.read().joules == pytest.approx(280e-6)
    assert "RAPL" in counter.read().method


def test_only_whole_packages_that_can_be_read_count(tmp_path):
    package(tmp_path, "intel-rapl:0", 5)
    package(tmp_path, "intel-rapl:0:0", 5)
    package(tmp_path, "intel-rapl:1", "unreadable")
    (tmp_path / "intel-rapl:2").mkdir()
    (counter,) = find_counters(powercap=tmp_path)[-1:]
    assert isinstance(counter, RAPLCounter)
    assert counter.read().joules == 0


def test_without_counters_it_is_estimated(tmp_path):
    counter = find_counters(powercap=tmp_path)[-1]
    assert isinstance(counter, EstimatedCounter)
    begin = time.process_time()
    while time.process_time() - begin < 0.05:
        pass
    energy = counter.read()
    assert energy.joules >= 0.05 * 5
    assert energy.uncertainty == 0.4
    assert "5 W per core" in energy.method
    with pytest.raises(ConfigError, match="watts_per_core"):
        EstimatedCounter(watts_per_core=0)


def test_nvml_reads_millijoules():
    class Library:
        total = 5000

        def nvmlDeviceGetHandleByIndex(self, index):
            return f"gpu {index}"

        def nvmlDeviceGetTotalEnergyConsumption(self, handle):
            assert handle == "gpu 1"
            return self.total

    library = Library()
    counter = NVMLCounter(library, device_index=1)
    library.total = 7500
    assert counter.read().joules == 2.5


class Fixed(AbstractEnergyCounter):
    def __init__(self, joules, uncertainty):
        self.energy = Energy(joules=joules, method=f"{joules:g}", uncertainty=uncertainty)

    def read(self):
        return self.energy


def test_a_meter_adds_up():
    energy = EnergyMeter([Fixed(30.0, 0.05), Fixed(10.0, 0.4)]).read()
    assert energy.joules == 40
    assert energy.method == "30 + 10"
    assert energy.uncertainty == pytest.approx((1.5 + 4) / 40)
    assert energy.watt_hours == pytest.approx(40 / 3600)
    assert EnergyMeter().joules() >= 0
    with pytest.raises(ConfigError, match="at least one counter"):
        EnergyMeter([])

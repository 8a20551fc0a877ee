"""The same batches on a Dask cluster (a LocalCluster on loopback): equal results, lost workers included."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.consolidate.folder import Item
from nianbao.consolidate.pool import Cluster, drive
from nianbao.consolidate.run import consolidate
from nianbao.consolidate.settings import Job
from nianbao.core.files import Unreadable
from nianbao.workbook.reader import read
from support.badfiles import plant
from support.faulty import once
from support.units import put, run, states, total, units

if TYPE_CHECKING:
    from distributed import LocalCluster

TESTS = str(Path(__file__).parents[1])


@pytest.fixture(scope="module")
def cluster() -> Iterator["LocalCluster"]:
    """Two worker processes on loopback that can import these tests' modules."""
    from distributed import LocalCluster

    path = os.pathsep.join([TESTS, *filter(None, [os.environ.get("PYTHONPATH")])])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path)
        with LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as started:
            yield started


@pytest.mark.long
def test_a_cluster_gives_the_local_result_while_a_worker_is_killed(
    cluster: "LocalCluster", tmp_path: Path
) -> None:
    put(tmp_path / "in", *units(range(150)))
    plant(tmp_path / "in" / "坏")
    (tmp_path / "in" / "坏" / "管道.xlsx").unlink()
    local = run(tmp_path / "in", tmp_path / "本机.xlsx")
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    told: list[int] = []

    def kill(done: int, _: int) -> None:
        if done and not told:
            os.kill(victim, signal.SIGKILL)
        told.append(done)

    there = consolidate(
        Job(str(tmp_path / "in"), tmp_path / "集群.xlsx", scheduler=cluster.scheduler_address), kill
    )
    assert states(there) == states(local) and len(told) > 2
    assert there.report.figures == local.report.figures == total(units(range(150)))
    assert [case.reason for case in there.cases] == [case.reason for case in local.cases]


@pytest.mark.long
def test_a_file_whose_worker_died_is_tried_again(cluster: "LocalCluster", tmp_path: Path) -> None:
    names = [f"{n:03d}" for n in range(70)] + ["035 dies"]
    crew = Cluster(cluster.scheduler_address)
    try:
        batches = list(drive([Item(n, str(tmp_path / n), 0, 0) for n in names], crew.submit, once, 4))
    finally:
        crew.close()
    found = {entry.name: entry for batch in batches for entry in batch}
    assert set(found) == set(names) and not any(entry.trouble for entry in found.values())


@pytest.mark.long
def test_files_and_summary_may_be_named_by_url(cluster: "LocalCluster", tmp_path: Path) -> None:
    put(tmp_path / "in" / "县", *units(range(6)))
    put(tmp_path / "in", units((6,))[0], suffix=".xlsx")
    source, target = (tmp_path / "in").as_uri(), f"{(tmp_path / 'out').as_uri()}/汇总.xlsx"
    asked = ["consolidate", source, "-o", target, "--to", "json", "--scheduler", cluster.scheduler_address]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert read(tmp_path / "out" / "汇总.xlsx").figures == total(units(range(7)))
    assert (tmp_path / "out" / "汇总.单位明细.json").exists()


def test_a_url_needs_no_cluster(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    found = consolidate(Job((tmp_path / "in").as_uri(), tmp_path / "汇总.xlsx", jobs=1))
    assert states(found) == {"第1号单位.json": "接收", "第2号单位.json": "接收"}


def test_a_url_that_nobody_knows_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="不支持这种地址"):
        consolidate(Job("nosuch://bucket/folder", tmp_path / "汇总.xlsx"))


@pytest.mark.long
@pytest.mark.many
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense"])
def test_a_scheduler_that_is_not_there_is_told(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in", *units((1,)))
    monkeypatch.setattr("nianbao.consolidate.pool.PATIENCE", "1s")
    with pytest.raises(Unreadable, match="连不上 Dask"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", scheduler=address)

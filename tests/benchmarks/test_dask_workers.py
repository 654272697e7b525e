"""A scheduler and workers for the benchmarks: they answer, end, and their processor time is known."""

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workers(load_script):
    return load_script("benchmarks/dask_workers.py")


def test_a_worker_joins_and_is_counted(workers, tmp_path):
    from distributed import Client

    cluster = workers.LocalCluster(tmp_path, workers=1)
    with cluster, Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=120)
        assert client.submit(sum, [1, 2]).result() == 3
        running = [process for process, _ in cluster._running]
    assert len(running) == 2
    assert all(process.returncode is not None for process in running)
    if workers.new_counter() is not None:
        assert cluster.processor > 0


def test_a_scheduler_that_does_not_start(workers, tmp_path, monkeypatch):
    monkeypatch.setattr(workers.sys, "executable", str(tmp_path / "python"))
    (tmp_path / "dask").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "dask").chmod(0o755)
    with pytest.raises(SystemExit, match="has not started"), workers.LocalCluster(tmp_path):
        pass

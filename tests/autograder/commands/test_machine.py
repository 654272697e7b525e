from autograder.commands import machine


def test_memory_is_in_gigabytes():
    available, total = machine.memory_gb()
    assert 0 < available <= total < 100_000

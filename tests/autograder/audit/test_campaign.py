"""A campaign on the real rubric, with a few samples: both ways, on worker processes."""

import pytest

from autograder.audit import campaign as campaigns
from autograder.audit.campaign import Campaign, ReferenceRefused
from autograder.audit.samples import Sample, swap
from autograder.audit.trial import try_network
from autograder.course.config import load_course

pytestmark = pytest.mark.tensorflow

COURSE = load_course()


def test_the_same_choice_for_the_same_rubric():
    first, second = (Campaign(COURSE, "mnist_convnet", jobs=1) for _ in range(2))
    assert first._whole_way == second._whole_way
    samples = (*first.library.mutants, *first.library.equivalents)
    for is_network in (True, False):
        names = {sample.name for sample in samples if (sample.answer is not None) == is_network}
        assert len(names) / 10 <= len(first._whole_way & names) < len(names) / 10 + 1
    everything = Campaign(COURSE, "mnist_convnet", jobs=1, everything=True)
    assert everything._whole_way == {sample.name for sample in samples}


@pytest.fixture
def small(monkeypatch):
    """The real rubric with few samples. They are the first of their kind, so that worker processes find them too."""
    read = campaigns.read_library

    def few(course, name):
        from dataclasses import replace

        library = read(course, name)
        networks = [sample for sample in library.mutants if sample.answer is not None][:3]
        code = [sample for sample in library.mutants if sample.answer is None and sample.cell][:2]
        records = [sample for sample in library.mutants if sample.records is not None][:1]
        return replace(library, mutants=(*code, *records, *networks), equivalents=library.equivalents[:1])

    monkeypatch.setattr(campaigns, "read_library", few)
    return few


def test_a_campaign(small):
    campaign = Campaign(COURSE, "mnist_convnet", jobs=2)
    campaign._whole_way = {campaign.library.mutants[-1].name}
    verdicts = list(campaign.run())
    audit = campaign.audit()
    assert len(verdicts) == campaign.total == 7
    assert [verdict.problem for verdict in audit.verdicts] == [""] * 7
    assert audit.counts == {"caught": 6, "survived": 0, "accepted": 1, "refused": 0, "collateral": 0, "unnamed": 0}
    assert [verdict.ways for verdict in audit.verdicts[-3:-1]] == [("network",), ("network", "notebook")]
    assert len(audit.unguarded) > 20  # so few samples guard few checks


def test_a_reference_that_is_wrong(small, monkeypatch):
    campaign = Campaign(COURSE, "mnist_convnet", jobs=1)
    wrong = dict(campaign.library.reference)
    wrong["data_solution"] = swap(" / 255", "")(wrong["data_solution"])
    object.__setattr__(campaign.library, "reference", wrong)
    with pytest.raises(ReferenceRefused, match=r"the reference solution of mnist_convnet loses data.images_scaled"):
        list(campaign.run())


def test_only_a_network_can_be_tried_as_one():
    library = Campaign(COURSE, "mnist_convnet", jobs=1).library
    with pytest.raises(ValueError, match="expected a sample that is a network, found code"):
        try_network(COURSE, library, Sample("code", "data_solution"), {})

import pytest

from seqlab.errors import PluginError, UserError
from seqlab.registry import Entry, Registry


def entry(
    name: str, target: str | type = "collections:OrderedDict", plugin: str = "p"
) -> Entry[object]:
    return Entry(name, "model", target, "", plugin)


def test_a_target_is_imported_when_it_is_used() -> None:
    from collections import OrderedDict

    assert entry("a").load() is OrderedDict
    assert entry("b", dict).load() is dict


@pytest.mark.parametrize("target", ["no.such.module:X", "collections:Nothing", "collections:abc"])
def test_a_target_that_is_no_class_names_its_plugin(target: str) -> None:
    with pytest.raises(PluginError) as caught:
        entry("a", target, "broken").load()
    assert "broken" in caught.value.location


def test_the_first_owner_keeps_a_name() -> None:
    registry: Registry[object] = Registry("model")
    registry.add(entry("a", dict, "first"))
    with pytest.raises(PluginError, match="'first'") as caught:
        registry.add(entry("a", list, "second"))
    assert "second" in caught.value.location
    assert registry.get("a").load() is dict


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    registry: Registry[object] = Registry("model")
    registry.add(entry("lstm"))
    with pytest.raises(UserError) as caught:
        registry.get("LSTN", location="--model", note="; note: x")
    assert "did you mean 'lstm'?" in caught.value.remedy
    assert caught.value.remedy.endswith("; note: x")


def test_entries_come_in_alphabetical_order() -> None:
    registry: Registry[object] = Registry("model")
    for name in ("b", "a", "c"):
        registry.add(entry(name))
    assert [each.name for each in registry] == ["a", "b", "c"]
    assert len(registry) == 3
    assert "b" in registry

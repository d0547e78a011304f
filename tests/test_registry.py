import pytest

from seqlab.errors import PluginError, UserError
from seqlab.registry import Entry, Registry


def make_entry(
    name: str, target: str | type = "collections:OrderedDict", plugin: str = "p"
) -> Entry[object]:
    return Entry(name, "model", target, "", plugin)


def test_a_target_is_imported_when_it_is_used() -> None:
    from collections import OrderedDict

    assert make_entry("a").load() is OrderedDict
    assert make_entry("b", dict).load() is dict


@pytest.mark.parametrize("target", ["no.such.module:X", "collections:Nothing", "collections:abc"])
def test_a_target_that_is_not_a_class_names_its_plugin(target: str) -> None:
    with pytest.raises(PluginError) as caught:
        make_entry("a", target, "broken").load()
    assert "broken" in caught.value.location


def test_the_first_entry_keeps_a_name() -> None:
    registry: Registry[object] = Registry("model")
    registry.add(make_entry("a", dict, "first"))
    with pytest.raises(PluginError, match="'first'") as caught:
        registry.add(make_entry("a", list, "second"))
    assert "second" in caught.value.location
    assert registry.get("a").load() is dict


def test_an_unknown_name_suggests_the_nearest() -> None:
    registry: Registry[object] = Registry("model")
    registry.add(make_entry("lstm"))
    with pytest.raises(UserError) as caught:
        registry.get("LSTN", location="--model", note="; note: x")
    assert "did you mean 'lstm'?" in caught.value.remedy
    assert caught.value.remedy.endswith("; note: x")


def test_entries_are_in_alphabetical_order() -> None:
    registry: Registry[object] = Registry("model")
    for name in ("b", "a", "c"):
        registry.add(make_entry(name))
    assert [entry.name for entry in registry] == ["a", "b", "c"]
    assert len(registry) == 3
    assert "b" in registry

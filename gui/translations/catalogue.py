"""A catalogue as Qt Linguist reads and writes it: one context, and for each text its forms in the language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from gui.translation import CONTEXT
from gui.translations.sources import plural

Forms = tuple[str, ...]
"""The translation; of a text about a number one for each plural form. "" is not translated yet."""

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'


def read(file: Path) -> dict[str, Forms]:
    """All texts with their forms; what Linguist marks as unfinished counts as not translated."""
    found = {}
    for message in ET.parse(file).iter("message"):
        translation = message.find("translation")
        finished = translation is not None and translation.get("type") is None
        forms = [form.text or "" for form in message.iter("numerusform")] or [message.findtext("translation", "")]
        found[message.findtext("source", "")] = tuple(forms) if finished else ("",) * len(forms)
    return found


def write(file: Path, language: str, messages: Mapping[str, Forms]) -> None:
    """Replace the file."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source, forms in messages.items():
        context.append(_message(source, forms))
    ET.indent(root, " " * 4)
    file.write_text(f"{_HEAD}{ET.tostring(root, encoding='unicode')}\n", "utf-8")


def _message(source: str, forms: Forms) -> ET.Element:
    message = ET.Element("message")
    ET.SubElement(message, "source").text = source
    translation = ET.SubElement(message, "translation")
    if not all(forms):
        translation.set("type", "unfinished")
    if plural(source):
        message.set("numerus", "yes")
        for form in forms:
            ET.SubElement(translation, "numerusform").text = form
    else:
        translation.text = forms[0]
    return message

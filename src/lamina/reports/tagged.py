"""Sentences with their spans coloured: found rightly, found wrongly, missed."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from lamina.reports.content import TaggedSentence, TaggedSpan
from lamina.reports.text import clean_text

NUM_COLOURS = 6
"""Colours that kinds of spans share in turn."""

_WORDS = {"right": "", "wrong": "not so", "missed": "missed"}


def tagged_markup(sentence: TaggedSentence, kinds: Sequence[str]) -> Markup:
    """Return a sentence whose spans are marked; those that overlap others stand below it.

    Args:
        sentence: The words and their spans.
        kinds: All kinds, which colours go by.
    """
    colours = {kind: f"c{place % NUM_COLOURS}" for place, kind in enumerate(kinds)}
    first, *others = _layers(sentence.spans) or [[]]
    lines = [_line(sentence.words, first, colours)]
    below = [_marked(sentence.words, span, colours) for layer in others for span in layer]
    if below:
        lines.append(Markup(" ").join(below))
    return Markup("").join(Markup('<p class="tagged" dir="auto">{}</p>').format(x) for x in lines)


def _layers(spans: Sequence[TaggedSpan]) -> list[list[TaggedSpan]]:
    """Return the spans in as few lines as hold them without overlap: what was answered first."""
    layers: list[list[TaggedSpan]] = []
    for span in sorted(spans, key=lambda span: (span.how == "missed", span.first)):
        for layer in layers:
            if all(span.first >= other.end or span.end <= other.first for other in layer):
                layer.append(span)
                break
        else:
            layers.append([span])
    return layers


def _line(words: Sequence[str], spans: Sequence[TaggedSpan], colours: Mapping[str, str]) -> Markup:
    parts: list[Markup] = []
    place = 0
    for span in sorted(spans, key=lambda span: span.first):
        parts += [escape(clean_text(word, 60)) for word in words[place : span.first]]
        parts.append(_marked(words, span, colours))
        place = span.end
    parts += [escape(clean_text(word, 60)) for word in words[place:]]
    return Markup(" ").join(parts)


def _marked(words: Sequence[str], span: TaggedSpan, colours: Mapping[str, str]) -> Markup:
    inside = " ".join(clean_text(word, 60) for word in words[span.first : span.end])
    note = _WORDS.get(span.how, "")
    label = clean_text(span.kind, 40) + (f", {note}" if note else "")
    how = span.how if span.how in _WORDS else ""
    return Markup('<mark class="span {} {}">{} <small>{}</small></mark>').format(
        colours.get(span.kind, "c0"), how, inside, label
    )

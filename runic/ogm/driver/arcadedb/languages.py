"""The languages of ArcadeDB's full-text indexes, by the names that models give them."""

from __future__ import annotations

_LUCENE = {
    "arabic": "ar", "armenian": "hy", "basque": "eu", "bengali": "bn", "catalan": "ca",
    "czech": "cz", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et",
    "finnish": "fi", "french": "fr", "galician": "gl", "german": "de", "greek": "el",
    "hindi": "hi", "hungarian": "hu", "indonesian": "id", "irish": "ga", "italian": "it",
    "latvian": "lv", "lithuanian": "lt", "norwegian": "no", "persian": "fa", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "spanish": "es", "swedish": "sv",
    "thai": "th", "turkish": "tr",
}  # fmt: skip

ANALYZERS = {
    name: f"org.apache.lucene.analysis.{code}.{name.title()}Analyzer"
    for name, code in _LUCENE.items()
}
"""The class of Lucene that takes text of a language apart."""

"""Log files in, events out: EVTX, XML, JSON and Splunk exports, in folders, ``.gz`` and ``.zip``.

An event is a row with Splunk's default fields, and its ``_raw`` is what Windows forwards with renderXml and Splunk
indexes. What is damaged is named and counted, and never stops the rest.
"""

from searchhead.inputs.events import Damage, Event, Skipped, Stats
from searchhead.inputs.reader import Reader

__all__ = ["Damage", "Event", "Reader", "Skipped", "Stats"]

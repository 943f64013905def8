"""The app's command with splunk-sdk's own execute loop around ``stream``: what the text loop must agree with."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bin"))

from msixdecode import MsixDecodeCommand
from splunklib.searchcommands import StreamingCommand


class StreamCommand(MsixDecodeCommand):
    """The command without its text loop."""

    def _execute(self, ifile: Any, process: Any) -> None:
        StreamingCommand._execute(self, ifile, process)


StreamCommand().process(sys.argv[:1], sys.stdin, sys.stdout)

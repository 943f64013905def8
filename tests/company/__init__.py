"""A plausible day of a company, made from a seed: what its computers write, and which of it is an attack.

It was written from the base rates of public logs and from published campaigns, without the searches of this app in
view. ``rates.csv`` says of every number where it comes from; ``catalogue.csv`` says it of every package.

- ``rates``: the numbers, and how a total is shared out after them.
- ``hosts``: the company, its hosts, people and packages of its own.
- ``catalogue``: the packages that companies have.
- ``journal``: what hosts write, in the order of time.
- ``deployments``: the events of one deployment.
- ``processes``: the events of processes, connections, scripts and registry writes.
- ``upkeep``: deployments of the Store and of Windows: nearly all there are.
- ``stories``, ``vendors``, ``in_house``: deployments from elsewhere that are nobody's attack.
- ``noise``, ``packaged``, ``scripts``, ``settings``: the rest of an ordinary day.
- ``machines``, ``stations``, ``posix``: Linux and macOS machines, and one way to tell what happens on any computer.
- ``msi``, ``products``, ``custom_actions``, ``installers``: the Windows Installer, and what it installs.
- ``linux``, ``maintainers``, ``macos``: an ordinary day on those systems, upgrades and packages with their scripts.
- ``developers``: pip, npm and others, on all systems.
- ``errands``: the account of all that is installed and is nobody's attack.
- ``attacks``, ``hostile``: what an attacker does on a host, and the scenarios that are made of it.
- ``intrusions``, ``installer_attacks``, ``script_attacks``, ``invasion``: the same by way of installers.
- ``day``: all of it together.
- ``verdicts``, ``measure``, ``page``: what the detections say to it.
"""

import sys
from pathlib import Path

# Publisher IDs are computed by the code of the command, which stands in bin.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bin"))

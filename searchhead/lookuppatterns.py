"""The cells of a lookup that are patterns: with wildcards, or networks in CIDR form."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A pattern in which ``*`` stands for any run of characters; letter case counts.

    A table has hundreds of them and most values match none, so it looks for the parts and needs no regular expression.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, pattern: str) -> Wildcard:
        """The pattern of a cell."""
        return cls(tuple(pattern.split("*")))

    def matches(self, value: str) -> bool:
        """Whether the whole value fits."""
        first, *middle = self.parts
        if not middle:
            return value == first
        last = middle.pop()
        if not value.startswith(first) or not value.endswith(last):
            return False
        at = len(first)
        for part in middle:
            at = value.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return at + len(last) <= len(value)


@dataclass(frozen=True, slots=True)
class Network:
    """A network of IPv4 or IPv6."""

    network: IPv4Network | IPv6Network

    @classmethod
    def of(cls, pattern: str) -> Network:
        """The network of a cell, host bits allowed; raises ValueError for anything else."""
        return cls(ip_network(pattern, strict=False))

    def matches(self, value: str) -> bool:
        """Whether the value is an address of the network; the value of an event need not be an address."""
        try:
            return ip_address(value) in self.network
        except ValueError:
            return False


Pattern = Wildcard | Network

"""What Windows writes about MSIX and AppX packages, taken apart: pure functions on text.

- ``identity``: package full names, package family names, and what looks odd in them.
- ``publisher``: the publisher ID that belongs to a publisher (a distinguished name).
- ``actions``: the package lists of AppXDeployment-Server event 855.
- ``decode``: any of these texts, to one flat row a package.
- ``resemblance``: the words of a name, and when two names look alike.
- ``brands``: whose name a package bears.
- ``errors``: the wording that all messages share.

The package knows no Splunk, reads no files, keeps no state and needs only the standard library.
"""

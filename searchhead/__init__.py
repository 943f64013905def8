"""The embedded search head: runs a Splunk app's own conf files without Splunk.

It reads the app's saved searches, macros, extractions and lookups as they ship, refuses whatever it does not know
before it reads an event, and starts custom search commands as Splunk does. It knows no detection.
"""

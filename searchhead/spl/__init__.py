"""The search language: from the text of a search to commands that rows flow through.

``lexer`` cuts text into tokens, ``values`` holds every rule about null, numbers, text, case and multivalues,
``expressions`` and ``functions`` are eval, ``terms`` is the search command's own boolean language, ``pipeline``
compiles a whole search, and ``commands`` has one module a command.
"""

"""The shell language: text to statements (``parser``), words to fields (``expand``), statements run (``shell``)."""

"""The browser page's side in Python: the same verbs as the command line's, run by Pyodide in a worker.

The worker puts the files that were dropped into a folder, calls :func:`nianbao.page.bridge.call` with a verb and gets
JSON back. What the page shows is made in ``view``; everything else is done by the rooms below.
"""

"""汇总: a folder of subordinate units' reports into one summary workbook, from ten units to a hundred thousand.

The main path is ``run.consolidate``: find the files (``folder``), read them in parallel (``pool``) into a ``journal``,
decide on each (``submissions``, ``leaves``), add up (``run``, ``result``), write (``summary``, ``outputs``, ``returns``).
"""

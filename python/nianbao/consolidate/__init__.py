"""汇总: a folder of subordinate units' reports into one summary workbook, from ten units to a hundred thousand.

The main path is ``run.consolidate``: find the files (``intake``), read them in parallel (``pool``, ``entry``) into
a journal, decide on each (``verdict``, ``overlap``), add up (``reckon``), write (``summary``, ``outputs``, ``back``).
"""

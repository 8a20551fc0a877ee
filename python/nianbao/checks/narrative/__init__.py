"""The narrative: its numbers and claims against the cells, its own arithmetic, its wording, what was left in.

How to add a phrase. The words that the checks look up stand in ``core/forms/phrases/zh.json``.

1. Find the kind under ``words``: ``row`` and ``column`` (classes and applicants), ``subject`` (申请, 复议, 规章 …), ``verb`` (收到, 办结),
   ``outcome``, ``change`` (制发, 废止), ``period``, ``foreign`` (what no cell holds), ``qualifier``, ``none``, ``all`` …
2. Add the word to the line of its meaning: ``"granted": ["予以公开", …, "准许查阅"]``.
3. Put ``~`` behind a word that means it only where the sentence, the heading or the section speaks of it: ``"结转~"``.
4. A family of words (上年 + 结转 + 至本年) is one line of ``families``; a list that fills its whole (四个季度) one of ``exhaustive``.
5. A form adds words of its own: ``"phrases": {"use": "zh", "words": {"row": {"granted": ["准许查阅"]}}}``.
6. Add a sentence to ``tests/cases/narrative/marked.txt``, braces around the figures whose slips must be found.
"""

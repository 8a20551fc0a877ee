"""Publishing: web page, fragment for a site's editor, Word, PDF, interchange JSON, CSV and 一图读懂, made file by file."""

from nianbao.export.export import KINDS, Job, complete, file_name, make, named
from nianbao.export.text import Issue

__all__ = ["KINDS", "Issue", "Job", "complete", "file_name", "make", "named"]

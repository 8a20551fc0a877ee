"""Publishing: web page, fragment for a site's editor, Word, PDF, interchange JSON, CSV and 一图读懂."""

from nianbao.export.files import KINDS, Stopped, export
from nianbao.export.stamp import published_fingerprint
from nianbao.export.verify import check_published, verify

__all__ = ["KINDS", "Stopped", "check_published", "export", "published_fingerprint", "verify"]

"""A report that is already published (page, Word, PDF, text, another workbook) → Report, with its doubts."""

from nianbao.ingest.ingest import Ingested, Printed, ingest

__all__ = ["Ingested", "Printed", "ingest"]

"""Appending a revision that changes nothing but what it must."""

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


class Appending(IncrementalPdfFileWriter):
    """The library's writer, without its habit of rewriting metadata.

    It would give our properties another prefix than their schema declares, turn the address of a schema into a link, which PDF/A forbids,
    and write this process's clock. A private method, version pinned; a test looks at the metadata of a sealed file.
    """

    def _update_meta(self) -> None:
        """Leave title, dates and XMP as the renderer wrote them."""

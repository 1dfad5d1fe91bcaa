"""A QR code as an image inside a page: what a tablet's camera reads off a desk's screen."""

import base64

import segno


def qr_image(address: str) -> str:
    """A `data:` address of an SVG picture, black on white with its quiet zone whatever the page's colours."""
    svg = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

"""The map: layers that features register, drawn in the browser from compact payloads of what lies in view."""

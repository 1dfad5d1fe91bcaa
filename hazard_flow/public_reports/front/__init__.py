"""The pages anybody may open: the form behind the code at an asset, and how a report stands."""

"""The alarm desk: who hears an alert, acknowledges it, looks, says what it was. Nothing here stops evaluation or closes a hazard."""

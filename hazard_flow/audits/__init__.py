"""The audit desk: closure files in a queue, twenty points, passing and sending back, sampling, and batch export."""

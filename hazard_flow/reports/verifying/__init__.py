"""Verifying a closure file by the file alone: seal, time, record, chain, proof, manifest, and what its pages say."""

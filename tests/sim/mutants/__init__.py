"""Faults planted into the running product, one at a time: the oracle must find each of them, and nothing where there is none.

An oracle that never spoke would agree with everything. Each mutant says in a sentence what it breaks; it is planted by replacing one
function where it is used, in this process, for one short episode of the random city.
"""

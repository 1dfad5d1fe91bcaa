"""Daily work beside rounds: training, drills, duty, leaders' checks, cylinders, evaluations, money, special equipment, complaints, posts.

One register for all of it. What a record of each kind holds, when it is due and which figures are made of it stands in `lines.v1.yaml`.
"""

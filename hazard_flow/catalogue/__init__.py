"""The hazard catalogue (隐患目录): what a hidden danger can be, the clause behind it, and what it usually takes."""

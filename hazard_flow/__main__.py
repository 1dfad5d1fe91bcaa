"""`python -m hazard_flow` and the installed command `hazard-flow`."""

from hazard_flow.cli import main

if __name__ == "__main__":
    main()

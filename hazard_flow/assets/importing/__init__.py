"""Assets from files and into files: judged row by row, stored in sets, whole or not at all."""

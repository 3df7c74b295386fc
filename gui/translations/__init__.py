"""The catalogues of the languages, and what keeps them in step with the texts of the program."""

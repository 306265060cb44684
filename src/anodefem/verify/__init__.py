"""Problems with a known answer, solved by the code that solves the cases of users."""

"""From a case to its model, Newton, linear solvers, time stepping, and the run of a case."""

"""Conservation and parallel runs."""

"""Sources, the one validated `Table`, the calendar of breaks and shocks, and checks that turn data into findings."""

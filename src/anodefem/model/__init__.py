"""The discrete model: mesh, fields, weak forms and history."""

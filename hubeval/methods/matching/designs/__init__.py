"""Who is set beside whom, and with what weight: one file a design, and the sample that they make (`matched`)."""

"""What is owed to groups and to the office by mail, and how it gets there."""

"""What everybody may see: what is on, which rooms there are, and who we are."""

"""The learner's own side: what they know, and what follows from it for what to learn next."""

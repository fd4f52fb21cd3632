"""Episodes of a task that can be learnt, for tests, demonstrations and a first look; no robot needed."""

"""Behaviour cloning of a small state-space policy from recorded episodes, as a command that a worker runs.

`python -m trainer` trains, `python -m trainer.evaluate` measures. README.md has the contract and the model.
This file imports nothing, so that the command can answer a signal before JAX has been loaded.
"""

# The format of config.json and of the tensors' names; another number is refused by whoever reads it.
FORMAT = "state-space-policy.v1"

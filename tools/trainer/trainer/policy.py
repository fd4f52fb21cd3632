"""The policy in JAX: what an adapted base answers to a batch of episodes, and how far off that is."""

import jax
import jax.numpy as jnp


def adapted(base, adapter, scale):
    """The matrices B, C and D with the adapter in them. `base` is a BasePolicy, `scale` lora_alpha / rank."""
    return {
        name: matrix + scale * (adapter[f"{name}.lora_b"] @ adapter[f"{name}.lora_a"])
        for name, matrix in base.matrices.items()
    }


def actions(base, adapter, scale, inputs):
    """Normalised actions [N, T, A] for normalised observations [N, T, F]; an episode begins with state 0.

    Only the state is carried from step to step; what doesn't hang on it stands outside of the scan.
    """
    matrices = adapted(base, adapter, scale)
    cosine, sine = base.turn
    driven = jnp.moveaxis(inputs @ matrices["B"].T, 1, 0)  # [T, N, S]
    first, second = jnp.split(driven, 2, axis=-1)  # each [T, N, S/2]

    def step(state, drive):
        a, b = state
        state = (cosine * a - sine * b + drive[0], sine * a + cosine * b + drive[1])
        return state, state

    zero = jnp.zeros(first.shape[1:], first.dtype)
    _, states = jax.lax.scan(step, (zero, zero), (first, second))
    states = jnp.moveaxis(jnp.concatenate(states, axis=-1), 0, 1)  # [N, T, S]
    return states @ matrices["C"].T + inputs @ matrices["D"].T


def squared_error(base, adapter, scale, inputs, targets, mask):
    """The sum over all steps of the mean over actions of the squared error, and the number of steps."""
    error = actions(base, adapter, scale, inputs) - targets
    return jnp.sum(jnp.mean(error**2, axis=-1) * mask), jnp.sum(mask)


def loss(base, adapter, scale, inputs, targets, mask):
    """The mean squared error of a step; always answering the mean action costs 1."""
    total, steps = squared_error(base, adapter, scale, inputs, targets, mask)
    return total / steps
